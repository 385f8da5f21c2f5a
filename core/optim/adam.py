"""Adam (Kingma and Ba 2015, algorithm 1): momentum in units of the gradient's own size."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from core.optim.optimiser import Optimiser, State


@dataclass(frozen=True)
class Adam(Optimiser):
    """The mean gradient divided by its root mean square."""

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def start(self, point: Float[Tensor, "*shape"]) -> State:
        """m = 0, s = 0, t = 0"""
        return {
            "mean": torch.zeros_like(point),
            "square": torch.zeros_like(point),
            "steps": torch.zeros((), dtype=torch.int64),
        }

    def step(
        self, point: Float[Tensor, "*shape"], gradient: Float[Tensor, "*shape"], state: State
    ) -> tuple[Float[Tensor, "*shape"], State]:
        """m ← β₁m + (1 − β₁)∇,  s ← β₂s + (1 − β₂)∇²,  x ← x − ηm̂ / (√ŝ + ε)

        The hats undo the start from zero: m̂ = m / (1 − β₁ᵗ), ŝ = s / (1 − β₂ᵗ) at step t.
        """
        steps = state["steps"] + 1
        mean = self.beta1 * state["mean"] + (1 - self.beta1) * gradient
        square = self.beta2 * state["square"] + (1 - self.beta2) * gradient**2
        t = int(steps)
        unbiased_mean = mean / (1 - self.beta1**t)
        unbiased_square = square / (1 - self.beta2**t)
        move = unbiased_mean / (unbiased_square.sqrt() + self.epsilon)
        after = {"mean": mean, "square": square, "steps": steps}
        return point - self.learning_rate * move, after
