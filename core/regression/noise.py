"""How much of y cannot be known from x: the noise, estimated from neighbours.

Points with nearly the same x have nearly the same f(x), so what is left between a target and the
mean of its k nearest neighbours is noise: its mean square is 1 + 1/k times the noise's variance
(Devroye, Györfi, Lugosi and Walk 2018, "A nearest neighbor estimate of the residual variance").
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

MOST_NEIGHBOURS = 40
WINDOW = 60  # residuals whose mean square is the noise at one place


class Neighbours:
    """Points on a line, of which the nearest to any place can be found."""

    def __init__(self, x: Float[Tensor, "points 1"], y: Float[Tensor, " points"]) -> None:
        self.x, order = x[:, 0].sort()
        self.y = y[order]
        # Few points are far from each other; then one neighbour tells least of the curve's change.
        self.k = min(max(len(x) // 25, 1), MOST_NEIGHBOURS)

    def noise_variance(self, x: Float[Tensor, "places 1"], y: Float[Tensor, " places"]) -> float:
        """The least mean squared error on (x, y) that any function of x can have, in y's units²."""
        near = self._nearest(x[:, 0], self.k)
        return float(self._residuals(y, near).square().mean())

    def noise_along(self, x: Float[Tensor, "places 1"]) -> Float[Tensor, " places"]:
        """The standard deviation of the noise at places; NaN outside of the points."""
        others = self._nearest(self.x, self.k, torch.arange(len(self.x)))
        squares = self._residuals(self.y, others).square()
        window = min(WINDOW, len(self.x) // 2)
        along = squares[self._nearest(x[:, 0], window)].mean(1).sqrt()
        inside = (x[:, 0] >= self.x[0]) & (x[:, 0] <= self.x[-1])
        return torch.where(inside, along, torch.nan)

    def _residuals(self, y: Tensor, near: Tensor) -> Tensor:
        """What is left of each target beside its neighbours' mean, scaled to the noise's size."""
        residuals: Tensor = (y - self.y[near].mean(1)) * (self.k / (self.k + 1)) ** 0.5
        return residuals

    def _nearest(self, x: Tensor, k: int, own: Tensor | None = None) -> Tensor:
        """Indices (places, k) of the k nearest points, leaving out each place's `own` one."""
        middle = torch.searchsorted(self.x, x) if own is None else own
        width = min(2 * k + 1, len(self.x))
        first = (middle - k).clamp(0, len(self.x) - width)
        around = first[:, None] + torch.arange(width)
        distances = (self.x[around] - x[:, None]).abs()
        if own is not None:
            distances[around == own[:, None]] = torch.inf
        return around.gather(1, distances.topk(k, largest=False).indices)
