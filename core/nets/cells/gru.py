"""The gated recurrent unit (Cho et al. 2014): one gate both keeps the old and lets the new in."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor

from core.nets.cells.cell import AffineCell, Gates, State


class GRU(AffineCell):
    """r, z = σ(…);  n = tanh(W x_t + b + r ⊙ (U h_{t−1} + d)),  h_t = z ⊙ h_{t−1} + (1 − z) ⊙ n.

    Equal to `torch.nn.GRUCell`, whose blocks stand in the order r, z, n.
    """

    blocks = 3
    gates = ("reset", "update")

    def step(self, read: Float[Tensor, "batch rows"], state: State) -> tuple[State, Gates]:
        """The next h, and the gates: `update`, z, is 1 where h is kept."""
        (h,) = state
        of_x, of_h = read.chunk(3, dim=1), self.recall(h).chunk(3, dim=1)
        r, z = (of_x[0] + of_h[0]).sigmoid(), (of_x[1] + of_h[1]).sigmoid()
        n = (of_x[2] + r * of_h[2]).tanh()
        return (z * h + (1 - z) * n,), {"reset": r, "update": z}
