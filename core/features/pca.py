"""Principal component analysis: the few directions in which data vary most.

Pearson (1901), Hotelling (1933).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float


@dataclass(frozen=True)
class PCA:
    """A new basis of the data, the widest directions first."""

    mean: Float[np.ndarray, " features"]
    components: Float[np.ndarray, "kept features"]  # of length 1 and at right angles
    variances: Float[np.ndarray, " kept"]  # of the data along each
    share: float  # of the whole variance that is kept

    @classmethod
    def fit(cls, x: Float[np.ndarray, "samples features"], kept: int) -> PCA:
        """From the singular value decomposition x − mean = U S Vᵀ: rows of Vᵀ, and S² / (n − 1).

        There are at most min(samples, features) components; fewer are kept if `kept` is more.
        """
        mean = x.mean(axis=0)
        _, S, Vt = np.linalg.svd(x - mean, full_matrices=False)
        variances = S**2 / (len(x) - 1)
        share = float(variances[:kept].sum() / variances.sum())
        return cls(mean, Vt[:kept], variances[:kept], share)

    def transform(
        self, x: Float[np.ndarray, "samples features"]
    ) -> Float[np.ndarray, "samples kept"]:
        """The coordinates along the components."""
        coordinates: np.ndarray = (x - self.mean) @ self.components.T
        return coordinates
