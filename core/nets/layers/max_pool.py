"""Max-pooling: of each window the largest value goes on, and only there the gradient comes back."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from core.nets.layers.conv import windows
from core.nets.layers.layer import Layer


class MaxPool(Layer):
    """y[n, c, i, j] = max_{u, v} x[n, c, s i + u, s j + v]; the first of equals counts."""

    def __init__(self, kernel: int, stride: int | None = None) -> None:
        super().__init__()
        self.kernel = kernel
        self.stride = stride or kernel

    def forward(
        self, x: Float[np.ndarray, "batch channels height width"]
    ) -> Float[np.ndarray, "batch channels out_height out_width"]:
        """y = the largest of each window, whose place is kept"""
        self.shape = x.shape
        flat = windows(x, self.kernel, self.stride)
        flat = flat.reshape(*flat.shape[:4], -1)
        self.place = flat.argmax(axis=-1)
        return np.take_along_axis(flat, self.place[..., None], axis=-1)[..., 0]

    def backward(
        self, dy: Float[np.ndarray, "batch channels out_height out_width"]
    ) -> Float[np.ndarray, "batch channels height width"]:
        """dx = dy at the kept places, summed where windows overlap, 0 elsewhere"""
        dx = np.zeros(self.shape, dy.dtype)
        for place, (u, v) in enumerate(np.ndindex(self.kernel, self.kernel)):
            into = windows(dx, self.kernel, self.stride, writeable=True)[..., u, v]
            into += dy * (self.place == place)
        return dx
