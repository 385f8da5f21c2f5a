"""RMSProp (Tieleman and Hinton 2012, lecture 6e): each coordinate in units of its own gradient."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from core.optim.optimiser import Optimiser, State


@dataclass(frozen=True)
class RMSProp(Optimiser):
    """The gradient divided by its root mean square; `decay` is ρ, torch's `alpha`."""

    decay: float = 0.99
    epsilon: float = 1e-8

    def start(self, point: Float[Tensor, "*shape"]) -> State:
        """s = 0"""
        return {"square": torch.zeros_like(point)}

    def step(
        self, point: Float[Tensor, "*shape"], gradient: Float[Tensor, "*shape"], state: State
    ) -> tuple[Float[Tensor, "*shape"], State]:
        """s ← ρs + (1 − ρ)∇²,  x ← x − η∇ / (√s + ε)"""
        square = self.decay * state["square"] + (1 - self.decay) * gradient**2
        move = gradient / (square.sqrt() + self.epsilon)
        return point - self.learning_rate * move, {"square": square}
