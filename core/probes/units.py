"""Which units of a NumPy net still pass a gradient, and at which inputs."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float

from core.functions.activations import Activation
from core.nets.layers import Linear, Sequential

DEAD = 1e-3  # a unit is dead whose slope is below this at every input


def slopes(
    net: Sequential, x: Float[np.ndarray, "n inputs"]
) -> Float[np.ndarray, "layers width n"]:
    """f′(z) of every hidden unit at every input."""
    of_layers = []
    for layer in net.layers:
        if not isinstance(layer, Linear):
            of_layers.append(Activation(layer).derivative(x).T)
        x = layer.forward(x)
    return np.stack(of_layers)


def dead(slopes: Float[np.ndarray, "layers width n"]) -> Bool[np.ndarray, "layers width"]:
    """Which units pass no gradient, whatever the input."""
    return np.asarray((np.abs(slopes) < DEAD).all(axis=2))
