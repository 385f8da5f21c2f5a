"""MNIST, the whole of it: handwritten digits of 28 × 28 grey pixels, read when first asked for.

LeCun, Bottou, Bengio and Haffner (1998). The first 50,000 digits of its training file are for
training and the last 10,000 for validation, so that the test file stays untouched until the end.
"""

from __future__ import annotations

import lzma
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float, UInt8

from core import assets
from core.config import ConfigError, generator

FOLDER = assets.ASSETS / "data" / "mnist"
CLASSES = 10
SOURCE = "MNIST (CC BY-SA 3.0), shipped"

Split = Literal["train", "validation", "test"]
PARTS: dict[Split, tuple[str, slice]] = {
    "train": ("train", slice(0, 50_000)),
    "validation": ("train", slice(50_000, 60_000)),
    "test": ("t10k", slice(0, 10_000)),
}


@dataclass(frozen=True)
class Digits:
    """Digits and what they are meant to be. What `load` returns is read-only."""

    images: UInt8[np.ndarray, "digits rows columns"]  # 0 is paper, 255 is ink
    labels: UInt8[np.ndarray, " digits"]  # 0..9

    def __len__(self) -> int:
        return len(self.labels)

    def per_class(self, count: int, seed: int = 0) -> Digits:
        """`count` different digits of each class, at random, in mixed order. Raises ConfigError."""
        fewest = int(np.bincount(self.labels, minlength=CLASSES).min())
        if not 1 <= count <= fewest:
            raise ConfigError(
                f"There are {fewest:,} digits of the rarest class; ask for 1 to that."
            )
        order = torch.randperm(len(self), generator=generator(seed)).numpy()
        shuffled = self.labels[order]
        rank = np.empty(len(self), np.int64)  # the how-manieth of its class each one is
        for digit in range(CLASSES):
            rank[shuffled == digit] = np.arange((shuffled == digit).sum())
        chosen = order[rank < count]
        return Digits(self.images[chosen], self.labels[chosen])


@cache
def load(split: Split) -> Digits:
    """One part of MNIST: 50,000 for training, 10,000 for validation, 10,000 for the test."""
    file, part = PARTS[split]
    images, labels = _file(file)
    return Digits(images[part], labels[part])


def average_2x2(
    images: UInt8[np.ndarray, "digits rows columns"],
) -> Float[np.ndarray, "digits rows/2 columns/2"]:
    """Half as high and wide, each pixel the mean of four, from 0 (paper) to 1 (ink)."""
    count, rows, columns = images.shape
    blocks = images.reshape(count, rows // 2, 2, columns // 2, 2)
    means: np.ndarray = blocks.mean(axis=(2, 4), dtype=np.float64) / 255
    return means


@cache
def _file(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Images and labels of one pair of idx files, without their headers."""
    images = lzma.decompress(assets.read(FOLDER / f"{name}-images-idx3-ubyte.xz"))
    labels = lzma.decompress(assets.read(FOLDER / f"{name}-labels-idx1-ubyte.xz"))
    return (
        np.frombuffer(images, np.uint8, offset=16).reshape(-1, 28, 28),
        np.frombuffer(labels, np.uint8, offset=8),
    )
