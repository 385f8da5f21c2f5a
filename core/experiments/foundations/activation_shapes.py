"""A point travels along the z axis: each activation's value there, and its slope."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

import numpy as np
import torch

from core import state
from core.config import setting
from core.experiment import CPU, Experiment, Pictures, finite
from core.functions.activations import LABELS, ActivationName
from core.functions.function import columns, evaluate, graphs, listed, places
from core.functions.settings import Settings

STRIDE = 0.05  # of the point at each step
TURN = 120  # strides from 0 to where the point turns round, at −6 and 6
ROUNDS = 2
FADED = 0.01  # a slope below this counts as vanished
GRID = STRIDE * np.arange(-TURN, TURN + 1)


class ActivationShapes(Experiment):
    """One step moves z by 0.05, to and fro between −6 and 6."""

    class Config(Settings):
        """Settings of the scene."""

        layers: int = setting(
            10,
            label="Layers",
            ge=1,
            le=30,
            live=True,
            help="How many such slopes the gradient is multiplied by on its way back.",
        )

    SMOKE = Config(activations=get_args(ActivationName))
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, CPU)
        self.total = ROUNDS * 4 * TURN

    @property
    def z(self) -> float:
        """Where the point is: from −6 up to 6, down again, and so on."""
        way = self.steps % (4 * TURN)
        return STRIDE * (min(way, 4 * TURN - way) - TURN)

    def slopes(self) -> np.ndarray:
        """(n,): f′(z) of each activation."""
        functions = self.config.functions()
        return evaluate(functions, np.full(len(functions), self.z))[1]

    def step(self) -> Mapping[str, float] | None:
        """The slope of each activation at the new z."""
        if self.steps == self.total:
            return None
        self.steps += 1
        return self.initial()

    def initial(self) -> Mapping[str, float]:
        """The slope of each activation."""
        return columns(self.config.activations, slope=self.slopes())

    def picture(self) -> Pictures:
        """The graphs, which bend as the settings do, and the points on them.

        z: (1,); names: labels of the activations; left: (n,), f′(z)^layers, what is left of a
        gradient; `name.left`: (241,), its size over `grid`; and the arrays of `graphs` and
        `places`
        """
        functions, layers = self.config.functions(), self.config.layers
        return {
            "z": np.array([self.z], np.float32),
            "names": np.array([LABELS[name] for name in functions]),
            "left": finite(self.slopes() ** layers),
            **{
                f"{name}.left": finite(np.abs(f.derivative(GRID)) ** layers)
                for name, f in functions.items()
            },
            **graphs(functions, GRID),
            **places(functions, np.full(len(functions), self.z)),
        }

    def backdrop(self) -> Pictures:
        """grid: (241,), the z axis."""
        return {"grid": GRID.astype(np.float32)}

    def words(self) -> str:
        """Whose gradient has vanished behind all layers here, and who passes most of it."""
        labels = [LABELS[name] for name in self.config.activations]
        left = np.abs(self.slopes()) ** self.config.layers
        shares = dict(zip(labels, left.tolist(), strict=True))
        faded = [label for label, share in shares.items() if share < FADED]
        best = max(shares, key=shares.__getitem__)
        most = f"{best} passes {100 * shares[best]:,.0f} %"
        if len(faded) == len(shares):
            told = "nobody passes even 1 % of the gradient: nothing is learnt here"
        elif faded:
            told = f"{listed(faded)} pass{'es' * (len(faded) == 1)} less than 1 % of the gradient"
            told += f"; {most}"
        else:
            told = f"all pass at least 1 % of the gradient; {most}"
        layers = f"{self.config.layers} layer{'s' * (self.config.layers > 1)}"
        return f"At z = {self.z:.2f}, through {layers}, {told}."

    def provenance(self) -> Mapping[str, str]:
        """Nothing but formulas."""
        return {"data": "formulas, computed in float64"}

    def parts(self) -> Mapping[str, state.Part]:
        """None: where the point is follows from the number of steps."""
        return {}
