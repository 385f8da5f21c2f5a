"""What all recurrent cells share: they read x_t and a state, and hand on the next state.

A sequence is read by the same weights at every step, so a cell is one step, and `unroll` the loop.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from core.config import generator

State = tuple[Tensor, ...]
"""What a cell hands on, each (batch, width); the hidden state h is the first."""
Gates = dict[str, Tensor]
"""What a cell did with it, by name, each (batch, width): between 0 (shut) and 1 (open)."""

LIKE_TORCH = 3**-0.5  # the recurrent scale of torch's own start


class Cell(nn.Module, ABC):
    """One step of a recurrent net.

    `scale` is that of the recurrent weights at the start: numbers from a uniform distribution of
    standard deviation scale / √width, so that the largest eigenvalue of a matrix is about `scale`.
    Weights that read x are drawn as torch does, from U(−1/√width, 1/√width).
    """

    gates: ClassVar[tuple[str, ...]] = ()  # names of the gates

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        self.inputs, self.width = inputs, width

    @abstractmethod
    def read(self, x: Float[Tensor, "*n inputs"]) -> Float[Tensor, "*n rows"]:
        """What x is multiplied by: needs no state, so that all steps are read at once."""

    @abstractmethod
    def step(self, read: Float[Tensor, "batch rows"], state: State) -> tuple[State, Gates]:
        """The next state from what was read of x_t and the state before; and the gates."""

    def forward(self, x: Float[Tensor, "batch inputs"], state: State) -> tuple[State, Gates]:
        """One step: the next state, and the gates."""
        return self.step(self.read(x), state)

    def start(self, batch: int) -> State:
        """The state before the first step: zeros."""
        some = next(self.parameters())
        return (torch.zeros(batch, self.width, device=some.device, dtype=some.dtype),)


class AffineCell(Cell):
    """A cell whose `blocks` are each W x + b + U h + d; parameters are named as in `torch.nn`."""

    blocks: ClassVar[int]

    def __init__(
        self,
        inputs: int,
        width: int,
        source: torch.Generator | None = None,
        scale: float = LIKE_TORCH,
    ) -> None:
        super().__init__(inputs, width)
        rows, source = self.blocks * width, source or generator(0)
        self.weight_ih = drawn((rows, inputs), width**-0.5, source)
        self.weight_hh = drawn((rows, width), scale * (3 / width) ** 0.5, source)
        self.bias_ih = drawn((rows,), width**-0.5, source)
        self.bias_hh = drawn((rows,), width**-0.5, source)

    def read(self, x: Float[Tensor, "*n inputs"]) -> Float[Tensor, "*n rows"]:
        """W x + b, of all blocks."""
        return nn.functional.linear(x, self.weight_ih, self.bias_ih)

    def recall(self, h: Float[Tensor, "batch width"]) -> Float[Tensor, "batch rows"]:
        """U h + d, of all blocks."""
        return nn.functional.linear(h, self.weight_hh, self.bias_hh)


def drawn(shape: tuple[int, ...], bound: float, source: torch.Generator) -> nn.Parameter:
    """Weights from U(−bound, bound)."""
    return nn.Parameter(bound * (2 * torch.rand(shape, generator=source) - 1))
