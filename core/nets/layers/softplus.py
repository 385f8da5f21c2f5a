"""Softplus: a smooth rectifier, whose slope is the sigmoid."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from core.nets.layers.layer import Layer
from core.nets.layers.sigmoid import sigmoid


class Softplus(Layer):
    """y = log(1 + eˣ)"""

    def forward(self, x: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
        """y = log(1 + eˣ), without overflow"""
        self.x = x
        return np.logaddexp(0, x)

    def backward(self, dy: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
        """dx = dy · σ(x)"""
        return dy * sigmoid(self.x)
