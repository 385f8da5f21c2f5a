"""Five mistakes that everybody makes once in a backward pass, to be found by the gradient check.

Each runs without complaint, and a net with it may even learn, slowly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from jaxtyping import Float
from torch import Generator

from core.nets.layers import Dropout, Layer, Linear, Loss, ReLU, Sequential, SoftmaxCrossEntropy

BugName = Literal["A", "B", "C", "D", "E"]


class MaskOfTheGradient(ReLU):
    """The gradient's sign decides where it passes, not the input's."""

    def backward(self, dy: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
        """dx = dy [dy > 0], instead of dy [x > 0]"""
        return np.where(dy > 0, dy, 0)


class DividedTwice(SoftmaxCrossEntropy):
    """The mean over the batch is taken in the loss and once more by hand."""

    def backward(self) -> Float[np.ndarray, "batch classes"]:
        """dx = (p − [class = t]) / batch², instead of / batch"""
        dx = super().backward()
        return dx / len(dx)


class AveragedBias(Linear):
    """The bias moves every row of the batch, but only their mean is handed to it."""

    def backward(self, dy: Float[np.ndarray, "batch outputs"]) -> Float[np.ndarray, "batch inputs"]:
        """db = mean_batch dy, instead of Σ_batch dy"""
        dx = super().backward(dy)
        self.gradients["bias"] = dy.mean(axis=0)
        return dx


class ForgottenLabel(SoftmaxCrossEntropy):
    """Nothing is taken off at the right class, so all scores are pushed down."""

    def backward(self) -> Float[np.ndarray, "batch classes"]:
        """dx = p / batch, instead of (p − [class = t]) / batch"""
        dx: np.ndarray = self.p / len(self.p)
        return dx


class UnscaledMask(Dropout):
    """Backward drops the same units as forward, but forgets the factor 1 / (1 − p)."""

    def backward(self, dy: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
        """dx = dy [m > 0], instead of dy m"""
        return np.where(self.mask > 0, dy, 0)


@dataclass(frozen=True, kw_only=True)
class Kit:
    """What a net is built from."""

    linear: type[Linear] = Linear
    dropout: type[Dropout] = Dropout
    activation: Callable[[], Layer] = ReLU
    loss: Callable[[], Loss] = SoftmaxCrossEntropy

    def build_mlp(self, widths: Sequence[int], source: Generator) -> Sequential:
        """Linear layers from each width to the next, with an activation between them."""
        layers: list[Layer] = []
        for inputs, outputs in pairwise(widths):
            layers += [self.linear(inputs, outputs, source), self.activation()]
        return Sequential(layers[:-1])


PLANTED: dict[BugName, Kit] = {
    "A": Kit(activation=MaskOfTheGradient),
    "B": Kit(loss=DividedTwice),
    "C": Kit(linear=AveragedBias),
    "D": Kit(loss=ForgottenLabel),
    "E": Kit(dropout=UnscaledMask),
}
