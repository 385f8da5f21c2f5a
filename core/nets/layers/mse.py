"""The mean squared error."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from core.nets.layers.layer import Loss


class MSE(Loss):
    """L = mean (x − t)², over all entries"""

    def forward(self, x: Float[np.ndarray, "*shape"], target: Float[np.ndarray, "*shape"]) -> float:
        """L = mean (x − t)²"""
        self.error = x - target
        return float((self.error**2).mean())

    def backward(self) -> Float[np.ndarray, "..."]:
        """dx = 2 (x − t) / entries"""
        return 2 * self.error / self.error.size
