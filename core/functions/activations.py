"""Activations: what a unit makes of the sum z of its weighted inputs, and the slope of that.

Their formulas are those of the layers that use them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from torch import nn

from core.functions.function import Array, Function
from core.nets import layers
from core.nets.layers.twin import module_for

ActivationName = Literal["relu", "leaky_relu", "elu", "gelu", "softplus", "tanh", "sigmoid"]

LABELS: dict[str, str] = {
    "relu": "ReLU",
    "leaky_relu": "leaky ReLU",
    "elu": "ELU",
    "gelu": "GELU",
    "softplus": "softplus",
    "tanh": "tanh",
    "sigmoid": "sigmoid",
}


@dataclass(frozen=True)
class Activation(Function):
    """A layer as a function of one number."""

    layer: layers.Layer

    def __call__(self, x: Array) -> Array:
        """f(x): what comes out"""
        return self.layer.forward(x)

    def derivative(self, x: Array) -> Array:
        """f′(x): what passes back when the gradient that arrives is 1"""
        self.layer.forward(x)
        return self.layer.backward(np.ones_like(x))


def build_layer(name: ActivationName, slope: float = 0.01, alpha: float = 1.0) -> layers.Layer:
    """The layer of that name; `slope` is leaky ReLU's below zero, `alpha` is ELU's."""
    match name:
        case "relu":
            return layers.ReLU()
        case "leaky_relu":
            return layers.LeakyReLU(slope)
        case "elu":
            return layers.ELU(alpha)
        case "gelu":
            return layers.GELU()
        case "softplus":
            return layers.Softplus()
        case "tanh":
            return layers.Tanh()
        case "sigmoid":
            return layers.Sigmoid()


def build_module(name: ActivationName) -> nn.Module:
    """PyTorch's layer of that name, with the constants that `build_layer` starts from."""
    return module_for(build_layer(name))


def activation(name: ActivationName, slope: float = 0.01, alpha: float = 1.0) -> Activation:
    """The activation of that name as a function, with the constants of `build_layer`."""
    return Activation(build_layer(name, slope, alpha))
