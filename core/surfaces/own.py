"""A surface from one's own expression. Its gradient is autograd's, its minima are unknown."""

from __future__ import annotations

import torch

from core.config import ConfigError
from core.expressions import compile_expression
from core.surfaces.surface import Extent, Points, Surface, grid

VIEW: Extent = (-5.0, 5.0, -5.0, 5.0)


def own(expression: str) -> Surface:
    """The surface z = expression. Raises ConfigError where it cannot be read or has no height."""
    value = compile_expression(expression)
    if not value(grid(VIEW, 41)).isfinite().any():
        raise ConfigError("The surface has no finite height between −5 and 5; correct it.")

    def gradient(points: Points) -> Points:
        with torch.enable_grad():
            leaf = points.detach().requires_grad_()
            # A constant does not depend on the point; the sum over nothing gives it gradient zero.
            total = value(leaf).sum() + 0 * leaf.sum()
            return torch.autograd.grad(total, leaf)[0]

    return Surface(
        label=expression,
        formula=rf"f(x, y) = \texttt{{{expression.replace('^', '**')}}}",
        extent=VIEW,
        value=value,
        gradient=gradient,
    )
