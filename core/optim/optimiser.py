"""What all optimisers share: constants fixed at construction, memory handed in and handed back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

State = dict[str, Tensor]
"""What an optimiser remembers between steps, by name; empty for plain gradient descent."""


@dataclass(frozen=True)
class Optimiser(ABC):
    """A rule that moves a point against its gradient, elementwise: any shape is a batch."""

    learning_rate: float

    @abstractmethod
    def start(self, point: Float[Tensor, "*shape"]) -> State:
        """The state before the first step."""

    @abstractmethod
    def step(
        self, point: Float[Tensor, "*shape"], gradient: Float[Tensor, "*shape"], state: State
    ) -> tuple[Float[Tensor, "*shape"], State]:
        """The next point and state, as new tensors."""
