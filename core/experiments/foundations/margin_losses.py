"""One example is classified wrongly; each loss moves its margin by gradient descent.

The margin m = y f(x) is above zero where the class is right. Some losses are content then, some
only from a margin of 1, some never, and one pulls back what is too right.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

import numpy as np
import torch

from core import state
from core.config import Config as BaseConfig
from core.config import setting
from core.experiment import CPU, Experiment, Pictures
from core.functions.function import Function, columns, evaluate, graphs, places, told
from core.functions.margins import LABELS, MARGIN_LOSSES, MarginName

GRID = np.linspace(-3.0, 4.0, 281)
LOST = 1e6  # a margin beyond this has diverged, and moves no more
FADED = 0.01  # a push below this counts as none
FATES = (
    "wrong, and not pushed",
    "still wrong",
    "right, and still pushed",
    "right, and left alone",
    "too right, and pulled back",
    "diverged",
)


class MarginLosses(Experiment):
    """One step is one step of gradient descent on each loss, all from the same margin."""

    class Config(BaseConfig):
        """Settings of the scene."""

        losses: tuple[MarginName, ...] = setting(
            ("zero_one", "hinge", "logistic", "exponential", "square"),
            label="Losses",
            choices=LABELS,
            help="Those that are drawn.",
        )
        start: float = setting(
            -2.0,
            label="Start margin",
            ge=-3,
            le=4,
            help="Below 0 the example is on the wrong side.",
        )
        learning_rate: float = setting(
            0.02,
            label="Learning rate η",
            ge=0.001,
            le=2,
            live=True,
            scale="log",
            help="How far a step goes along the slope.",
        )
        max_steps: int = setting(
            600, label="Steps", ge=1, le=2000, advanced=True, help="Where the scene ends."
        )

    SMOKE = Config(losses=get_args(MarginName), max_steps=50)
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, CPU)
        self.losses: dict[str, Function] = {name: MARGIN_LOSSES[name] for name in config.losses}
        self.margins = np.full(len(config.losses), config.start)
        self.total = config.max_steps

    def step(self) -> Mapping[str, float] | None:
        """The margin, loss and push (−ℓ′) of each."""
        if self.steps == self.total:
            return None
        _, slope = evaluate(self.losses, self.margins)
        lost = np.abs(self.margins) > LOST
        self.margins -= np.where(lost, 0.0, self.config.learning_rate * slope)
        self.steps += 1
        return self.initial()

    def initial(self) -> Mapping[str, float]:
        """The margin, loss and push (−ℓ′) of each."""
        value, slope = evaluate(self.losses, self.margins)
        return columns(self.losses, margin=self.margins, loss=value, push=-slope)

    def picture(self) -> Pictures:
        """Where each margin is on its loss.

        names: labels of the losses; push: (n,), −ℓ′(m); and the arrays of `places`
        """
        _, slope = evaluate(self.losses, self.margins)
        return {
            "names": np.array([LABELS[name] for name in self.losses]),
            "push": -slope.astype(np.float32),
            **places(self.losses, self.margins),
        }

    def backdrop(self) -> Pictures:
        """grid: (281,), the margins; and the arrays of `graphs` over it."""
        return {"grid": GRID.astype(np.float32), **graphs(self.losses, GRID)}

    def words(self) -> str:
        """Who pushes, who is content with the margin, who has diverged."""
        _, slopes = evaluate(self.losses, self.margins)
        fates = map(fate, self.margins.tolist(), slopes.tolist())
        return told(dict(zip(map(LABELS.__getitem__, self.losses), fates, strict=True)), FATES)

    def provenance(self) -> Mapping[str, str]:
        """One example."""
        start = f"{self.config.start:g}".replace("-", "−")
        return {"data": f"one example with a margin of {start} at first"}

    def parts(self) -> Mapping[str, state.Part]:
        """The margin under each loss."""
        return {"margins": torch.from_numpy(self.margins)}


def fate(margin: float, slope: float) -> str:
    """One of FATES."""
    idle, wrong, right, content, back, lost = FATES
    if abs(margin) > LOST:
        return lost
    if margin <= 0:
        return idle if abs(slope) < FADED else wrong
    if abs(slope) < FADED:
        return content
    return right if slope < 0 else back
