"""The linear layer: every output is a weighted sum of all inputs."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from torch import Generator

from core.nets.layers.layer import Layer, uniform


class Linear(Layer):
    """y = x W + b, with W of (inputs, outputs), the transpose of PyTorch's.

    Both start from U(−1/√inputs, 1/√inputs), PyTorch's own choice.
    """

    def __init__(self, inputs: int, outputs: int, source: Generator) -> None:
        super().__init__()
        self.parameters = {
            "weight": uniform((inputs, outputs), inputs**-0.5, source),
            "bias": uniform((outputs,), inputs**-0.5, source),
        }

    def forward(self, x: Float[np.ndarray, "batch inputs"]) -> Float[np.ndarray, "batch outputs"]:
        """y = x W + b"""
        self.x = x
        return x @ self.parameters["weight"] + self.parameters["bias"]

    def backward(self, dy: Float[np.ndarray, "batch outputs"]) -> Float[np.ndarray, "batch inputs"]:
        """dW = xᵀ dy,  db = Σ_batch dy,  dx = dy Wᵀ"""
        self.gradients = {"weight": self.x.T @ dy, "bias": dy.sum(axis=0)}
        return dy @ self.parameters["weight"].T
