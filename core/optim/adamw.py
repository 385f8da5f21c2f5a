"""AdamW (Loshchilov and Hutter 2019): Adam with weight decay apart from the gradient."""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

from core.optim.adam import Adam
from core.optim.optimiser import State


@dataclass(frozen=True)
class AdamW(Adam):
    """On a surface, the decay λ pulls towards the origin."""

    weight_decay: float = 0.01

    def step(
        self, point: Float[Tensor, "*shape"], gradient: Float[Tensor, "*shape"], state: State
    ) -> tuple[Float[Tensor, "*shape"], State]:
        """x ← (1 − ηλ)x, then as Adam"""
        decayed = (1 - self.learning_rate * self.weight_decay) * point
        return super().step(decayed, gradient, state)
