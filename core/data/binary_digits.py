"""MNIST at 14 × 14 in black and white: a pixel is ink where two thirds of it are."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from core.data import mnist

Which = Literal["all", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]
NAMES: dict[Which, str] = {name: name for name in get_args(Which)}
SIDE = 14
INK = 2 / 3  # of a pixel, from which on it is called ink


def binary_digits(
    split: mnist.Split, per_class: int, device: torch.device, which: Which = "all"
) -> tuple[Float[Tensor, "digits 196"], Int[Tensor, " digits"]]:
    """`per_class` digits of each class, or of one, with pixels 0 and 1, and their labels.

    Raises ConfigError where there are not so many.
    """
    digits = mnist.load(split).per_class(per_class)
    chosen = np.full(len(digits), True) if which == "all" else digits.labels == int(which)
    ink = mnist.average_2x2(digits.images[chosen]) > INK
    labels = torch.from_numpy(digits.labels[chosen].astype(np.int64))
    return torch.from_numpy(ink).float().flatten(1).to(device), labels.to(device)
