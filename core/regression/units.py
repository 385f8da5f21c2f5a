"""Inputs and targets made to have mean 0 and standard deviation 1, and predictions turned back."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor


class Units:
    """Knows mean and standard deviation of the training data, and of nothing else."""

    def __init__(self, x: Float[Tensor, "points d"], y: Float[Tensor, " points"]) -> None:
        self.x_mean, self.x_std = x.mean(0), x.std(0, correction=0)
        self.y_mean, self.y_std = y.mean(), y.std(correction=0)

    def inputs(self, x: Float[Tensor, "points d"]) -> Float[Tensor, "points d"]:
        """For the network, in float32."""
        scaled: Tensor = ((x - self.x_mean) / self.x_std).float()
        return scaled

    def targets(self, y: Float[Tensor, " points"]) -> Float[Tensor, "points 1"]:
        """For the network, in float32."""
        scaled: Tensor = ((y - self.y_mean) / self.y_std).float()
        return scaled[:, None]

    def back(self, outputs: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """The network's outputs in the units of y, in float64."""
        return outputs.to(torch.float64) * self.y_std + self.y_mean
