"""The leaky rectifier: below zero a small slope is left, so that no unit dies (Maas 2013)."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from core.nets.layers.layer import Layer


class LeakyReLU(Layer):
    """y = x where x > 0, slope · x elsewhere"""

    def __init__(self, slope: float = 0.01) -> None:
        super().__init__()
        self.slope = slope

    def forward(self, x: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
        """y = x where x > 0, slope · x elsewhere"""
        self.x = x
        return np.where(x > 0, x, self.slope * x)

    def backward(self, dy: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
        """dx = dy where x > 0, slope · dy elsewhere"""
        return np.where(self.x > 0, dy, self.slope * dy)
