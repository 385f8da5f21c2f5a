"""The same nets learn the same labels twice: where they belong, and dealt out in a random order.

After Zhang et al. (2017), “Understanding deep learning requires rethinking generalization”: what
a net can fit says nothing about what it knows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor

from core import state
from core.config import generator, setting
from core.experiment import CPU, Experiment, Pictures, finite, to_array
from core.fits.chirp import GRID, INSIDE, WITHIN, chirp
from core.fits.fits import Fits
from core.fits.settings import FitSettings

STRIDE = 10  # gradient steps in one step of the experiment
GROUPS = ("real", "shuffled")
FITTED = 0.01  # a train MSE that is next to nothing: the variance of thirty labels is 0.36


class Memorising(Experiment):
    """One step is ten gradient steps of every net; nets of the two groups start in pairs."""

    class Config(FitSettings):
        """How many points, and for how long."""

        width: int = setting(
            128, label="Width", ge=4, le=512, scale="log", help="Units in each hidden layer."
        )
        points: int = setting(
            30, label="Points n", ge=4, le=100, help="Evenly spaced over [0, 1], for every net."
        )
        nets: int = setting(
            5, label="Nets on each", ge=1, le=10, help="They start from different weights."
        )
        rounds: int = setting(
            1000,
            label="Rounds",
            ge=1,
            le=10_000,
            scale="log",
            help=f"Of {STRIDE} gradient steps each.",
        )

    SMOKE = Config(width=8, points=8, nets=2, rounds=12)
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        self.x = torch.linspace(0, INSIDE, config.points)
        order = torch.randperm(config.points, generator=generator(config.seed))
        self.labels = {"real": chirp(self.x), "shuffled": chirp(self.x)[order]}
        first = config.seed * config.nets
        sources = [generator(first + k) for _ in GROUPS for k in range(config.nets)]
        data = [(self.x, self.labels[group]) for group in GROUPS for _ in range(config.nets)]
        self.fits = Fits(config, data, sources, device)
        self.total = config.rounds
        self.mse = torch.full((len(data),), torch.nan)
        self.predicted = self.fits.predict(GRID).cpu()

    def step(self) -> Mapping[str, float] | None:
        """Ten gradient steps. The mean of each group's train MSE and δ_in."""
        if self.steps == self.total:
            return None
        steps = range(self.steps * STRIDE, (self.steps + 1) * STRIDE)
        rate = self.config.learning_rate
        self.mse.copy_(self.fits.learn(steps, rate, self.total * STRIDE))
        self.predicted.copy_(self.fits.predict(GRID))
        self.steps += 1
        return self.judge()

    def judge(self) -> dict[str, float]:
        """Train MSE and δ_in of each group, means over its nets."""
        errors = (self.predicted - chirp(GRID))[:, WITHIN].square().mean(1).sqrt()
        found = {"train": self.mse, "delta_in": errors}
        return {
            f"{name}.{group}": float(values[rows].mean())
            for name, values in found.items()
            for group, rows in self.rows().items()
        }

    def rows(self) -> dict[str, slice]:
        """Where the nets of each group are."""
        nets = self.config.nets
        return {group: slice(i * nets, (i + 1) * nets) for i, group in enumerate(GROUPS)}

    def picture(self) -> Pictures:
        """real, shuffled: (nets, 301), what the nets of each group say at `x`."""
        fits = finite(self.predicted.numpy())
        return {group: fits[rows] for group, rows in self.rows().items()}

    def backdrop(self) -> Pictures:
        """x: (301,); points: (n, 2) of each group; and the curve they came from, over x."""
        return {
            "x": to_array(GRID),
            "x_inside": to_array(GRID[WITHIN]),
            "curve": to_array(chirp(GRID[WITHIN])),
            **{f"{group}_points": to_array(self.pairs(group)) for group in GROUPS},
        }

    def pairs(self, group: str) -> Tensor:
        """x beside the labels that a group was given."""
        return torch.stack([self.x, self.labels[group]], dim=1)

    def words(self) -> str:
        """How well both are fitted, and what it is worth."""
        config, found = self.config, self.judge()
        if not self.steps:
            return f"{config.nets} nets for each kind of labels, in pairs of equal starts."
        if not all(map(math.isfinite, found.values())):
            return "Some nets have diverged; take a smaller learning rate."
        real, shuffled = (found[f"train.{group}"] for group in GROUPS)
        inside = [found[f"delta_in.{group}"] for group in GROUPS]
        fitted = "both are fitted" if max(real, shuffled) < FITTED else "they are being fitted"
        return (
            f"Train MSE {real:.2g} on the real labels and {shuffled:.2g} on the shuffled ones: "
            f"{fitted}. Between the points, δ is {inside[0]:.2f} and {inside[1]:.2f}."
        )

    def provenance(self) -> Mapping[str, str]:
        """The curve; random starts."""
        return {
            "data": f"sin(10πx⁴) at {self.config.points} places, labels in place and shuffled",
            "weights": f"random, seed {self.config.seed}; the same for both",
        }

    def parts(self) -> Mapping[str, state.Part]:
        """The nets, what trains them, and what they last said."""
        return {**self.fits.parts(), "mse": self.mse, "predicted": self.predicted}
