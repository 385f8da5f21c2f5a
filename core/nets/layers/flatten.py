"""Flatten: an image as a row of numbers, for the linear layers after it."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float

from core.nets.layers.layer import Layer


class Flatten(Layer):
    """(batch, channels, height, width) to (batch, channels · height · width)"""

    def forward(self, x: Float[np.ndarray, "batch *shape"]) -> Float[np.ndarray, "batch features"]:
        """The same numbers in rows."""
        self.shape = x.shape
        return x.reshape(len(x), math.prod(x.shape[1:]))

    def backward(
        self, dy: Float[np.ndarray, "batch features"]
    ) -> Float[np.ndarray, "batch *shape"]:
        """The same gradients in the old shape."""
        return dy.reshape(self.shape)
