"""A long bowl, 50 times as curved across as along: what one learning rate for both must bear."""

from __future__ import annotations

import torch

from core.surfaces.surface import Points, Surface, Values

CONDITION = 50.0


def value(points: Points) -> Values:
    """(x² + 50y²) / 2"""
    x, y = points.unbind(-1)
    return (x**2 + CONDITION * y**2) / 2


def gradient(points: Points) -> Points:
    """(x, 50y)"""
    x, y = points.unbind(-1)
    return torch.stack([x, CONDITION * y], dim=-1)


QUADRATIC = Surface(
    label="Long bowl",
    formula=r"f(x, y) = \tfrac{1}{2}\left(x^2 + 50\,y^2\right)",
    extent=(-5.0, 5.0, -5.0, 5.0),
    value=value,
    gradient=gradient,
    minima=((0.0, 0.0),),
    minimum=0.0,
)
