"""What a diffusion of images learns: digits, digits at half size, or the pictures of CIFAR-10."""

from __future__ import annotations

from functools import cache
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from core.data import cifar, mnist
from core.data.cifar import Pictures

Kind = Literal["digits", "small_digits", "pictures", "all_pictures"]
Split = Literal["train", "validation"]
KINDS: dict[Kind, str] = {
    "digits": "digits, 28 × 28",
    "small_digits": "digits, 14 × 14",
    "pictures": "pictures, 32 × 32",
    "all_pictures": "pictures, whole set (170 MB)",
}


@cache
def load(kind: Kind, split: Split) -> Pictures:
    """Training or validation pictures with one channel (digits) or three; shared: change nothing.

    Raises ConfigError where the whole of CIFAR-10 is asked for and cannot be had.
    """
    if kind == "pictures" or kind == "all_pictures":
        return cifar.load(split, "shipped" if kind == "pictures" else "whole")
    digits = mnist.load(split)
    images = digits.images
    if kind == "small_digits":
        images = (255 * mnist.average_2x2(images)).round().astype(np.uint8)
    labels = torch.from_numpy(digits.labels.astype(np.int64))
    return Pictures(torch.from_numpy(images[:, None].copy()), labels)


def source(kind: Kind) -> str:
    """What a page says of them."""
    if kind == "pictures" or kind == "all_pictures":
        return cifar.source("shipped" if kind == "pictures" else "whole")
    return mnist.SOURCE + (", averaged to 14 × 14" if kind == "small_digits" else "")


def from_bytes(images: UInt8[Tensor, "n c h w"]) -> Float[Tensor, "n c h w"]:
    """From −1 (dark) to 1 (bright), as Ho et al. (2020) have it."""
    return images.float() / 127.5 - 1


def to_bytes(x: Float[Tensor, "n c h w"]) -> UInt8[np.ndarray, "n h w *c"]:
    """Pictures for a person: what is beyond ±1 is cut off, what is no number is dark."""
    levels = ((x.float().nan_to_num(-1).clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
    shown: np.ndarray = levels.permute(0, 2, 3, 1).to("cpu", copy=True).contiguous().numpy()
    return shown[..., 0] if shown.shape[-1] == 1 else shown
