"""The Jacobian of a layer: how every output moves with every input, as one matrix.

Backward gives ∂L/∂x = Jᵀ ∂L/∂y without ever building J. Handing it one output at a time reads J
out row by row; moving one input at a time reads it column by column.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

from core.nets.layers import Layer
from core.probes.gradient_check import centred_difference

H = 1e-5


def jacobian_row(
    layer: Layer, x: Float[np.ndarray, "batch inputs"], row: int, by: str = ""
) -> Float[np.ndarray, " columns"]:
    """∂y_row/∂x, or by the parameter named `by`: one backward pass from dy = 1 at this output."""
    dy = np.zeros_like(layer.forward(x))
    dy.flat[row] = 1
    dx = layer.backward(dy)
    return np.ravel(layer.gradients[by] if by else dx)


def jacobian_column(
    function: Callable[[], Float[np.ndarray, "batch outputs"]],
    moved: Float[np.ndarray, "..."],
    column: int,
) -> Float[np.ndarray, " rows"]:
    """∂y/∂θ_column by centred differences; `function` gives y and reads the array `moved`."""
    index = tuple(map(int, np.unravel_index(column, moved.shape)))
    return np.ravel(centred_difference(function, moved, index, H))
