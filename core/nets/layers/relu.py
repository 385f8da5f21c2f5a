"""The rectifier: what is below zero is cut off, and so is its gradient."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from core.nets.layers.layer import Layer


class ReLU(Layer):
    """y = max(x, 0)"""

    def forward(self, x: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
        """y = max(x, 0)"""
        self.x = x
        return np.maximum(x, 0)

    def backward(self, dy: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
        """dx = dy [x > 0]"""
        return dy * (self.x > 0)
