"""Dead units: those whose slope f′(z) is next to zero at every input.

No gradient passes such a unit, so nothing before it learns through it, however large the error is.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float

from core.functions.activations import Activation
from core.nets.layers import Linear, Sequential

DEAD = 1e-3  # what a slope has to reach at one input at least


def dead(slopes: Float[np.ndarray, "*layers n units"]) -> Bool[np.ndarray, "*layers units"]:
    """Which units pass no gradient at any of n inputs."""
    return np.asarray((np.abs(slopes) < DEAD).all(axis=-2))


def slopes(
    net: Sequential, x: Float[np.ndarray, "n inputs"], f: Activation
) -> list[Float[np.ndarray, "n units"]]:
    """f′(z) at every input, for each hidden layer of a perceptron with the activation f."""
    of_layers = []
    for layer in net.layers:
        x = layer.forward(x)
        if isinstance(layer, Linear):
            of_layers.append(f.derivative(x))
    return of_layers[:-1]  # the scores are not bent
