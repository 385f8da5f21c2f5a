"""Long short-term memory (Hochreiter and Schmidhuber 1997; forget gate: Gers et al. 2000)."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from core.nets.cells.cell import AffineCell, Gates, State


class LSTM(AffineCell):
    """i, f, o = σ(…), g = tanh(…);  c_t = f ⊙ c_{t−1} + i ⊙ g,  h_t = o ⊙ tanh(c_t).

    The state is (h, c): c is kept where f is 1, and passes through no matrix on its way. Equal to
    `torch.nn.LSTMCell`, whose blocks stand in the order i, f, g, o.
    """

    blocks = 4
    gates = ("input", "forget", "output")

    def step(self, read: Float[Tensor, "batch rows"], state: State) -> tuple[State, Gates]:
        """The next (h, c), and the gates."""
        h, c = state
        i, f, g, o = (read + self.recall(h)).chunk(4, dim=1)
        i, f, o = i.sigmoid(), f.sigmoid(), o.sigmoid()
        c = f * c + i * g.tanh()
        return (o * c.tanh(), c), {"input": i, "forget": f, "output": o}

    def start(self, batch: int) -> State:
        """Zeros, for both."""
        (h,) = super().start(batch)
        return h, torch.zeros_like(h)
