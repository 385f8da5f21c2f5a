"""Nesterov's momentum (1983) in the form of Sutskever et al. (2013): look ahead, then step."""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

from core.optim.momentum import Momentum
from core.optim.optimiser import State


@dataclass(frozen=True)
class Nesterov(Momentum):
    """Momentum that already takes the next step's push."""

    def step(
        self, point: Float[Tensor, "*shape"], gradient: Float[Tensor, "*shape"], state: State
    ) -> tuple[Float[Tensor, "*shape"], State]:
        """v ← μv + ∇,  x ← x − η(∇ + μv)"""
        velocity = self.momentum * state["velocity"] + gradient
        ahead = gradient + self.momentum * velocity
        return point - self.learning_rate * ahead, {"velocity": velocity}
