"""Points that descend a surface, and when each has arrived or is lost.

A point has *converged* when its value is within the tolerance of the surface's minimum. Where
the minimum is not known or does not exist (one's own expression, the saddle), it has converged
when the norm of its gradient is below the tolerance: it lies still, if not lowest.

A point has *diverged* when its next place is farther than `FAR` from the origin along an axis, or
has a value or gradient that is not finite. It then stays at its last good place.
"""

from __future__ import annotations

from enum import IntEnum

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from core.surfaces import Surface

FAR = 1e6


class Outcome(IntEnum):
    """How it stands with a point, best first."""

    CONVERGED = 0
    RUNNING = 1
    DIVERGED = 2


class Walkers:
    """Points on a surface with their values, gradients and outcomes; settled ones never move."""

    points: Float[Tensor, "*batch 2"]
    values: Float[Tensor, "*batch"]
    gradients: Float[Tensor, "*batch 2"]
    outcomes: Int[Tensor, "*batch"]
    settled_at: Int[Tensor, "*batch"]  # the step it converged or diverged at; -1 while running

    def __init__(
        self, surface: Surface, points: Float[Tensor, "*batch 2"], tolerance: float
    ) -> None:
        self.surface, self.tolerance = surface, tolerance
        self.points = points
        self.values = surface.value(points).clone()  # a constant's are one number, expanded
        self.gradients = surface.gradient(points).clone()
        self.outcomes = torch.full(points.shape[:-1], Outcome.RUNNING)
        self.settled_at = torch.full(points.shape[:-1], -1)
        self._settle(_lost(self.points, self.values, self.gradients), step=0)

    def move(self, points: Float[Tensor, "*batch 2"], step: int) -> None:
        """Go to the points that step number `step` leads to, except where that is nowhere."""
        values, gradients = self.surface.value(points), self.surface.gradient(points)
        running = self.outcomes == Outcome.RUNNING
        lost = running & _lost(points, values, gradients)
        moves = running & ~lost
        self.points = torch.where(moves.unsqueeze(-1), points, self.points)
        self.gradients = torch.where(moves.unsqueeze(-1), gradients, self.gradients)
        self.values = torch.where(moves, values, self.values)
        self._settle(lost, step)

    def all_settled(self) -> bool:
        """Whether there is nothing left to move."""
        return not bool((self.outcomes == Outcome.RUNNING).any())

    def slopes(self) -> Float[Tensor, "*batch"]:
        """The norm of each point's gradient."""
        along_x, along_y = self.gradients.unbind(-1)
        return torch.hypot(along_x, along_y)

    def parts(self) -> dict[str, Tensor]:
        """Everything that changes from step to step."""
        return {
            "points": self.points,
            "values": self.values,
            "gradients": self.gradients,
            "outcomes": self.outcomes,
            "settled_at": self.settled_at,
        }

    def _settle(self, lost: Bool[Tensor, "*batch"], step: int) -> None:
        arrived = (self.outcomes == Outcome.RUNNING) & ~lost & self._arrived()
        self.outcomes = self.outcomes.masked_fill(arrived, Outcome.CONVERGED)
        self.outcomes = self.outcomes.masked_fill(lost, Outcome.DIVERGED)
        self.settled_at = self.settled_at.masked_fill(arrived | lost, step)

    def _arrived(self) -> Bool[Tensor, "*batch"]:
        lowest = self.surface.minimum
        excess = self.slopes() if lowest is None else self.values - lowest
        return excess < self.tolerance


def _lost(
    points: Float[Tensor, "*batch 2"],
    values: Float[Tensor, "*batch"],
    gradients: Float[Tensor, "*batch 2"],
) -> Bool[Tensor, "*batch"]:
    near = (points.abs() <= FAR).all(-1)
    return ~(near & values.isfinite() & gradients.isfinite().all(-1))
