"""The smallest net there is: one unit with one number z to learn, so that f(z) meets a target.

The error E = ½ (f(z) − t)² has the gradient ∂E/∂z = (f(z) − t) f′(z): where the slope of the
activation is zero the unit stays, however wrong it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

import numpy as np
import torch

from core import state
from core.config import setting
from core.experiment import CPU, Experiment, Pictures
from core.functions.activations import LABELS, ActivationName
from core.functions.function import columns, evaluate, graphs, places, told
from core.functions.settings import Settings

GRID = np.linspace(-6.0, 6.0, 241)
LOST = 1e6  # a z beyond this has diverged, and moves no more
MET = 0.05  # of the target: an output this near has arrived
FADED = 0.01  # a slope below this counts as vanished
FATES = ("met the target", "on the way", "stuck where the slope is under 1 %", "diverged")


class ActivationUnit(Experiment):
    """One step is one step of gradient descent for every unit, all from the same z."""

    class Config(Settings):
        """Settings of the scene."""

        start: float = setting(-3.0, label="Start z", ge=-6, le=6, help="Where all units begin.")
        target: float = setting(
            0.8, label="Target", ge=-1, le=2, live=True, help="The output that is asked for."
        )
        learning_rate: float = setting(
            0.2,
            label="Learning rate η",
            ge=0.01,
            le=5,
            live=True,
            scale="log",
            help="How far a step goes along the slope.",
        )
        max_steps: int = setting(
            900, label="Steps", ge=1, le=2000, advanced=True, help="Where the scene ends."
        )

    SMOKE = Config(activations=get_args(ActivationName), max_steps=50)
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, CPU)
        self.z = np.full(len(config.activations), config.start)
        self.total = config.max_steps

    def step(self) -> Mapping[str, float] | None:
        """The z, output and slope of each unit."""
        if self.steps == self.total:
            return None
        output, slope = evaluate(self.config.functions(), self.z)
        gradient = (output - self.config.target) * slope
        self.z -= np.where(np.abs(self.z) > LOST, 0.0, self.config.learning_rate * gradient)
        self.steps += 1
        return self.initial()

    def initial(self) -> Mapping[str, float]:
        """The z, output and slope of each unit."""
        output, slope = evaluate(self.config.functions(), self.z)
        return columns(self.config.activations, z=self.z, output=output, slope=slope)

    def picture(self) -> Pictures:
        """The graphs and where each unit is on them.

        target: (1,); names: labels of the activations; z: (n,); push: (n,), −∂E/∂z;
        and the arrays of `graphs` over `grid` and of `places`
        """
        functions = self.config.functions()
        output, slope = evaluate(functions, self.z)
        push = (self.config.target - output) * slope
        return {
            "target": np.array([self.config.target], np.float32),
            "names": np.array([LABELS[name] for name in functions]),
            "z": self.z.astype(np.float32),
            "push": push.astype(np.float32),
            **graphs(functions, GRID),
            **places(functions, self.z),
        }

    def backdrop(self) -> Pictures:
        """grid: (241,), the z axis."""
        return {"grid": GRID.astype(np.float32)}

    def words(self) -> str:
        """Who has arrived, who is on the way, who is stuck or lost."""
        output, slopes = evaluate(self.config.functions(), self.z)
        misses = np.abs(output - self.config.target)
        fates = map(fate, self.z.tolist(), misses.tolist(), slopes.tolist())
        labels = map(LABELS.__getitem__, self.config.activations)
        return told(dict(zip(labels, fates, strict=True)), FATES)

    def provenance(self) -> Mapping[str, str]:
        """One number per unit."""
        start = f"z = {self.config.start:g} for every unit".replace("-", "−")
        return {"data": "one target, set live", "weights": start}

    def parts(self) -> Mapping[str, state.Part]:
        """Where each unit is."""
        return {"z": torch.from_numpy(self.z)}


def fate(z: float, miss: float, slope: float) -> str:
    """One of FATES."""
    met, under_way, stuck, lost = FATES
    if abs(z) > LOST:
        return lost
    if miss < MET:
        return met
    return stuck if abs(slope) < FADED else under_way
