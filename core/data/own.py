"""A visitor's own arrays: checked for what they shall be, and kept under a key of their content."""

from __future__ import annotations

import hashlib
import os
import secrets
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import safetensors.numpy
from jaxtyping import Float, Int

from core.config import ConfigError, clip, is_key
from core.data.files import Arrays, check_rows

MOST_CLASSES = 8  # as many as there are colours that everybody can tell apart
MOST_FILES, MOST_KEPT = 500, 4 * 10**9  # files and bytes kept at a time; the oldest go
LARGEST, TINY = 1e9, 1e-30  # the latter in standard deviations, by which data are divided


def check_points(
    arrays: Arrays,
) -> tuple[Float[np.ndarray, "points 2"], Int[np.ndarray, " points"]]:
    """Points of the plane and a class for each, all 0 where there are none.

    From `data` (points, 2) and optional integer `labels` (points,), or `data` (points, 3) whose
    third column is the labels.
    """
    if "data" not in arrays:
        found = ", ".join(f"“{clip(name)}”" for name in list(arrays)[:5]) or "none"
        raise ConfigError(f"The file has no array named “data” (found: {found}); rename yours.")
    data = arrays["data"]
    if data.ndim == 2 and data.shape[1] == 3 and "labels" not in arrays:
        data, labels = data[:, :2], data[:, 2]
    else:
        labels = arrays.get("labels", np.zeros(len(data) if data.ndim else 0))
    if data.ndim != 2 or data.shape[1] != 2:
        raise ConfigError(
            f"The points are {shape_of(data)}; make them N × 2, an x and a y per row."
        )
    check_rows(len(data))
    data = numbers(data, "data")
    if (data.max(axis=0) == data.min(axis=0)).any() or (data.std(axis=0) <= TINY).any():
        raise ConfigError("All points lie on one line along an axis; spread them in x and in y.")
    return data, _check_labels(labels, len(data))


def keep(arrays: Arrays) -> str:
    """Store checked arrays; the key under which `load` finds them is their content's."""
    raw = safetensors.numpy.save({name: np.ascontiguousarray(a) for name, a in arrays.items()})
    key = hashlib.sha256(raw).hexdigest()[:32]
    # Written aside and moved, so that no reader ever sees half a file.
    part = folder() / f"{secrets.token_hex(8)}.part"
    try:
        folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        part.write_bytes(raw)
        part.replace(_path(key))
    except OSError:
        part.unlink(missing_ok=True)
        raise ConfigError("The server has no room for this file now; try again later.") from None
    _tidy()
    return key


def load(key: str) -> Arrays:
    """The arrays that `keep` stored. Raises ConfigError where there are none of that key."""
    if not is_key(key) or not _path(key).is_file():
        raise ConfigError("These own data are no longer here; upload the file again.")
    return safetensors.numpy.load(_path(key).read_bytes())


def is_lost(value: object) -> bool:
    """Whether a setting's value is the key of data that are no longer kept."""
    return isinstance(value, str) and is_key(value) and not _path(value).is_file()


def names_data(*shipped: str) -> Callable[[str], str]:
    """A validator for settings: the text is one of `shipped`, or has the form of a key."""

    def check(name: str) -> str:
        if name not in shipped and not is_key(name):
            raise ValueError("These own data are not known here; upload the file again.")
        return name

    return check


def folder() -> Path:
    """Where uploads are kept: GLASSBOX_UPLOADS, or a folder among the temporary ones."""
    default = Path(tempfile.gettempdir(), "glassbox", "uploads")
    return Path(os.environ.get("GLASSBOX_UPLOADS", default))


def _path(key: str) -> Path:
    return folder() / f"{key}.safetensors"


def _tidy() -> None:
    kept, size = [], 0
    for path in folder().glob("*.safetensors"):
        with suppress(FileNotFoundError):  # somebody else is tidying, too
            kept.append((path.stat().st_mtime_ns, path.stat().st_size, path))
    for number, (_, taken, path) in enumerate(sorted(kept, reverse=True), start=1):
        size += taken
        if number > 1 and (number > MOST_FILES or size > MOST_KEPT):
            path.unlink(missing_ok=True)


def shape_of(array: np.ndarray) -> str:
    """Such as "40 × 2"."""
    return " × ".join(map(str, array.shape)) or "a single number"


def numbers(array: np.ndarray, name: str) -> np.ndarray:
    """As float64, finite and of a size that survives float32."""
    if array.dtype.kind not in "fiu":
        raise ConfigError(f"“{name}” holds {array.dtype}; save it as plain numbers.")
    exact = array.astype(np.float64)
    if not np.isfinite(exact).all():
        raise ConfigError(f"“{name}” holds NaN or infinity; remove those rows.")
    if np.abs(exact).max(initial=0.0) > LARGEST:
        raise ConfigError(f"“{name}” holds numbers beyond {LARGEST:g}; scale them down.")
    return exact


def _check_labels(labels: np.ndarray, rows: int) -> Int[np.ndarray, " points"]:
    if labels.shape != (rows,):
        raise ConfigError(f"The labels do not fit; give one per point, {rows:,} in one row.")
    exact = numbers(labels, "labels")
    if (exact != np.round(exact)).any():
        raise ConfigError("The labels are not whole numbers; number the classes 0, 1, 2 and so on.")
    classes, counts = np.unique(exact, return_counts=True)
    if len(classes) > MOST_CLASSES:
        raise ConfigError(
            f"There are {len(classes):,} different labels and {MOST_CLASSES} are the most;"
            " merge some, or leave the labels out."
        )
    if counts.min() < 5:
        few = classes[counts.argmin()]
        raise ConfigError(f"Class {few:g} has {counts.min()} points; give each class at least 5.")
    return exact.astype(np.int64)
