"""The binary cross-entropy of logits: a sigmoid and its loss in one, which never overflows."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from core.nets.layers.layer import Loss
from core.nets.layers.sigmoid import sigmoid


class BCEWithLogits(Loss):
    """L = −mean (t log σ(x) + (1 − t) log(1 − σ(x))), over all entries; t from 0 to 1"""

    def forward(self, x: Float[np.ndarray, "*shape"], target: Float[np.ndarray, "*shape"]) -> float:
        """L = mean (log(1 + eˣ) − t x), the same in nats"""
        self.x, self.target = x, target
        return float((np.logaddexp(0, x) - target * x).mean())

    def backward(self) -> Float[np.ndarray, "..."]:
        """dx = (σ(x) − t) / entries"""
        return (sigmoid(self.x) - self.target) / self.x.size
