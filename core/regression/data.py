"""Pairs (x, y) with a known truth under the noise, and how they are served in batches."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor
from torch.utils.data import BatchSampler, DataLoader, Dataset, RandomSampler

from core.data.tables import Table

LINE, CURVE = 2.0, 3.0  # x is drawn from [−2, 2] or [−3, 3]
CALM = 0.2  # share of the noise that is there at the curve's left end


class Pairs(Dataset[tuple[Tensor, Tensor]]):
    """x and y of as many points, (points, features) each."""

    def __init__(self, x: Float[Tensor, "points d"], y: Float[Tensor, "points out"]) -> None:
        self.x, self.y = x, y

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, index: list[int]) -> tuple[Tensor, Tensor]:
        """All points of a batch at once."""
        return self.x[index], self.y[index]

    def batches(self, size: int, source: torch.Generator) -> DataLoader[tuple[Tensor, Tensor]]:
        """Every point once, in an order drawn from `source`, `size` at a time."""
        order = BatchSampler(RandomSampler(self, generator=source), size, drop_last=False)
        return DataLoader(self, batch_size=None, sampler=order, generator=source)


def noisy_line(
    points: int, slope: float, intercept: float, noise: float, source: torch.Generator
) -> tuple[Float[Tensor, "points 1"], Float[Tensor, "points 1"]]:
    """y = αx + β + e with e ~ N(0, noise²)."""
    x = uniform(points, LINE, source)
    return x, slope * x + intercept + noise * torch.randn(points, 1, generator=source)


def noisy_curve(points: int, noise: float, source: torch.Generator) -> Table:
    """y = f(x) + σ(x)e with e ~ N(0, 1), and as many points again for validation."""
    x = uniform(2 * points, CURVE, source).double()
    y = curve(x) + spread(x, noise) * torch.randn(len(x), 1, generator=source)
    return Table(x[:points], y[:points, 0], x[points:], y[points:, 0], x[:0])


def curve(x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """f(x) = sin 3x/2 + x/2"""
    return torch.sin(1.5 * x) + x / 2


def spread(x: Float[Tensor, "*shape"], noise: float) -> Float[Tensor, "*shape"]:
    """σ(x), the standard deviation of the curve's noise: `noise` at the right end, less before."""
    share = (x + CURVE) / (2 * CURVE)
    return noise * (CALM + (1 - CALM) * share**2)


def uniform(points: int, half: float, source: torch.Generator) -> Float[Tensor, "points 1"]:
    """From [−half, half]."""
    return half * (2 * torch.rand(points, 1, generator=source) - 1)
