"""Batch norm for images: every pixel of a channel counts as one more row of the batch."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from core.nets.layers.batch_norm import BatchNorm


class SpatialBatchNorm(BatchNorm):
    """`BatchNorm` of (batch · height · width, channels)."""

    def forward(
        self, x: Float[np.ndarray, "batch channels height width"]
    ) -> Float[np.ndarray, "batch channels height width"]:
        """One mean and one variance per channel."""
        self.shape = x.shape
        return self._image(super().forward(self._rows(x)))

    def backward(
        self, dy: Float[np.ndarray, "batch channels height width"]
    ) -> Float[np.ndarray, "batch channels height width"]:
        """As for rows: rearranging moves gradients as it moves values."""
        return self._image(super().backward(self._rows(dy)))

    def _rows(self, image: np.ndarray) -> Float[np.ndarray, "rows channels"]:
        return np.moveaxis(image, 1, -1).reshape(-1, image.shape[1])

    def _image(self, rows: np.ndarray) -> Float[np.ndarray, "batch channels height width"]:
        batch, channels, height, width = self.shape
        return np.moveaxis(rows.reshape(batch, height, width, channels), -1, 1)
