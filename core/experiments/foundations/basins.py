"""Where every start ends: a grid of starts, descended by one optimiser as a single batch."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from core import optim, state
from core.config import setting
from core.descent.settings import Settings
from core.descent.walkers import Outcome, Walkers
from core.experiment import CPU, Experiment, Pictures, to_array
from core.optim import OptimiserName
from core.surfaces import grid

NOT_YET, LOST, ELSEWHERE = -1, -2, -3
SAME_MINIMUM = 0.1  # farther apart than this, two places of rest are two minima
MOST_MINIMA = 12  # told apart on a surface of one's own; a plain has rest everywhere


class Basins(Experiment):
    """side × side starts, evenly spaced over the view of the surface."""

    class Config(Settings):
        """Settings of the map."""

        optimiser: OptimiserName = setting(
            "sgd", label="Optimiser", choices=optim.LABELS, help="The rule all starts follow."
        )
        side: int = setting(
            100, label="Starts along each side", ge=2, le=128, help="The map has side² starts."
        )

        def racers(self) -> tuple[OptimiserName, ...]:
            """The only one."""
            return (self.optimiser,)

    SMOKE = Config(surface="himmelblau", side=12, max_steps=50)
    config: Config

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, CPU)
        self.surface = config.build_surface()
        starts = grid(self.surface.extent, config.side)
        self.walkers = Walkers(self.surface, starts, config.tolerance)
        self.memory = config.build_optimiser(config.optimiser).start(starts)

    def step(self) -> Mapping[str, float] | None:
        """Shares of the starts that have converged and diverged, and the median value."""
        walkers, config = self.walkers, self.config
        if self.steps >= config.max_steps or walkers.all_settled():
            return None
        optimiser = config.build_optimiser(config.optimiser)
        points, self.memory = optimiser.step(walkers.points, walkers.gradients, self.memory)
        self.steps += 1
        walkers.move(points, self.steps)
        return {
            "converged": self._share(Outcome.CONVERGED),
            "diverged": self._share(Outcome.DIVERGED),
            "median": float(walkers.values.nanmedian()),
        }

    def picture(self) -> Pictures:
        """The map of starts: row 0 has the lowest y, column 0 the lowest x.

        basin: (side, side), the row of `minima` reached, -1 not yet, -2 diverged,
            -3 at rest elsewhere (an own surface with more places of rest than are told apart)
        steps: (side, side), how many it took to converge, NaN where it has not
        minima: (k, 2)
        """
        minima = self._minima()
        steps = self.walkers.settled_at.double().where(self._converged(), torch.nan)
        return {
            "basin": to_array(self._basin(minima)),
            "steps": to_array(steps),
            "minima": to_array(minima),
        }

    def backdrop(self) -> Pictures:
        """extent: (4,), left, right, bottom, top of the grid of starts."""
        return {"extent": np.array(self.surface.extent, np.float32)}

    def words(self) -> str:
        """What share of the starts has converged and diverged, and the largest basin."""
        basin = self._basin(minima := self._minima())
        shares = (
            f"{100 * self._share(Outcome.CONVERGED):.1f} % of the starts have converged, "
            f"{100 * self._share(Outcome.DIVERGED):.1f} % diverged."
        )
        sizes = torch.bincount(basin[basin >= 0], minlength=len(minima))
        if not sizes.any():
            return shares
        largest = int(sizes.argmax())
        x, y = minima[largest].tolist()
        share = 100 * int(sizes[largest]) / basin.numel()
        return f"{shares} The largest basin, of ({x:z.2f}, {y:z.2f}), holds {share:.1f} %."

    def provenance(self) -> Mapping[str, str]:
        """The surface; there are no weights."""
        return {"data": f"the surface “{self.surface.label}”, computed"}

    def parts(self) -> Mapping[str, state.Part]:
        """Where the points are, and what their optimiser remembers."""
        return self.walkers.parts() | {f"memory.{k}": slot for k, slot in self.memory.items()}

    def _converged(self) -> Tensor:
        return self.walkers.outcomes == Outcome.CONVERGED

    def _share(self, outcome: Outcome) -> float:
        return float((self.walkers.outcomes == outcome).double().mean())

    def _basin(self, minima: Float[Tensor, "k 2"]) -> Int[Tensor, "side side"]:
        basin = torch.full_like(self.walkers.outcomes, NOT_YET)
        basin[self.walkers.outcomes == Outcome.DIVERGED] = LOST
        converged = self._converged()
        if len(minima):
            away, nearest = torch.cdist(self.walkers.points[converged], minima).min(-1)
            if not self.surface.minima:
                nearest[away > SAME_MINIMUM] = ELSEWHERE
            basin[converged] = nearest
        return basin

    def _minima(self) -> Float[Tensor, "k 2"]:
        """Those known of the surface, else the first places of rest, in the order of arrival."""
        if self.surface.minima:
            return torch.tensor(self.surface.minima, dtype=torch.float64)
        converged = self._converged()
        order = self.walkers.settled_at[converged].argsort(stable=True)
        resting = self.walkers.points[converged][order]
        found = resting[:0]
        while len(resting) and len(found) < MOST_MINIMA:
            found = torch.cat([found, resting[:1]])
            resting = resting[(resting - resting[0]).norm(dim=-1) > SAME_MINIMUM]
        return found
