"""Deep perceptrons of several depths and initial scales, trained as one batch of nets.

Member (d, s) has depths[d] hidden layers whose weights start as scales[s] · N(0, 1) / √inputs.
Members are sorted from deep to shallow, so that layer l is one product over the first few of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

EPSILON, MOMENTUM = 1e-5, 0.1  # of batch norm, as in PyTorch


class Outputs(NamedTuple):
    """What one batch gives; 0 where a member has no such layer."""

    logits: Float[Tensor, "members batch classes"]
    means: Float[Tensor, "members layers"]  # of the activations, over batch and units
    spreads: Float[Tensor, "members layers"]  # their standard deviation


class Towers(nn.Module):
    """depths × scales perceptrons, each layer batch-normalised before its ReLU, or none of them."""

    def __init__(
        self,
        sizes: tuple[int, int, int],  # inputs, width, classes
        depths: Sequence[int],
        scales: Sequence[float],
        normalise: bool,
        source: torch.Generator,
    ) -> None:
        super().__init__()
        inputs, width, classes = sizes
        self.depths = sorted((depth for depth in depths for _ in scales), reverse=True)
        self.normalise = normalise
        scale = torch.tensor(scales).repeat(len(depths))[:, None, None]
        self.weights, self.biases, self.gains = (nn.ParameterList() for _ in range(3))
        self.layers = self.depths[0]
        for layer in range(self.layers):
            rows = width if layer else inputs
            count = self.count(layer)
            # Each layer's draws are the same for all members: only scale and depth differ.
            start = torch.randn(rows, width, generator=source) / rows**0.5
            self.weights.append(nn.Parameter(scale[:count] * start))
            self.biases.append(nn.Parameter(torch.zeros(count, 1, width)))
            if normalise:
                self.gains.append(nn.Parameter(torch.ones(count, 1, width)))
                self.register_buffer(f"mean{layer}", torch.zeros(count, 1, width))
                self.register_buffer(f"var{layer}", torch.ones(count, 1, width))
        head = torch.randn(width, classes, generator=source) / width**0.5
        self.head = nn.Parameter(head.repeat(len(self.depths), 1, 1))
        self.head_bias = nn.Parameter(torch.zeros(len(self.depths), 1, classes))

    def count(self, layer: int) -> int:
        """How many members have this layer, 0 being the first."""
        return sum(depth > layer for depth in self.depths)

    def forward(self, x: Float[Tensor, "batch inputs"], remember: bool = True) -> Outputs:
        """All members on the same batch, in the mode of `self.training`.

        Without `remember` the running means stay as they are.
        """
        h = x.expand(len(self.depths), *x.shape)
        ends, means, spreads = [], [], []
        for layer in range(self.layers):
            count = self.count(layer)
            if layer:  # some may have ended with the one before
                ends.append(h[count:])
            z = torch.bmm(h[:count], self.weights[layer])
            if self.normalise:
                z = self.gains[layer] * self.normalised(z, layer, remember)
            h = torch.relu(z + self.biases[layer])
            var, mean = torch.var_mean(h.detach(), dim=(1, 2), correction=0)
            means.append(mean)
            spreads.append(var.sqrt())
        finished = torch.cat([h, *reversed(ends)])
        logits = torch.baddbmm(self.head_bias, finished, self.head)
        return Outputs(logits, self._padded(means), self._padded(spreads))

    def normalised(self, z: Tensor, layer: int, remember: bool) -> Tensor:
        """(z − μ) / √(σ² + ε), by the batch's μ and σ² in training, else by running means."""
        running_mean, running_var = self.get_buffer(f"mean{layer}"), self.get_buffer(f"var{layer}")
        if not self.training:
            return (z - running_mean) * (running_var + EPSILON).rsqrt()
        var, mean = torch.var_mean(z, dim=1, correction=0, keepdim=True)
        if remember:
            rows = z.shape[1]
            with torch.no_grad():
                running_mean += MOMENTUM * (mean - running_mean)
                running_var += MOMENTUM * (var * rows / (rows - 1) - running_var)
        return (z - mean) * (var + EPSILON).rsqrt()

    def _padded(self, columns: list[Tensor]) -> Tensor:
        table = columns[0].new_zeros(len(self.depths), self.layers)
        for layer, column in enumerate(columns):
            table[: len(column), layer] = column
        return table
