"""Convolution: one small linear layer that looks at every window of an image.

LeCun et al. (1989). As everywhere in deep learning the kernel is not flipped.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from numpy.lib.stride_tricks import sliding_window_view
from torch import Generator

from core.nets.layers.layer import Layer, uniform


class Conv(Layer):
    """y[n, f, i, j] = b[f] + Σ_{c, u, v} W[f, c, u, v] · x[n, c, s i + u, s j + v]

    for the padded x and the stride s. All windows are gathered into one matrix, so that each pass
    is a matrix product. The start is U(−1/√inputs, 1/√inputs), PyTorch's own choice.
    """

    def __init__(
        self,
        channels: int,
        filters: int,
        kernel: int,
        source: Generator,
        stride: int = 1,
        padding: int = 0,
    ) -> None:
        super().__init__()
        bound = (channels * kernel**2) ** -0.5
        self.parameters = {
            "weight": uniform((filters, channels, kernel, kernel), bound, source),
            "bias": uniform((filters,), bound, source),
        }
        self.kernel, self.stride, self.padding = kernel, stride, padding

    def forward(
        self, x: Float[np.ndarray, "batch channels height width"]
    ) -> Float[np.ndarray, "batch filters out_height out_width"]:
        """y = windows · W + b, summed over channels and the kernel's two axes"""
        x = pad(x, self.padding)
        self.shape = x.shape
        self.windows = windows(x, self.kernel, self.stride)
        y = np.tensordot(self.windows, self.parameters["weight"], axes=((1, 4, 5), (1, 2, 3)))
        return np.moveaxis(y + self.parameters["bias"], -1, 1)

    def backward(
        self, dy: Float[np.ndarray, "batch filters out_height out_width"]
    ) -> Float[np.ndarray, "batch channels height width"]:
        """dW = Σ dy · windows,  db = Σ dy,  dx[.., s i + u, s j + v] += Σ_f W[f, :, u, v] dy[f]"""
        self.gradients = {
            "weight": np.tensordot(dy, self.windows, axes=((0, 2, 3), (0, 2, 3))),
            "bias": dy.sum(axis=(0, 2, 3)),
        }
        weight = self.parameters["weight"]
        dx = np.zeros(self.shape, dy.dtype)
        for u, v in np.ndindex(self.kernel, self.kernel):
            share = np.tensordot(weight[:, :, u, v], dy, axes=((0,), (1,)))
            windows(dx, self.kernel, self.stride, writeable=True)[..., u, v] += share.swapaxes(0, 1)
        return crop(dx, self.padding)


def windows(
    x: Float[np.ndarray, "batch channels height width"],
    kernel: int,
    stride: int,
    writeable: bool = False,
) -> Float[np.ndarray, "batch channels out_height out_width kernel kernel"]:
    """A view of x: [n, c, i, j, u, v] is x[n, c, stride · i + u, stride · j + v]."""
    every = sliding_window_view(x, (kernel, kernel), axis=(2, 3), writeable=writeable)
    return every[:, :, ::stride, ::stride]


def pad(
    x: Float[np.ndarray, "batch channels height width"], padding: int
) -> Float[np.ndarray, "batch channels padded_height padded_width"]:
    """x with a border of zeros."""
    border = (padding, padding)
    return np.pad(x, ((0, 0), (0, 0), border, border))


def crop(
    x: Float[np.ndarray, "batch channels padded_height padded_width"], padding: int
) -> Float[np.ndarray, "batch channels height width"]:
    """x without its border: what `pad` does, backward."""
    height, width = x.shape[2:]
    return x[:, :, padding : height - padding, padding : width - padding]
