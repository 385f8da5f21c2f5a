"""A surface to descend: a function of the plane with its gradient, and what is known about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

Points = Float[Tensor, "*batch 2"]
Values = Float[Tensor, "*batch"]
Extent = tuple[float, float, float, float]
"""Left, right, bottom and top of a view."""


@dataclass(frozen=True)
class Surface:
    """`minimum` is the value at the `minima`, or None where it is not known or does not exist."""

    label: str
    formula: str  # LaTeX
    extent: Extent
    value: Callable[[Points], Values]
    gradient: Callable[[Points], Points]
    minima: tuple[tuple[float, float], ...] = ()
    minimum: float | None = None
    bounded: bool = True


def grid(extent: Extent, side: int) -> Float[Tensor, "side side 2"]:
    """Evenly spaced points over a view: row 0 has the lowest y, column 0 the lowest x."""
    left, right, bottom, top = extent
    x = torch.linspace(left, right, side, dtype=torch.float64)
    y = torch.linspace(bottom, top, side, dtype=torch.float64)
    return torch.stack(torch.meshgrid(x, y, indexing="xy"), dim=-1)


def including(extent: Extent, x: float, y: float) -> Extent:
    """The view, widened where needed to show a point."""
    left, right, bottom, top = extent
    return min(left, x), max(right, x), min(bottom, y), max(top, y)


def floor(surface: Surface, values: Values) -> float:
    """The minimum of a surface or, where none is known, the lowest of these values."""
    if surface.minimum is not None:
        return surface.minimum
    finite = values[values.isfinite()]
    return float(finite.min()) if len(finite) else 0.0


def drawn_height(values: Values, floor: float) -> Values:
    """log(1 + height above `floor`): the scale on which surfaces are drawn.

    It keeps the order of values, so contours keep their shape, and shows the bottom of a valley
    and its walls, orders of magnitude higher, in one picture. What lies below counts as `floor`.
    """
    return torch.log1p((values - floor).clamp(min=0))
