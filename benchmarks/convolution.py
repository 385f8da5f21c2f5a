"""The NumPy convolution, forward and backward, against a plain loop and against PyTorch.

All three see the same float64 images on one thread; the loop's results are compared with NumPy's,
as the tests do with PyTorch's.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import torch
from threadpoolctl import threadpool_limits
from torch import nn

from core.config import generator
from core.nets.layers import Conv, copy_to_twin

IMAGES, CHANNELS, FILTERS, SIDE, KERNEL = 32, 3, 16, 32, 3
LOOPED = 1  # images the loop is timed on
REPEATS = 10


def against_loop() -> float:
    """Time of an image in the loop ÷ time of an image in NumPy."""
    layer, x, dy = build()
    ours = best(lambda: (layer.forward(x), layer.backward(dy))) / IMAGES
    y = layer.forward(x[:LOOPED])
    dx = layer.backward(dy[:LOOPED])
    began = time.perf_counter()
    looped = loop(layer, x[:LOOPED], dy[:LOOPED])
    theirs = (time.perf_counter() - began) / LOOPED
    for mine, other in zip((y, dx, *layer.gradients.values()), looped, strict=True):
        np.testing.assert_allclose(mine, other, atol=1e-10)
    print(f"an image in a loop {1e3 * theirs:.0f} ms, in NumPy {1e3 * ours:.2f} ms")
    return theirs / ours


def against_torch() -> float:
    """Time in NumPy ÷ time in PyTorch."""
    layer, x, dy = build()
    twin = nn.Conv2d(CHANNELS, FILTERS, KERNEL, padding=1).double()
    copy_to_twin(layer, twin)
    torch.set_num_threads(1)
    inputs, gradient = torch.from_numpy(x).requires_grad_(), torch.from_numpy(dy)
    ours = best(lambda: (layer.forward(x), layer.backward(dy)))
    return ours / best(lambda: twin(inputs).backward(gradient))


def build() -> tuple[Conv, np.ndarray, np.ndarray]:
    """A layer, images for it, and gradients of its outputs."""
    source = generator(0)
    layer = Conv(CHANNELS, FILTERS, KERNEL, source, padding=1)
    x = torch.randn(IMAGES, CHANNELS, SIDE, SIDE, dtype=torch.float64, generator=source)
    dy = torch.randn(IMAGES, FILTERS, SIDE, SIDE, dtype=torch.float64, generator=source)
    return layer, x.numpy(), dy.numpy()


def best(run: Callable[[], object]) -> float:
    """The shortest of several times, in seconds."""
    times = []
    with threadpool_limits(1):  # of NumPy's matrix products
        for _ in range(REPEATS):
            began = time.perf_counter()
            run()
            times.append(time.perf_counter() - began)
    return min(times)


def loop(layer: Conv, x: np.ndarray, dy: np.ndarray) -> tuple[np.ndarray, ...]:
    """y, dx, dW and db as the formula is read: one product at a time."""
    weight, bias = layer.parameters["weight"], layer.parameters["bias"]
    y, dx = np.zeros_like(dy), np.zeros_like(x)
    dw, db = np.zeros_like(weight), np.zeros_like(bias)
    for n, f, i, j in np.ndindex(dy.shape):
        y[n, f, i, j] += bias[f]
        db[f] += dy[n, f, i, j]
        for c, u, v in np.ndindex(weight.shape[1:]):
            row, column = i + u - layer.padding, j + v - layer.padding
            if 0 <= row < SIDE and 0 <= column < SIDE:
                y[n, f, i, j] += weight[f, c, u, v] * x[n, c, row, column]
                dw[f, c, u, v] += dy[n, f, i, j] * x[n, c, row, column]
                dx[n, c, row, column] += dy[n, f, i, j] * weight[f, c, u, v]
    return y, dx, dw, db


if __name__ == "__main__":
    print(f"{against_loop():.0f} times faster; {against_torch():.2f} times PyTorch's time")
