"""The settings that all fits of the curve share."""

from __future__ import annotations

import math
from typing import Literal

from jaxtyping import Float
from torch import Tensor

from core.config import Config, setting
from core.functions.activations import LABELS


class FitSettings(Config):
    """The shape of the nets and how they learn."""

    width: int = setting(
        32, label="Width", ge=4, le=512, scale="log", help="Units in each hidden layer."
    )
    activation: Literal["relu", "tanh", "gelu"] = setting(
        "relu",
        label="Activation",
        choices={name: LABELS[name] for name in ("relu", "tanh", "gelu")},
        help="What stands between the layers.",
    )
    layers: int = setting(
        3, label="Hidden layers", ge=1, le=4, advanced=True, help="Each as wide as the width."
    )
    inputs: Literal["standardised", "raw"] = setting(
        "standardised",
        label="Inputs",
        choices={"standardised": "standardised", "raw": "as they are"},
        advanced=True,
        help="Standardised: √12 (x − ½), so that x has mean 0 and variance 1 over [0, 1].",
    )
    learning_rate: float = setting(
        0.01,
        label="Learning rate η",
        ge=1e-4,
        le=1.0,
        scale="log",
        live=True,
        advanced=True,
        help="At the start; it falls to zero along half a cosine. Momentum is 0.9.",
    )
    batch_size: int = setting(
        32,
        label="Batch size",
        ge=1,
        le=256,
        scale="log",
        advanced=True,
        help="A net with fewer data takes all of them at every step.",
    )

    @property
    def weights(self) -> int:
        """How many numbers one net learns: weights and biases."""
        between = (self.layers - 1) * self.width * (self.width + 1)
        return 2 * self.width + between + self.width + 1

    def scale(self, x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """What the nets see of x."""
        return x if self.inputs == "raw" else math.sqrt(12) * (x - 0.5)
