"""A recurrent cell that attends to its input and to its last k states, or to all of them.

With h⁽⁰⁾ = x_t and h⁽ⁱ⁾ = h_{t−i}: q_i, k_i, v_i = Q_i h⁽ⁱ⁾, K_i h⁽ⁱ⁾, V_i h⁽ⁱ⁾; the weights are
a = softmax over i of q_iᵀ k_i / √width, and h_t = Σ_i a_i v_i. A state's own key answers its own
query, so that what is in a state decides how much of it is heard.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from core.config import generator
from core.nets.cells.cell import LIKE_TORCH, Cell, Gates, State, drawn


class AttentionRNN(Cell):
    """The state is (h_{t−1}, …, h_{t−k}), zeros before the first step.

    Untied, each distance i has Q_i, K_i and V_i of its own: 3 width² parameters more for each.
    Tied, all past states share one Q, one K and one V (x has its own), so that parameters do not
    grow with k, but the cell cannot tell distances apart other than by what the states hold. With
    k = None it attends to all states so far, which only tied matrices can do.

    Raises ValueError for k = None with matrices untied.
    """

    def __init__(
        self,
        inputs: int,
        width: int,
        source: torch.Generator | None = None,
        scale: float = LIKE_TORCH,
        *,
        k: int | None = 2,
        tied: bool = False,
    ) -> None:
        super().__init__(inputs, width)
        if k is None and not tied:
            raise ValueError("Endlessly many states need tied queries, keys and values.")
        self.k, self.tied, source = k, tied, source or generator(0)
        sets = 1 if k is None or tied else k
        self.of_x = drawn((3 * width, inputs), width**-0.5, source)  # Q_0, K_0, V_0
        self.of_past = drawn((sets, 3 * width, width), scale * (3 / width) ** 0.5, source)

    def read(self, x: Float[Tensor, "*n inputs"]) -> Float[Tensor, "*n rows"]:
        """q_0, k_0 and v_0, side by side."""
        return nn.functional.linear(x, self.of_x)

    def step(self, read: Float[Tensor, "batch rows"], state: State) -> tuple[State, Gates]:
        """The next states, the new one first; `attention` (batch, 1 + states): to x, h', h'', …"""
        past = torch.stack(state) @ self.of_past.mT  # (states, batch, 3 width)
        q, k, v = torch.cat([read[None], past]).chunk(3, dim=2)
        a = ((q * k).sum(dim=2) * self.width**-0.5).softmax(dim=0)
        h = (a[:, :, None] * v).sum(dim=0)
        return (h, *state)[: self.k], {"attention": a.T}

    def start(self, batch: int) -> State:
        """k states of zeros; one, where all states are kept."""
        return super().start(batch) * (self.k or 1)
