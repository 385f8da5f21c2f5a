"""A cell along a sequence: the loop over time, and all that there is to see of it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import pad

from core.nets.cells.cell import Cell, Gates, State


@dataclass(frozen=True)
class Unrolled:
    """The states after each step, and the gates at each."""

    states: list[State]
    gates: list[Gates]

    @property
    def h(self) -> Float[Tensor, "batch time width"]:
        """The hidden states."""
        return torch.stack([state[0] for state in self.states], dim=1)

    def gate(self, name: str) -> Float[Tensor, "batch time units"]:
        """One gate at all steps; attention to states that were not there yet is 0."""
        steps = [gates[name] for gates in self.gates]
        most = max(step.shape[1] for step in steps)
        return torch.stack([pad(step, (0, most - step.shape[1])) for step in steps], dim=1)


def unroll(
    cell: Cell, x: Float[Tensor, "batch time inputs"], state: State | None = None
) -> Unrolled:
    """Read x step by step, from `state` on, or from the cell's own start."""
    state = cell.start(len(x)) if state is None else state
    states, gates = [], []
    for read in cell.read(x).unbind(dim=1):
        state, gate = cell.step(read, state)
        states.append(state)
        gates.append(gate)
    return Unrolled(states, gates)


def at_end(
    h: Float[Tensor, "batch time width"], lengths: Int[Tensor, " batch"]
) -> Float[Tensor, "batch width"]:
    """Each sequence's h at its own last step: what was padded after it is never read."""
    return h[torch.arange(len(h), device=h.device), lengths.to(h.device) - 1]
