"""A trained perceptron on many points, faster: each linear layer and its ReLU as one kernel.

On a CPU, PyTorch's own `torch.compile` puts oneDNN's linear-with-ReLU in the place of both; that
kernel is used here as it is, so that no compiler is needed. The values are the module's up to
float32 rounding.
"""

from __future__ import annotations

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from core.nets.time_mlp import TimeMLP

ROWS = 1024  # of activations in the cache at a time


class Fused:
    """A `TimeMLP` at one time for all points, without gradients. Sees later weight changes."""

    def __init__(self, net: TimeMLP) -> None:
        linears = [layer for layer in net.layers if isinstance(layer, nn.Linear)]
        self.layers = net.layers
        self.weights = [(linear.weight.detach(), linear.bias.detach()) for linear in linears]
        self.fusible = can_fuse(linears[0].weight)
        self.inputs = linears[0].weight.new_empty(0, 3)

    def __call__(self, x: Float[Tensor, "batch 2"], time: float) -> Float[Tensor, "batch outputs"]:
        """`time` is t/T."""
        if len(self.inputs) != len(x):
            self.inputs = x.new_empty(len(x), 3)
        self.inputs[:, :2] = x
        self.inputs[:, 2] = time
        if not self.fusible:
            with torch.no_grad():
                outputs: Tensor = self.layers(self.inputs)
                return outputs
        parts = [self._forward(rows) for rows in torch.split(self.inputs, ROWS)]
        return parts[0] if len(parts) == 1 else torch.cat(parts)

    def _forward(self, rows: Tensor) -> Tensor:
        linear: Any = torch.ops.mkldnn._linear_pointwise
        *hidden, (weight, bias) = self.weights
        for inner_weight, inner_bias in hidden:
            rows = linear(rows, inner_weight, inner_bias, "relu", [], "")
        outputs: Tensor = linear(rows, weight, bias, "none", [], "")
        return outputs


def can_fuse(weight: Tensor) -> bool:
    """Whether oneDNN's kernel is there and fits: float32 on a CPU."""
    here = hasattr(torch.ops.mkldnn, "_linear_pointwise")
    return here and weight.device.type == "cpu" and weight.dtype is torch.float32
