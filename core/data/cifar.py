"""CIFAR-10: colour pictures of 32 × 32 in ten classes (Krizhevsky 2009), decoded once per process.

What ships is a part of it; the whole is read from a data folder or fetched once. The last tenth
of every 5,000 training pictures is for validation, so that a net trained on the whole has not
seen what one trained on the part is judged by.
"""

from __future__ import annotations

import os
import tarfile
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal
from urllib.error import URLError

import numpy as np
import torch
from jaxtyping import Float, Int, UInt8
from PIL import Image
from torch import Tensor

from core import assets
from core.config import ConfigError

FOLDER = assets.ASSETS / "data" / "cifar10"
CLASSES = (
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
)  # fmt: skip
SHORT = ("plane", "car", *CLASSES[2:])  # for where there is little room
SIDE = 32  # pixels
URL = "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"
MD5 = "c32a1d4ab5d03f1284b67883e8d87530"

Data = Literal["shipped", "whole"]
DATA: dict[Data, str] = {"shipped": "shipped part (10,000)", "whole": "whole set (50,000)"}
Split = Literal["train", "validation", "test"]
File = Literal["train", "test"]
Part = tuple[np.ndarray, np.ndarray]  # images (n, 3, 32, 32) and labels (n,), of bytes


@dataclass(frozen=True)
class Pictures:
    """Pictures and what they show. What `load` returns is shared: change it nowhere."""

    images: UInt8[Tensor, "pictures channels height width"]
    labels: Int[Tensor, " pictures"]  # index into CLASSES

    def __len__(self) -> int:
        return len(self.labels)

    def first(self, count: int) -> Pictures:
        """The first `count`, or all where there are fewer; their order is a random one."""
        return Pictures(self.images[:count], self.labels[:count])

    def to(self, device: torch.device) -> Pictures:
        """The same on a device."""
        return Pictures(self.images.to(device), self.labels.to(device))


@cache
def load(split: Split, data: Data = "shipped") -> Pictures:
    """One part of CIFAR-10; shipped 9,000, 1,000 and 5,000 pictures, whole 45,000, 5,000, 10,000.

    Raises ConfigError where the whole set is asked for and cannot be had.
    """
    parts = [_split(part, split) for part in _files("test" if split == "test" else "train", data)]
    images, labels = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return Pictures(torch.from_numpy(images), torch.from_numpy(labels.astype(np.int64)))


def pixels(images: UInt8[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """From 0 (dark) to 1 (bright), as every classifier here takes them."""
    return images.float() / 255


def source(data: Data = "shipped") -> str:
    """What a page says of these pictures."""
    return "CIFAR-10 (Krizhevsky 2009), " + ("shipped in part" if data == "shipped" else "whole")


def _split(part: Part, split: Split) -> Part:
    images, labels = part
    cut = len(labels) - len(labels) // 10
    kept = {"train": slice(cut), "validation": slice(cut, None), "test": slice(None)}[split]
    return images[kept], labels[kept]


def _files(file: File, data: Data) -> list[Part]:
    """Parts of 5,000 pictures, in the original order."""
    if data == "shipped":
        return [_sheet(FOLDER, file, at) for at in range({"train": 2, "test": 1}[file])]
    if folder := _own_folder():
        return [_sheet(folder, file, at) for at in range({"train": 10, "test": 2}[file])]
    return _published(file)


def _own_folder() -> Path | None:
    """Where GLASSBOX_DATA has the whole set as sheets."""
    folder = Path(os.environ.get("GLASSBOX_DATA", ""), "embed", "cifar10")
    return folder if "GLASSBOX_DATA" in os.environ and folder.is_dir() else None


def _sheet(folder: Path, file: File, at: int) -> Part:
    """One sheet of pictures, in rows, and its labels."""
    path = folder / f"{file}_{at}.webp"
    if folder == FOLDER:
        assets.read(path)  # for its sum
    try:
        with Image.open(path) as sheet:
            grid = np.asarray(sheet.convert("RGB"))
        with np.load(folder / "labels.npz") as arrays:
            labels: np.ndarray = arrays[file]
    except (OSError, KeyError, ValueError):
        raise ConfigError(
            f"{path} or its labels cannot be read; copy the data folder again."
        ) from None
    rows, columns = grid.shape[0] // SIDE, grid.shape[1] // SIDE
    images = grid.reshape(rows, SIDE, columns, SIDE, 3).transpose(0, 2, 4, 1, 3)
    count = rows * columns
    return images.reshape(count, 3, SIDE, SIDE), labels[at * count :][:count]


def _published(file: File) -> list[Part]:
    """From its author's archive: records of a label and 3 × 32 × 32 bytes."""
    names = [f"data_batch_{n}.bin" for n in range(1, 6)] if file == "train" else ["test_batch.bin"]
    parts: list[Part] = []
    with tarfile.open(_archive()) as archive:
        for name in names:
            member = archive.extractfile(f"cifar-10-batches-bin/{name}")
            assert member is not None
            records = np.frombuffer(member.read(), np.uint8).reshape(-1, 1 + 3 * SIDE * SIDE)
            for half in np.split(records, 2):
                parts.append((half[:, 1:].reshape(-1, 3, SIDE, SIDE), half[:, 0]))
    return parts


def _archive() -> Path:
    """The archive in the user's cache, fetched once (170 MB) and checked."""
    from torchvision.datasets.utils import download_url  # slow to import, rarely needed

    home = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"), "glassbox")
    path = home / Path(URL).name
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        # Fetched aside and moved, so that no reader ever sees half a file.
        with tempfile.TemporaryDirectory(dir=home) as aside:
            try:
                download_url(URL, aside, path.name, MD5)
            except (OSError, RuntimeError, URLError):
                raise ConfigError(
                    "The whole of CIFAR-10 could not be fetched from its author's page;"
                    " take the shipped part, or name a folder that has it in GLASSBOX_DATA."
                ) from None
            Path(aside, path.name).replace(path)
    return path
