"""Questions x with several right answers y: a ring, a fork, and a curve read the wrong way."""

from __future__ import annotations

import math
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

Shape = Literal["ring", "fork", "inverse"]
SHAPES: dict[Shape, str] = {
    "ring": "a ring",
    "fork": "a fork",
    "inverse": "a wave, asked for y",
}
X, Y = (-1.2, 1.2), (-1.5, 1.5)  # what is shown
MOST_ANSWERS = 3
FINE = 2_001  # places at which the wave is searched for its answers


def draw(
    shape: Shape, count: int, thickness: float, source: torch.Generator
) -> tuple[Float[Tensor, " count"], Float[Tensor, " count"]]:
    """x and y of `count` points; y has Gaussian noise of standard deviation `thickness`."""
    device = source.device
    u, side, noise = (torch.rand(count, generator=source, device=device) for _ in range(3))
    noise = math.sqrt(2) * torch.erfinv((2 * noise - 1).clamp(-0.9999, 0.9999))
    if shape == "ring":
        x, y = torch.cos(2 * math.pi * u), torch.sin(2 * math.pi * u)
    elif shape == "fork":
        x = 2 * u - 1
        y = torch.where(side < 0.5, 1.0, -1.0) * x.relu()
    else:
        y = 2 * u - 1
        x = _wave(y)
    return x, y + thickness * noise


def answers(shape: Shape, x: float) -> list[float]:
    """The right answers to one x, without noise: none to three."""
    if shape == "ring":
        return [math.sqrt(1 - x * x), -math.sqrt(1 - x * x)] if abs(x) < 1 else []
    if shape == "fork":
        return ([x, -x] if x > 0 else [0.0]) if abs(x) <= 1 else []
    y = torch.linspace(-1, 1, FINE, dtype=torch.float64)
    above = _wave(y) > x
    return [float(y[i]) for i in (above[1:] != above[:-1]).nonzero()[:, 0]]


def _wave(y: Tensor) -> Tensor:
    """x = .7 y + .35 sin 2πy: each x in the middle has three y (after Bishop 1994)."""
    return 0.7 * y + 0.35 * torch.sin(2 * math.pi * y)
