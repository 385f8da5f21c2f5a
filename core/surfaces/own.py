"""A surface from one's own expression. Its gradient is autograd's, its minima are unknown."""

from __future__ import annotations

import torch

from core.expressions import compile_expression
from core.surfaces.surface import Points, Surface


def own(expression: str) -> Surface:
    """The surface z = expression. Raises ConfigError where it cannot be read."""
    value = compile_expression(expression)

    def gradient(points: Points) -> Points:
        with torch.enable_grad():
            leaf = points.detach().requires_grad_()
            # A constant does not depend on the point; the sum over nothing gives it gradient zero.
            total = value(leaf).sum() + 0 * leaf.sum()
            return torch.autograd.grad(total, leaf)[0]

    return Surface(
        label=expression,
        formula=rf"f(x, y) = \texttt{{{expression.replace('^', '**')}}}",
        extent=(-5.0, 5.0, -5.0, 5.0),
        value=value,
        gradient=gradient,
    )
