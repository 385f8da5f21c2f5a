"""The logistic sigmoid: any number to a probability, flat at both ends."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from core.nets.layers.layer import Layer


class Sigmoid(Layer):
    """σ(x) = 1 / (1 + e⁻ˣ)"""

    def forward(self, x: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
        """y = σ(x)"""
        self.y = sigmoid(x)
        return self.y

    def backward(self, dy: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
        """dx = dy · y (1 − y)"""
        return dy * self.y * (1 - self.y)


def sigmoid(x: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
    """σ(x) as exp(−log(1 + e⁻ˣ)), which never overflows."""
    return np.exp(-np.logaddexp(0, -x))
