"""Layers one after the other; backward is the chain rule: the same layers, last one first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from core.nets.layers.layer import Arrays, Layer


class Sequential(Layer):
    """y = f_n(… f_2(f_1(x)))

    Parameters, gradients and buffers of layer i are named `i.weight` and so on, counting from 0.
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        super().__init__()
        self.layers = tuple(layers)
        self.parameters = named([layer.parameters for layer in self.layers])
        self.buffers = named([layer.buffers for layer in self.layers])

    def train(self, mode: bool = True) -> None:
        """Switch all layers."""
        super().train(mode)
        for layer in self.layers:
            layer.train(mode)

    def forward(self, x: Float[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
        """From the first layer to the last."""
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, dy: Float[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
        """∂L/∂x = ∂L/∂y · ∂y/∂x, from the last layer to the first"""
        for layer in reversed(self.layers):
            dy = layer.backward(dy)
        self.gradients = named([layer.gradients for layer in self.layers])
        return dy


def named(of_layers: Sequence[Arrays]) -> Arrays:
    """The arrays of all layers under one name each, such as `0.weight`."""
    return {
        f"{index}.{name}": array
        for index, arrays in enumerate(of_layers)
        for name, array in arrays.items()
    }
