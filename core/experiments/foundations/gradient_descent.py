"""Optimisers raced on one surface from one start.

All of them follow the same gradient, evaluated for all in one call; they differ only in what they
remember of it. The points are few, so the race runs on the CPU in float64 on every machine.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch

from core import optim, state
from core.config import setting
from core.descent.settings import Settings
from core.descent.walkers import Outcome, Walkers
from core.experiment import CPU, Experiment, Pictures, to_array
from core.optim import OptimiserName
from core.surfaces import Values, drawn_height, floor, grid, including

GRID = 121  # heights along each side of the view
LONGEST_ARROW = 0.15  # of the width of the view
QUANTITIES = ("x", "y", "f", "gradient", "height")
ENDLESS = "This surface has no minimum: it falls without end."


class GradientDescent(Experiment):
    """n optimisers, one point each."""

    class Config(Settings):
        """Settings of the race."""

        optimisers: tuple[OptimiserName, ...] = setting(
            ("sgd", "momentum", "rmsprop", "adam"),
            label="Optimisers",
            choices=optim.LABELS,
            help="Who takes part in the race.",
        )
        start_x: float = setting(
            -4.0,
            label="Start x",
            ge=-5,
            le=5,
            advanced=True,
            help="Where all start; or click on the plot.",
        )
        start_y: float = setting(
            3.0,
            label="Start y",
            ge=-5,
            le=5,
            advanced=True,
            help="Where all start; or click on the plot.",
        )

        def racers(self) -> tuple[OptimiserName, ...]:
            """All that are chosen."""
            return self.optimisers

    SMOKE = Config(optimisers=tuple(optim.OPTIMISERS), max_steps=50)
    config: Config

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, CPU)
        start = torch.tensor([config.start_x, config.start_y], dtype=torch.float64)
        self.surface = config.build_surface()
        self.walkers = Walkers(
            self.surface, start.repeat(len(config.optimisers), 1), config.tolerance
        )
        self.memories = {
            name: config.build_optimiser(name).start(start) for name in config.optimisers
        }
        self.extent = including(self.surface.extent, config.start_x, config.start_y)
        self.landscape = self.surface.value(grid(self.extent, GRID))
        self.floor = floor(self.surface, self.landscape)

    def step(self) -> Mapping[str, float] | None:
        """x, y, f, gradient (its norm) and height (as drawn) of each optimiser."""
        walkers, config = self.walkers, self.config
        if self.steps >= config.max_steps or walkers.all_settled():
            return None
        points = []
        for name, point, slope in zip(
            config.optimisers, walkers.points.unbind(), walkers.gradients.unbind(), strict=True
        ):
            optimiser = config.build_optimiser(name)
            point, self.memories[name] = optimiser.step(point, slope, self.memories[name])
            points.append(point)
        self.steps += 1
        walkers.move(torch.stack(points), self.steps)
        return self._scalars()

    def initial(self) -> Mapping[str, float]:
        """The start, where all paths begin."""
        return self._scalars()

    def picture(self) -> Pictures:
        """The racers as they stand, one row each.

        names: optimisers as in the settings; outcome: "running", "converged" or "diverged"
        positions: (n, 2); values: (n,); heights: (n,), on the scale of the drawn surface
        settled_at: (n,), the step of the outcome, -1 while running
        arrows: (n, 4), x, y, dx, dy downhill, |∇| / (1 + |∇|) of the longest arrow
        """
        walkers = self.walkers
        longest = LONGEST_ARROW * (self.extent[1] - self.extent[0])
        downhill = -walkers.gradients * (longest / (1 + walkers.slopes())).unsqueeze(-1)
        return {
            "names": np.array(self.config.optimisers),
            "outcome": np.array([Outcome(o).name.lower() for o in walkers.outcomes.tolist()]),
            "positions": to_array(walkers.points),
            "values": to_array(walkers.values),
            "heights": to_array(self._heights(walkers.values)),
            "settled_at": to_array(walkers.settled_at),
            "arrows": to_array(torch.cat([walkers.points, downhill], dim=-1)),
        }

    def backdrop(self) -> Pictures:
        """The surface, and what is marked on it.

        surface: (121, 121), drawn heights, row 0 at the lowest y, NaN where there is none
        extent: (4,), left, right, bottom, top; start: (2,); minima: (k, 2)
        floor: (1,), the value drawn at height 0
        """
        heights = self._heights(self.landscape)
        return {
            "surface": to_array(heights.where(heights.isfinite(), torch.nan)),
            "extent": np.array(self.extent, np.float32),
            "start": np.array([self.config.start_x, self.config.start_y], np.float32),
            "minima": np.array(self.surface.minima, np.float32).reshape(-1, 2),
            "floor": to_array(torch.tensor([self.floor], dtype=torch.float64)),
        }

    def words(self) -> str:
        """Who has arrived, who leads, who is lost, in this order."""
        walkers = self.walkers
        outcomes, values = walkers.outcomes.tolist(), walkers.values.tolist()
        settled_at = walkers.settled_at.tolist()
        if set(outcomes) == {Outcome.DIVERGED} and set(settled_at) == {0}:
            return "The surface has no finite height or slope at this start: choose another."
        ranked = sorted(zip(outcomes, settled_at, values, self.config.optimisers, strict=True))
        ahead = len(ranked) > 1 and ranked[0][:3] < ranked[1][:3]
        fates = [
            self._fate(Outcome(outcome), step, value, name, first=ahead and rank == 0)
            for rank, (outcome, step, value, name) in enumerate(ranked)
        ]
        return "; ".join(fates) + "." + ("" if self.surface.bounded else " " + ENDLESS)

    def provenance(self) -> Mapping[str, str]:
        """The surface; there are no weights."""
        return {"data": f"the surface “{self.surface.label}”, computed"}

    def parts(self) -> Mapping[str, state.Part]:
        """Where the points are, and what their optimisers remember."""
        return self.walkers.parts() | {
            f"{name}.{slot}": tensor
            for name, memory in self.memories.items()
            for slot, tensor in memory.items()
        }

    def _scalars(self) -> dict[str, float]:
        walkers = self.walkers
        columns = [walkers.values, walkers.slopes(), self._heights(walkers.values)]
        table = torch.cat([walkers.points, torch.stack(columns, dim=-1)], dim=-1)
        names = [f"{name}.{what}" for name in self.config.optimisers for what in QUANTITIES]
        return dict(zip(names, table.flatten().tolist(), strict=True))

    def _fate(
        self, outcome: Outcome, step: int, value: float, name: OptimiserName, first: bool
    ) -> str:
        label = optim.LABELS[name]
        match outcome:
            case Outcome.CONVERGED:
                arrived = "came to rest at" if self.surface.minimum is None else "reached"
                return f"{label} {arrived} {value:.3g}{' first,' * first} at step {step}"
            case Outcome.RUNNING:
                return f"{label} {'leads' if first else 'is'} at {value:.3g}"
            case Outcome.DIVERGED:
                return f"{label} diverged at step {step}"

    def _heights(self, values: Values) -> Values:
        return drawn_height(values, self.floor)
