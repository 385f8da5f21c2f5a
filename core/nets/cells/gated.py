"""The least gated cell: one gate decides, unit by unit, between the past and what comes in."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from core.config import generator
from core.nets.cells.cell import LIKE_TORCH, Cell, Gates, State, drawn


class Gated(Cell):
    """c = σ(W_c x_t + W_h h_{t−1}),  h_t = c ⊙ h_{t−1} + (1 − c) ⊙ W̄ x_t.

    What comes in is linear, and h passes through no matrix on its way, only through the gate.
    """

    gates = ("keep",)

    def __init__(
        self,
        inputs: int,
        width: int,
        source: torch.Generator | None = None,
        scale: float = LIKE_TORCH,
    ) -> None:
        super().__init__(inputs, width)
        source = source or generator(0)
        self.gate_x = drawn((width, inputs), width**-0.5, source)  # W_c
        self.gate_h = drawn((width, width), scale * (3 / width) ** 0.5, source)  # W_h
        self.value = drawn((width, inputs), width**-0.5, source)  # W̄

    def read(self, x: Float[Tensor, "*n inputs"]) -> Float[Tensor, "*n rows"]:
        """W_c x and W̄ x, side by side."""
        return nn.functional.linear(x, torch.cat([self.gate_x, self.value]))

    def step(self, read: Float[Tensor, "batch rows"], state: State) -> tuple[State, Gates]:
        """The next h, and the gate: 1 where h is kept."""
        (h,) = state
        of_gate, new = read.chunk(2, dim=1)
        c = (of_gate + nn.functional.linear(h, self.gate_h)).sigmoid()
        return (c * h + (1 - c) * new,), {"keep": c}
