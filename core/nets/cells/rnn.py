"""The plain recurrent cell (Elman 1990): all that was known is squashed anew at every step."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor

from core.nets.cells.cell import AffineCell, Gates, State


class RNN(AffineCell):
    """h_t = tanh(W x_t + b + U h_{t−1} + d). Equal to `torch.nn.RNNCell`."""

    blocks = 1

    def step(self, read: Float[Tensor, "batch rows"], state: State) -> tuple[State, Gates]:
        """The next h; there are no gates."""
        return ((read + self.recall(state[0])).tanh(),), {}
