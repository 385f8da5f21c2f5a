"""Gradient descent as Cauchy wrote it (1847); "stochastic" when the gradient is of a batch."""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

from core.optim.optimiser import Optimiser, State


@dataclass(frozen=True)
class SGD(Optimiser):
    """The gradient, and nothing else."""

    def start(self, point: Float[Tensor, "*shape"]) -> State:
        """Nothing to remember."""
        return {}

    def step(
        self, point: Float[Tensor, "*shape"], gradient: Float[Tensor, "*shape"], state: State
    ) -> tuple[Float[Tensor, "*shape"], State]:
        """x ← x − η∇"""
        return point - self.learning_rate * gradient, {}
