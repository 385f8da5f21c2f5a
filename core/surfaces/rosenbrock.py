"""Rosenbrock's valley (1960): easy to fall into, hard to follow to its end."""

from __future__ import annotations

import torch

from core.surfaces.surface import Points, Surface, Values


def value(points: Points) -> Values:
    """(1 − x)² + 100(y − x²)²"""
    x, y = points.unbind(-1)
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


def gradient(points: Points) -> Points:
    """(−2(1 − x) − 400x(y − x²), 200(y − x²))"""
    x, y = points.unbind(-1)
    off_valley = y - x**2
    return torch.stack([-2 * (1 - x) - 400 * x * off_valley, 200 * off_valley], dim=-1)


ROSENBROCK = Surface(
    label="Rosenbrock",
    formula=r"f(x, y) = (1 - x)^2 + 100\left(y - x^2\right)^2",
    extent=(-2.0, 2.0, -1.0, 3.0),
    value=value,
    gradient=gradient,
    minima=((1.0, 1.0),),
    minimum=0.0,
)
