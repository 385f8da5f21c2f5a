"""Energies of the plane that are given, not learnt."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

from jaxtyping import Float
from torch import Tensor

Landscape = Literal["wells", "ring", "eggs"]
LANDSCAPES: dict[Landscape, str] = {
    "wells": "two wells, one deeper",
    "ring": "a ring",
    "eggs": "nine hollows",
}
SIDE = 2.0  # from −2 to 2, both ways

Energy = Callable[[Float[Tensor, "*n 2"]], Float[Tensor, "*n"]]


def _wells(y: Tensor) -> Tensor:
    """(y₁² − 1)² + y₂² + y₁/4."""
    return (y[..., 0].square() - 1).square() + y[..., 1].square() + 0.25 * y[..., 0]


def _ring(y: Tensor) -> Tensor:
    """2 (|y|² − 1)²."""
    return 2 * (y.square().sum(dim=-1) - 1).square()


def _eggs(y: Tensor) -> Tensor:
    """½ Σ (1 − cos(2πy / 2.4)) + |y|²/6."""
    waves = (1 - (2 * math.pi / 2.4 * y).cos()).sum(dim=-1)
    return 0.5 * waves + y.square().sum(dim=-1) / 6


ENERGIES: dict[Landscape, Energy] = {"wells": _wells, "ring": _ring, "eggs": _eggs}
