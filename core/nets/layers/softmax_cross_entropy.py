"""Softmax and cross-entropy in one: minus the log-probability of the right class."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

from core.functions.softmax import log_softmax
from core.nets.layers.layer import Loss


class SoftmaxCrossEntropy(Loss):
    """L = −mean_n log p[n, t_n], with p = softmax(x) = eˣ / Σ eˣ over the classes"""

    def forward(
        self, x: Float[np.ndarray, "batch classes"], target: Int[np.ndarray, " batch"]
    ) -> float:
        """In nats."""
        log_p = log_softmax(x)
        self.p, self.target = np.exp(log_p), target
        return -float(log_p[np.arange(len(x)), target].mean())

    def backward(self) -> Float[np.ndarray, "batch classes"]:
        """dx = (p − [class = t]) / batch"""
        dx = self.p.copy()
        dx[np.arange(len(dx)), self.target] -= 1
        return dx / len(dx)
