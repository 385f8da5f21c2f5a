"""Standardised numbers and back: nets learn best what has mean 0 and standard deviation 1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float


@dataclass(frozen=True)
class Units:
    """Where zero is and how long a unit is, for each column."""

    mean: Float[np.ndarray, " columns"]
    deviation: Float[np.ndarray, " columns"]

    @classmethod
    def of(cls, values: Float[np.ndarray, "rows columns"]) -> Units:
        """Those in which `values` have mean 0 and standard deviation 1."""
        return cls(values.mean(axis=0), values.std(axis=0))

    def standardise(
        self, values: Float[np.ndarray, "rows columns"]
    ) -> Float[np.ndarray, "rows columns"]:
        """Into these units."""
        standard: np.ndarray = (values - self.mean) / self.deviation
        return standard

    def restore(
        self, values: Float[np.ndarray, "*rows columns"]
    ) -> Float[np.ndarray, "*rows columns"]:
        """Back into the data's own."""
        restored: np.ndarray = self.mean + self.deviation * values
        return restored
