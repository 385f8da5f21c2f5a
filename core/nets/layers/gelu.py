"""The Gaussian error linear unit: x times the share of a normal that lies below x.

Hendrycks and Gimpel (2016), arXiv:1606.08415; exact, not the tanh approximation.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from scipy.special import erf

from core.nets.layers.layer import Layer


class GELU(Layer):
    """y = x Φ(x), with Φ(x) = (1 + erf(x / √2)) / 2"""

    def forward(self, x: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
        """y = x Φ(x)"""
        self.x = x
        self.cdf = (1 + erf(x * 0.5**0.5)) / 2
        return x * self.cdf

    def backward(self, dy: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
        """dx = dy (Φ(x) + x φ(x)), with φ = Φ′, the normal's density"""
        density = np.exp(-(self.x**2) / 2) * (2 * np.pi) ** -0.5
        return dy * (self.cdf + self.x * density)
