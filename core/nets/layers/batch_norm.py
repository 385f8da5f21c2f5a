"""Batch normalisation: each feature gets mean β and standard deviation γ over the batch.

Ioffe and Szegedy (2015), arXiv:1502.03167.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from core.nets.layers.layer import Layer


class BatchNorm(Layer):
    """y = γ x̂ + β, with x̂ = (x − μ) / √(σ² + ε)

    μ and σ² are the batch's in training; in evaluation they are running means of what training
    saw, each new batch counting `momentum`. As in PyTorch, σ² divides by the batch size, and the
    running variance by one less.
    """

    def __init__(self, features: int, momentum: float = 0.1, epsilon: float = 1e-5) -> None:
        super().__init__()
        self.parameters = {"weight": np.ones(features), "bias": np.zeros(features)}  # γ and β
        self.buffers = {"running_mean": np.zeros(features), "running_var": np.ones(features)}
        self.momentum = momentum
        self.epsilon = epsilon

    def forward(
        self, x: Float[np.ndarray, "batch features"]
    ) -> Float[np.ndarray, "batch features"]:
        """y = γ x̂ + β; in training the running means move towards the batch's."""
        if self.training:
            if len(x) < 2:
                raise ValueError("Batch norm has no spread to divide by: train on 2 or more rows.")
            mean, variance = x.mean(axis=0), x.var(axis=0)
            self._remember("running_mean", mean)
            self._remember("running_var", variance * len(x) / (len(x) - 1))
        else:
            mean, variance = self.buffers["running_mean"], self.buffers["running_var"]
        self.deviation = np.sqrt(variance + self.epsilon)
        self.normalised = (x - mean) / self.deviation
        return self.parameters["weight"] * self.normalised + self.parameters["bias"]

    def backward(
        self, dy: Float[np.ndarray, "batch features"]
    ) -> Float[np.ndarray, "batch features"]:
        """dγ = Σ dy x̂,  dβ = Σ dy,  dx = (dx̂ − mean(dx̂) − x̂ mean(dx̂ x̂)) / √(σ² + ε)

        with dx̂ = γ dy. The two means are there because x moves μ and σ² too; in evaluation it
        does not, and they are left out.
        """
        self.gradients = {"weight": (dy * self.normalised).sum(axis=0), "bias": dy.sum(axis=0)}
        dx = self.parameters["weight"] * dy
        if self.training:
            slope = (dx * self.normalised).mean(axis=0)
            dx = dx - dx.mean(axis=0) - self.normalised * slope
        return dx / self.deviation

    def _remember(self, name: str, value: Float[np.ndarray, " features"]) -> None:
        self.buffers[name] += self.momentum * (value - self.buffers[name])
