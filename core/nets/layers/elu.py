"""The exponential linear unit: below zero it bends towards −α (Clevert et al. 2016)."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from core.nets.layers.layer import Layer


class ELU(Layer):
    """y = x where x > 0, α (eˣ − 1) elsewhere"""

    def __init__(self, alpha: float = 1.0) -> None:
        super().__init__()
        self.alpha = alpha

    def forward(self, x: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
        """y = x where x > 0, α (eˣ − 1) elsewhere"""
        self.x = x
        return np.where(x > 0, x, self.alpha * np.expm1(np.minimum(x, 0)))

    def backward(self, dy: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
        """dx = dy where x > 0, α eˣ dy elsewhere"""
        return np.where(self.x > 0, dy, self.alpha * np.exp(np.minimum(self.x, 0)) * dy)
