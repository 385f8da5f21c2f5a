"""Activations: what a unit makes of the sum z of its weighted inputs, and the slope of that.

In the backward pass the gradient is multiplied by f′(z). Where that is zero, nothing passes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import erfc

from core.functions.function import Array, Function


@dataclass(frozen=True)
class ReLU(Function):
    """The rectified linear unit: what is below zero is cut off."""

    label = "ReLU"

    def __call__(self, x: Array) -> Array:
        """max(0, x)"""
        return np.maximum(x, 0.0)

    def derivative(self, x: Array) -> Array:
        """1 where x > 0, else 0"""
        return np.where(x > 0, 1.0, 0.0)


@dataclass(frozen=True)
class LeakyReLU(Function):
    """A ReLU that lets a little through below zero (Maas et al. 2013)."""

    slope: float = 0.01
    label = "leaky ReLU"

    def __call__(self, x: Array) -> Array:
        """x where x > 0, else slope · x"""
        return np.where(x > 0, x, self.slope * x)

    def derivative(self, x: Array) -> Array:
        """1 where x > 0, else slope"""
        return np.where(x > 0, 1.0, self.slope)


@dataclass(frozen=True)
class ELU(Function):
    """The exponential linear unit bends towards −α (Clevert et al. 2016)."""

    alpha: float = 1.0
    label = "ELU"

    def __call__(self, x: Array) -> Array:
        """x where x > 0, else α(eˣ − 1)"""
        return np.where(x > 0, x, self.alpha * np.expm1(np.minimum(x, 0.0)))

    def derivative(self, x: Array) -> Array:
        """1 where x > 0, else αeˣ"""
        return np.where(x > 0, 1.0, self.alpha * np.exp(np.minimum(x, 0.0)))


@dataclass(frozen=True)
class Softplus(Function):
    """A ReLU without the kink."""

    label = "softplus"

    def __call__(self, x: Array) -> Array:
        """log(1 + eˣ)"""
        return np.logaddexp(0.0, x)

    def derivative(self, x: Array) -> Array:
        """σ(x), the sigmoid"""
        return sigmoid(x)


@dataclass(frozen=True)
class GELU(Function):
    """The Gaussian error linear unit: x times the share Φ(x) of a normal distribution below x.

    Hendrycks and Gimpel (2016), in the exact form with erf.
    """

    label = "GELU"

    def __call__(self, x: Array) -> Array:
        """x Φ(x)"""
        return x * normal_cdf(x)

    def derivative(self, x: Array) -> Array:
        """Φ(x) + x φ(x), where φ is the density of the normal distribution"""
        density = np.exp(-0.5 * x * x) / np.sqrt(2 * np.pi)
        return normal_cdf(x) + x * density


@dataclass(frozen=True)
class Tanh(Function):
    """From −1 to 1, and straight through zero."""

    label = "tanh"

    def __call__(self, x: Array) -> Array:
        """(eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)"""
        return np.tanh(x)

    def derivative(self, x: Array) -> Array:
        """1 − tanh²(x), at most 1"""
        return 1.0 - np.tanh(x) ** 2


@dataclass(frozen=True)
class Sigmoid(Function):
    """From 0 to 1, as a probability."""

    label = "sigmoid"

    def __call__(self, x: Array) -> Array:
        """σ(x) = 1 / (1 + e⁻ˣ)"""
        return sigmoid(x)

    def derivative(self, x: Array) -> Array:
        """σ(x) σ(−x) = σ(x) (1 − σ(x)), at most ¼"""
        return sigmoid(x) * sigmoid(-x)


def sigmoid(x: Array) -> Array:
    """σ(x); only numbers below zero are exponentiated, so that none overflows."""
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0, small) / (1.0 + small)


def normal_cdf(x: Array) -> Array:
    """Φ(x) = ½ erfc(−x/√2), which keeps its digits far below zero, where 1 + erf loses them."""
    return 0.5 * erfc(-x / np.sqrt(2))
