"""MNIST at 14 × 14 as vectors, so small that many networks can learn it while one looks on."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from core.config import Config, setting
from core.data import mnist

MEAN, SPREAD = 0.131, 0.281  # of the pixels of the 50,000 training digits


class Descent(Config):
    """Settings of plain gradient descent on them."""

    learning_rate: float = setting(
        0.1,
        label="Learning rate η",
        ge=1e-3,
        le=2,
        scale="log",
        live=True,
        help="Of gradient descent, the same for all networks.",
    )
    max_steps: int = setting(
        1000, label="Steps", ge=1, le=20_000, advanced=True, help="Where the run ends."
    )


def small_digits(
    split: mnist.Split, per_class: int, device: torch.device, seed: int = 0
) -> tuple[Float[Tensor, "digits 196"], Int[Tensor, " digits"]]:
    """`per_class` digits of each class, standardised, and their labels. Raises ConfigError."""
    digits = mnist.load(split).per_class(per_class, seed)
    images = torch.from_numpy(mnist.average_2x2(digits.images)).float().flatten(1)
    labels = torch.from_numpy(digits.labels.astype(np.int64))
    return ((images - MEAN) / SPREAD).to(device), labels.to(device)
