"""Pictures as bytes, and the bounded histories of a run.

A frame is one message in the safetensors layout: 8 bytes of header length (little-endian),
a JSON header, then raw arrays. Numbers ride as arrays, so that NaN and infinity survive;
step, scalars, words and text arrays ride as strings in the header's `__metadata__`:

    kind     "frame", "backdrop" or "series"
    step     decimal integer                                     (frame)
    scalars  JSON {name: text of the number}, e.g. "nan"         (frame)
    words    one or two sentences                                (frame)
    text     JSON {array name: list of strings}                  (frame, backdrop)
    about    JSON {"data", "weights", "device", "total": ...}    (backdrop)
    names    JSON list: columns of the float32 array `values`    (series)
    stride   decimal integer: rows kept are its multiples        (series)
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
import safetensors.numpy

from core.experiment import Experiment, Pictures, Scalars

HYPHEN = re.compile(r"(?<![\w.])-(?=\.?\d)")  # that stands for a minus sign
DTYPES = {np.dtype(kind) for kind in (np.float32, np.int32, np.uint8)}
T = TypeVar("T")


@dataclass(frozen=True)
class Frame:
    """A decoded frame."""

    step: int
    scalars: Mapping[str, float]
    words: str
    arrays: Pictures


def encode_frame(step: int, scalars: Scalars, words: str, arrays: Pictures) -> bytes:
    """One frame as bytes. Raises TypeError for an array the browser has no type for."""
    texts = {name: repr(float(value)) for name, value in scalars.items()}
    return _encode(arrays, kind="frame", step=str(step), scalars=json.dumps(texts), words=words)


def encode_backdrop(arrays: Pictures, about: Mapping[str, str]) -> bytes:
    """What stays the same throughout a run, as bytes."""
    return _encode(arrays, kind="backdrop", about=json.dumps(dict(about)))


def decode_frame(message: bytes) -> Frame:
    """The inverse of `encode_frame`."""
    metadata, arrays = _decode(message)
    scalars = {name: float(text) for name, text in json.loads(metadata["scalars"]).items()}
    return Frame(int(metadata["step"]), scalars, metadata["words"], arrays)


def decode_backdrop(message: bytes) -> tuple[Pictures, dict[str, str]]:
    """The inverse of `encode_backdrop`."""
    metadata, arrays = _decode(message)
    return arrays, json.loads(metadata["about"])


def packet(messages: Iterable[bytes]) -> bytes:
    """Messages one after another, each behind its length as a little-endian uint32."""
    return b"".join(part for m in messages for part in (struct.pack("<I", len(m)), m))


def shoot(experiment: Experiment, scalars: Scalars) -> bytes:
    """The frame of an experiment as it stands."""
    words = HYPHEN.sub("−", experiment.words())
    return encode_frame(experiment.steps, scalars, words, experiment.picture())


def _encode(arrays: Pictures, **metadata: str) -> bytes:
    text = {name: array.tolist() for name, array in arrays.items() if array.dtype.kind == "U"}
    numbers = {name: np.ascontiguousarray(a) for name, a in arrays.items() if name not in text}
    for name, array in numbers.items():
        if array.dtype not in DTYPES:
            raise TypeError(f"“{name}” is {array.dtype}; pictures are float32, int32 or uint8.")
    return safetensors.numpy.save(numbers, metadata | {"text": json.dumps(text)})


def _decode(message: bytes) -> tuple[dict[str, str], dict[str, np.ndarray]]:
    (length,) = struct.unpack_from("<Q", message)
    metadata = json.loads(message[8 : 8 + length])["__metadata__"]
    text = {name: np.array(lines) for name, lines in json.loads(metadata["text"]).items()}
    return metadata, safetensors.numpy.load(message) | text


class Timeline(Generic[T]):
    """Frames at step counts, bounded, always spanning the run.

    Kept are the multiples of `stride`. When there are too many, or they are too large
    together, every second one goes and the stride doubles. Nothing depends on the clock, so
    the same run leaves the same recording. `size` is what a frame takes, in bytes.
    """

    def __init__(
        self,
        most: int = 256,
        most_bytes: int = 24 * 2**20,
        stride: int = 1,
        size: Callable[[Any], int] = len,
    ) -> None:
        self.most, self.most_bytes = most, most_bytes
        self.stride, self.size = stride, size
        self.frames: dict[int, T] = {}
        self._bytes = 0

    def wants(self, step: int) -> bool:
        """Whether the frame of this step is to be kept."""
        return step % self.stride == 0 and step not in self.frames

    def add(self, step: int, frame: T) -> None:
        """Keep a frame that `wants` asked for."""
        self._bytes += self.size(frame)
        self.frames[step] = frame
        while len(self.frames) > 2 and (
            len(self.frames) > self.most or self._bytes > self.most_bytes
        ):
            self.stride *= 2
            self._keep(step for step in self.frames if step % self.stride == 0)

    def cut(self, after: int) -> None:
        """Forget what lies after a step: the run goes on from there."""
        self._keep(step for step in self.frames if step <= after)

    def _keep(self, steps: Iterable[int]) -> None:
        self.frames = {step: self.frames[step] for step in steps}
        self._bytes = sum(map(self.size, self.frames.values()))


class Series:
    """The scalars of all steps as a table, bounded by dropping every second row when full."""

    def __init__(self, most: int = 16_384) -> None:
        self.most = most
        self.stride = 1
        self.names: list[str] = []
        self._rows = 0
        self._steps = np.empty(0, np.int32)  # with room for more rows, as `_values` has
        self._values = np.empty((0, 0), np.float64)

    @property
    def steps(self) -> np.ndarray:
        """Of the rows, (rows,). Rows that are there are never written to again."""
        return self._steps[: self._rows]

    @property
    def values(self) -> np.ndarray:
        """(rows, names)."""
        return self._values[: self._rows]

    @property
    def last(self) -> int:
        """The step of the last row; -1 where there is none."""
        return int(self.steps[-1]) if len(self.steps) else -1

    def extend(self, names: list[str], steps: np.ndarray, values: np.ndarray) -> None:
        """Add rows; `steps` is (rows,), `values` is (rows, len(names))."""
        if not self.names:
            self.names, self._values = names, np.empty((0, len(names)), np.float64)
        kept = steps % self.stride == 0
        start, self._rows = self._rows, self._rows + int(kept.sum())
        if self._rows > len(self._steps):
            room = 2 * self._rows - start
            self._steps = np.concatenate([self._steps[:start], np.empty(room, np.int32)])
            self._values = np.concatenate([self._values[:start], np.empty((room, len(names)))])
        self._steps[start : self._rows], self._values[start : self._rows] = (
            steps[kept],
            values[kept],
        )
        while self._rows > self.most:
            self.stride *= 2
            self._keep(self.steps % self.stride == 0)

    def cut(self, after: int) -> None:
        """Forget the rows after a step."""
        self._keep(self.steps <= after)

    def encode(self, after: int = -1) -> bytes:
        """The rows after a step, as a message of kind "series"."""
        start = int(np.searchsorted(self.steps, after, side="right"))
        return _encode(
            {"steps": self.steps[start:], "values": self.values[start:].astype(np.float32)},
            kind="series",
            names=json.dumps(self.names),
            stride=str(self.stride),
        )

    def _keep(self, rows: np.ndarray) -> None:
        self._steps, self._values = self.steps[rows], self.values[rows]
        self._rows = len(self._steps)


def csv(names: list[str], steps: np.ndarray, values: np.ndarray) -> str:
    """A series as text, one line per row, full precision."""
    lines = [",".join(["step", *names])]
    for step, row in zip(steps.tolist(), values.tolist(), strict=True):
        lines.append(",".join([str(step), *map(repr, row)]))
    return "\n".join(lines) + "\n"
