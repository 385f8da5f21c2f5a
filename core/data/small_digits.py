"""MNIST at 14 × 14 as vectors, so small that many networks can learn it while one looks on."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from core.data import mnist

MEAN, SPREAD = 0.131, 0.281  # of the pixels of the 50,000 training digits


def small_digits(
    split: mnist.Split, per_class: int, device: torch.device, seed: int = 0
) -> tuple[Float[Tensor, "digits 196"], Int[Tensor, " digits"]]:
    """`per_class` digits of each class, standardised, and their labels. Raises ConfigError."""
    digits = mnist.load(split).per_class(per_class, seed)
    images = torch.from_numpy(mnist.average_2x2(digits.images)).float().flatten(1)
    labels = torch.from_numpy(digits.labels.astype(np.int64))
    return ((images - MEAN) / SPREAD).to(device), labels.to(device)
