"""Twelve spiralling ridges around one minimum, steep enough to throw a large step out."""

from __future__ import annotations

import torch

from core.surfaces.surface import Points, Surface, Values


def value(points: Points) -> Values:
    """r²(sin²u + 1) with u = 6θ + 2r"""
    x, y = points.unbind(-1)
    r = torch.hypot(x, y)
    u = 6 * torch.atan2(y, x) + 2 * r
    return r**2 * (torch.sin(u) ** 2 + 1)


def gradient(points: Points) -> Points:
    """2(sin²u + 1 + r sin 2u)·(x, y) + 6 sin 2u·(−y, x): radial and turning part, no division."""
    x, y = points.unbind(-1)
    r = torch.hypot(x, y)
    u = 6 * torch.atan2(y, x) + 2 * r
    wave = torch.sin(2 * u)
    radial = 2 * (torch.sin(u) ** 2 + 1 + r * wave)
    turning = 6 * wave
    return torch.stack([radial * x - turning * y, radial * y + turning * x], dim=-1)


SPIRAL = Surface(
    label="Spiral",
    formula=r"f(r, \theta) = r^2\left(\sin^2(6\theta + 2r) + 1\right)",
    extent=(-5.0, 5.0, -5.0, 5.0),
    value=value,
    gradient=gradient,
    minima=((0.0, 0.0),),
    minimum=0.0,
)
