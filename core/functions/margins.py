"""Losses of a two-class classifier as functions of the margin m = y f(x), y = ±1.

The margin is positive where the class is right, and larger the surer the classifier is. Descent
moves it by −ℓ′(m): a loss whose slope is zero no longer pushes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.functions.function import Array, Function
from core.nets.layers.sigmoid import sigmoid


@dataclass(frozen=True)
class ZeroOne(Function):
    """The error itself: flat on both sides, so that nothing can be learnt from it."""

    def __call__(self, x: Array) -> Array:
        """1 where m ≤ 0, else 0"""
        return np.where(x <= 0, 1.0, 0.0)

    def derivative(self, x: Array) -> Array:
        """0 on either side of the jump"""
        return np.zeros_like(x)


@dataclass(frozen=True)
class Perceptron(Function):
    """Content as soon as the class is right (Rosenblatt 1958)."""

    def __call__(self, x: Array) -> Array:
        """max(0, −m)"""
        return np.maximum(-x, 0.0)

    def derivative(self, x: Array) -> Array:
        """−1 where m < 0, else 0"""
        return np.where(x < 0, -1.0, 0.0)


@dataclass(frozen=True)
class Hinge(Function):
    """Content once the margin is 1: the loss of support vector machines."""

    def __call__(self, x: Array) -> Array:
        """max(0, 1 − m)"""
        return np.maximum(1.0 - x, 0.0)

    def derivative(self, x: Array) -> Array:
        """−1 where m < 1, else 0"""
        return np.where(x < 1, -1.0, 0.0)


@dataclass(frozen=True)
class SquaredHinge(Function):
    """The hinge without its kink; far outliers pull the harder."""

    def __call__(self, x: Array) -> Array:
        """max(0, 1 − m)²"""
        return np.maximum(1.0 - x, 0.0) ** 2

    def derivative(self, x: Array) -> Array:
        """−2 max(0, 1 − m)"""
        return -2.0 * np.maximum(1.0 - x, 0.0)


@dataclass(frozen=True)
class Logistic(Function):
    """The cross-entropy of a sigmoid, in nats: never content, ever gentler."""

    def __call__(self, x: Array) -> Array:
        """log(1 + e⁻ᵐ)"""
        return np.logaddexp(0.0, -x)

    def derivative(self, x: Array) -> Array:
        """−σ(−m), between −1 and 0"""
        return -sigmoid(-x)


@dataclass(frozen=True)
class Exponential(Function):
    """The loss of AdaBoost: what is far on the wrong side drowns everything else.

    Infinite in float64 below m = −709.
    """

    def __call__(self, x: Array) -> Array:
        """e⁻ᵐ"""
        with np.errstate(over="ignore"):
            return np.exp(-x)

    def derivative(self, x: Array) -> Array:
        """−e⁻ᵐ"""
        return -self(x)


@dataclass(frozen=True)
class Square(Function):
    """Least squares on the labels ±1: being too right is punished as being wrong."""

    def __call__(self, x: Array) -> Array:
        """(1 − m)²"""
        return (1.0 - x) ** 2

    def derivative(self, x: Array) -> Array:
        """−2 (1 − m)"""
        return -2.0 * (1.0 - x)


MarginName = Literal[
    "zero_one", "perceptron", "hinge", "squared_hinge", "logistic", "exponential", "square"
]

MARGIN_LOSSES: dict[str, Function] = {
    "zero_one": ZeroOne(),
    "perceptron": Perceptron(),
    "hinge": Hinge(),
    "squared_hinge": SquaredHinge(),
    "logistic": Logistic(),
    "exponential": Exponential(),
    "square": Square(),
}

LABELS: dict[str, str] = {
    "zero_one": "0/1",
    "perceptron": "perceptron",
    "hinge": "hinge",
    "squared_hinge": "squared hinge",
    "logistic": "logistic",
    "exponential": "exponential",
    "square": "square",
}
