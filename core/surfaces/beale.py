"""Beale's function (1958): a flat middle between steep corners."""

from __future__ import annotations

import torch

from core.surfaces.surface import Points, Surface, Values


def value(points: Points) -> Values:
    """The sum over k = 1, 2, 3 of (cₖ − x + xyᵏ)² with c = 1.5, 2.25, 2.625"""
    x, y = points.unbind(-1)
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


def gradient(points: Points) -> Points:
    """Σ 2eₖ·(yᵏ − 1, k x yᵏ⁻¹) with eₖ = cₖ − x + xyᵏ"""
    x, y = points.unbind(-1)
    e1 = 1.5 - x + x * y
    e2 = 2.25 - x + x * y**2
    e3 = 2.625 - x + x * y**3
    along_x = 2 * (e1 * (y - 1) + e2 * (y**2 - 1) + e3 * (y**3 - 1))
    along_y = 2 * x * (e1 + 2 * e2 * y + 3 * e3 * y**2)
    return torch.stack([along_x, along_y], dim=-1)


BEALE = Surface(
    label="Beale",
    formula=r"f(x, y) = (1.5 - x + xy)^2 + (2.25 - x + xy^2)^2 + (2.625 - x + xy^3)^2",
    extent=(-4.5, 4.5, -4.5, 4.5),
    value=value,
    gradient=gradient,
    minima=((3.0, 0.5),),
    minimum=0.0,
)
