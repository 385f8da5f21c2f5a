"""Samples walk over a given energy by Langevin dynamics until they have the Gibbs density."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from core import config, state
from core.config import generator, setting
from core.energies.landscapes import ENERGIES, LANDSCAPES, SIDE, Landscape
from core.energies.langevin import gradient_of, langevin_step
from core.experiment import CPU, Experiment, Pictures, Scalars, to_array
from core.surfaces import grid

CELLS = 80  # of the grid, each way
BINS = 40  # of the histogram
EXTENT = (-SIDE, SIDE, -SIDE, SIDE)


class EnergyGibbs(Experiment):
    """One step is one Langevin step of all samples."""

    class Config(config.Config):
        """The energy and the walk."""

        landscape: Landscape = setting(
            "wells", label="Energy", choices=LANDSCAPES, help="F(y) of the plane."
        )
        beta: float = setting(
            3.0,
            label="β",
            ge=0.1,
            le=100,
            scale="log",
            live=True,
            help="Inverse temperature: the larger, the more the samples keep to the hollows.",
        )
        size: float = setting(
            0.15,
            label="Step size s",
            ge=0.005,
            le=1,
            scale="log",
            live=True,
            help="Standard deviation of a step's noise. Large steps sample another density.",
        )
        samples: int = setting(
            600, label="Samples", ge=50, le=2_000, help="That walk, from one place."
        )
        batches: int = setting(
            3_000, label="Steps", ge=20, le=50_000, scale="log", help="Of a run."
        )

    SMOKE = Config(samples=50, batches=20)
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        self.total = config.batches
        self.energy = ENERGIES[config.landscape]
        self.source = generator(config.seed)
        self.y = torch.tensor([1.0, 0.0]).repeat(config.samples, 1).to(device)
        places = grid(EXTENT, CELLS + 1)[:-1, :-1] + SIDE / CELLS  # the cells' middles
        self.energies = self.energy(places)  # (80, 80), float64

    def step(self) -> Scalars | None:
        """Mean energy of the samples and of the Gibbs density, and how far the two are apart."""
        if self.steps == self.total:
            return None
        gradient = gradient_of(self.energy, self.y)
        noise = torch.randn(self.y.shape, generator=self.source).to(self.device)
        moved = langevin_step(self.y, gradient, self.config.beta, self.config.size, noise)
        self.y = moved.clamp(-SIDE, SIDE)
        self.steps += 1
        return self.scalars()

    def initial(self) -> Scalars:
        """The figures of the start."""
        return self.scalars()

    def scalars(self) -> dict[str, float]:
        """Mean energies; total variation between histogram and marginal density of y₁."""
        mass = self.mass()
        return {
            "walked": float(self.energy(self.y).mean()),
            "expected": float((mass * self.energies).sum()),
            "apart": float(np.abs(self.histogram() - self.marginal()).sum()) * 2 * SIDE / BINS / 2,
        }

    def mass(self) -> Tensor:
        """The Gibbs density, exp(−β F) / Z, of each cell of the grid."""
        return torch.softmax(-self.config.beta * self.energies.flatten(), 0).view(CELLS, CELLS)

    def marginal(self) -> np.ndarray:
        """The Gibbs density of y₁ alone, (40,)."""
        columns: np.ndarray = self.mass().sum(dim=0).view(BINS, -1).sum(dim=1).numpy()
        return columns * BINS / (2 * SIDE)

    def histogram(self) -> np.ndarray:
        """That of the samples, (40,)."""
        values = self.y[:, 0].cpu().numpy()
        return np.histogram(values, BINS, (-SIDE, SIDE), density=True)[0]

    def picture(self) -> Pictures:
        """walkers: (samples, 2); density: (80, 80), p(y); marginal, histogram: (40,) of y₁."""
        return {
            "walkers": to_array(self.y),
            "density": to_array(self.mass() * (CELLS / (2 * SIDE)) ** 2),
            "marginal": self.marginal().astype(np.float32),
            "histogram": self.histogram().astype(np.float32),
        }

    def backdrop(self) -> Pictures:
        """surface: (80, 80) energies, as log(1 + F − least); extent: (4,); bins: (40,) of y₁."""
        heights = torch.log1p(self.energies - self.energies.min())
        middles = -SIDE + (np.arange(BINS) + 0.5) * 2 * SIDE / BINS
        return {
            "surface": to_array(heights),
            "extent": np.array(EXTENT, np.float32),
            "bins": middles.astype(np.float32),
        }

    def words(self) -> str:
        """How near the samples are to what they shall have."""
        now = self.scalars()
        chance = 0.5 * math.sqrt(2 * BINS / (math.pi * self.config.samples))
        told = (
            f"Mean energy {now['walked']:.2f}; of the Gibbs density at β = {self.config.beta:g} it"
            f" is {now['expected']:.2f}. The histogram is {100 * now['apart']:.0f} % off"
        )
        if now["apart"] < 1.5 * chance:
            return f"{told}, no more than so few samples are by chance."
        return f"{told}; by chance alone it were some {100 * chance:.0f} % at most."

    def provenance(self) -> Mapping[str, str]:
        """Nothing is learnt here."""
        return {"data": "samples from a seeded generator; the energy is a formula"}

    def parts(self) -> Mapping[str, state.Part]:
        """The samples and the source of chance."""
        return {"y": self.y, "source": self.source}
