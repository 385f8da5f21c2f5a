"""The hyperbolic tangent: a sigmoid from −1 to 1."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from core.nets.layers.layer import Layer


class Tanh(Layer):
    """y = tanh x = 2 σ(2x) − 1"""

    def forward(self, x: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
        """y = tanh x"""
        self.y = np.tanh(x)
        return self.y

    def backward(self, dy: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
        """dx = dy (1 − y²)"""
        return dy * (1 - self.y**2)
