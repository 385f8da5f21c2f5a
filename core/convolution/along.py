"""Cross-correlation and convolution in one dimension, as matrices, with their gradients.

Correlation: f_i = Σ_j W_j x_{si + dj}. Convolution runs through W from its end:
f_i = Σ_j W_{k−1−j} x_{si + dj}, for the padded x. What networks call convolution is the former.
"""

from __future__ import annotations

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from core.convolution.windows import WindowSettings

Operation = Literal["correlation", "convolution"]
OPERATIONS: dict[Operation, str] = {
    "correlation": "cross-correlation",
    "convolution": "convolution (flipped)",
}


def places(config: WindowSettings) -> Tensor:
    """Which cell of the padded x the j-th of the i-th window is, (outputs, k)."""
    starts = config.stride * torch.arange(config.outputs)
    return starts[:, None] + config.dilation * torch.arange(config.k)


def pad(x: Float[Tensor, " n"], padding: int) -> Float[Tensor, " padded"]:
    """x between zeros."""
    return torch.nn.functional.pad(x, (padding, padding))


def laid(kernel: Float[Tensor, " k"], operation: Operation) -> Float[Tensor, " k"]:
    """The kernel as it is laid on x: a convolution flips it."""
    return kernel.flip(0) if operation == "convolution" else kernel


def by_input(
    kernel: Float[Tensor, " k"], operation: Operation, config: WindowSettings
) -> Float[Tensor, "outputs n"]:
    """∂f/∂x: each row holds the kernel, one stride further on; at stride 1 a Toeplitz matrix."""
    wide = kernel.new_zeros(config.outputs, config.n + 2 * config.padding)
    wide.scatter_(1, places(config), laid(kernel, operation).expand(config.outputs, -1))
    return wide[:, config.padding : config.padding + config.n]


def by_kernel(
    x: Float[Tensor, " n"], operation: Operation, config: WindowSettings
) -> Float[Tensor, "outputs k"]:
    """∂f/∂W: each row is the window that its output saw, flipped by a convolution."""
    windows = pad(x, config.padding)[places(config)]
    return windows.flip(1) if operation == "convolution" else windows
