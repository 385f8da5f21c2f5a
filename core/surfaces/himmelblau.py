"""Himmelblau's function (1972): four minima, equally deep, so the start decides."""

from __future__ import annotations

import torch

from core.surfaces.surface import Points, Surface, Values


def value(points: Points) -> Values:
    """(x² + y − 11)² + (x + y² − 7)²"""
    x, y = points.unbind(-1)
    return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2


def gradient(points: Points) -> Points:
    """(4xa + 2b, 2a + 4yb) with a = x² + y − 11 and b = x + y² − 7"""
    x, y = points.unbind(-1)
    a = x**2 + y - 11
    b = x + y**2 - 7
    return torch.stack([4 * x * a + 2 * b, 2 * a + 4 * y * b], dim=-1)


HIMMELBLAU = Surface(
    label="Himmelblau",
    formula=r"f(x, y) = (x^2 + y - 11)^2 + (x + y^2 - 7)^2",
    extent=(-5.0, 5.0, -5.0, 5.0),
    value=value,
    gradient=gradient,
    minima=(
        (3.0, 2.0),
        (-2.805118086952745, 3.131312518250573),
        (-3.779310253377747, -3.283185991286170),
        (3.584428340330492, -1.848126526964404),
    ),
    minimum=0.0,
)
