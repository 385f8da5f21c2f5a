"""A saddle: at rest on its ridge, falling without end beside it."""

from __future__ import annotations

import torch

from core.surfaces.surface import Points, Surface, Values


def value(points: Points) -> Values:
    """x² − y²"""
    x, y = points.unbind(-1)
    return x**2 - y**2


def gradient(points: Points) -> Points:
    """(2x, −2y)"""
    x, y = points.unbind(-1)
    return torch.stack([2 * x, -2 * y], dim=-1)


SADDLE = Surface(
    label="Saddle",
    formula=r"f(x, y) = x^2 - y^2",
    extent=(-5.0, 5.0, -5.0, 5.0),
    value=value,
    gradient=gradient,
    bounded=False,
)
