"""The multiclass hinge loss: the right class must lead every other by a margin of 1.

Weston and Watkins (1999).
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

from core.nets.layers.layer import Loss


class MulticlassSVM(Loss):
    """L = mean_n Σ_{j ≠ t_n} max(0, x[n, j] − x[n, t_n] + 1)"""

    def forward(
        self, x: Float[np.ndarray, "batch classes"], target: Int[np.ndarray, " batch"]
    ) -> float:
        """The margins that are broken, summed over classes."""
        rows = np.arange(len(x))
        margins = np.maximum(0, x - x[rows, target][:, None] + 1)
        margins[rows, target] = 0
        self.margins, self.target = margins, target
        return float(margins.sum(axis=1).mean())

    def backward(self) -> Float[np.ndarray, "batch classes"]:
        """dx = [margin > 0] / batch, and at the right class minus their number / batch"""
        dx = (self.margins > 0).astype(self.margins.dtype)
        dx[np.arange(len(dx)), self.target] = -dx.sum(axis=1)
        return dx / len(dx)
