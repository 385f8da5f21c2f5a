"""The heavy ball (Polyak 1964): past gradients push on, and zigzags cancel."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from core.optim.optimiser import Optimiser, State


@dataclass(frozen=True)
class Momentum(Optimiser):
    """A velocity that keeps the share μ of itself at each step."""

    momentum: float = 0.9

    def start(self, point: Float[Tensor, "*shape"]) -> State:
        """v = 0"""
        return {"velocity": torch.zeros_like(point)}

    def step(
        self, point: Float[Tensor, "*shape"], gradient: Float[Tensor, "*shape"], state: State
    ) -> tuple[Float[Tensor, "*shape"], State]:
        """v ← μv + ∇,  x ← x − ηv"""
        velocity = self.momentum * state["velocity"] + gradient
        return point - self.learning_rate * velocity, {"velocity": velocity}
