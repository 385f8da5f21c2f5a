"""Points dissolving in noise: the forward process of a diffusion, one t per step."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from core import state
from core.config import generator
from core.data.points import load_points
from core.diffusion.q_sample import q_sample
from core.diffusion.settings import Settings
from core.experiment import CPU, Experiment, Pictures, Scalars, to_array
from core.probes.samples import Judge

ASKED = 1_000  # points whose neighbours are looked up at each step


class DiffusionNoising(Experiment):
    """After k steps each point is √ᾱ x_0 + √(1−ᾱ) ε at the k-th t, with an ε that stays its own."""

    class Config(Settings):
        """Settings of the forward process."""

    SMOKE = Config(timesteps=20)
    config: Config

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        self.points = load_points(config.data).to(device)
        self.schedule = config.build_schedule(device)
        self.total = len(self.schedule)
        self.noise = torch.randn(
            self.points.data.shape, generator=generator(config.seed, device), device=device
        )
        self.judge = Judge(self.points)

    def x_t(self) -> Tensor:
        """All points as they are now, (points, 2); the data itself before the first step."""
        data = self.points.data
        if self.steps == 0:
            return data
        t = torch.full((len(data),), self.steps - 1, device=self.device)
        return q_sample(self.schedule, data, t, self.noise)

    def step(self) -> Scalars | None:
        """One more t. `own_class` is the share of points still nearest to their own class."""
        if self.steps == self.total:
            return None
        self.steps += 1
        return self.scalars()

    def initial(self) -> Scalars:
        """The figures of the data itself."""
        return self.scalars()

    def scalars(self) -> dict[str, float]:
        """What x_t is made of, and how much of the data can still be told from it."""
        signal, noise = self.shares()
        return {
            "sqrt_alpha_cumprod": signal,
            "sqrt_one_minus_alpha_cumprod": noise,
            "own_class": self.own_class(),
        }

    def shares(self) -> tuple[float, float]:
        """The factors of data and of noise in x_t."""
        if self.steps == 0:
            return 1.0, 0.0
        at = self.schedule.coefficients[self.steps - 1]
        return at.sqrt_alpha_cumprod, at.sqrt_one_minus_alpha_cumprod

    def own_class(self) -> float:
        """The share of points whose nearest data point is of their own class, of some of them."""
        some = slice(None, None, math.ceil(len(self.points.data) / ASKED))
        _, labels = self.judge.nearest(self.x_t()[some])
        return float((labels == self.judge.labels[some]).mean())

    def picture(self) -> Pictures:
        """`x_t` (points, 2)."""
        return {"x_t": to_array(self.x_t())}

    def backdrop(self) -> Pictures:
        """The data, and the shares of `signal` and `noise` over t = 0 … T, (T + 1,) each."""
        signal, noise = (
            self.schedule.sqrt_alphas_cumprod,
            self.schedule.sqrt_one_minus_alphas_cumprod,
        )
        return self.points.backdrop() | {
            "signal": np.concatenate([np.ones(1, np.float32), to_array(signal)]),
            "noise": np.concatenate([np.zeros(1, np.float32), to_array(noise)]),
        }

    def words(self) -> str:
        """How much of the data is left."""
        signal, noise = self.shares()
        return (
            f"t = {self.steps} of {len(self.schedule)}: each point is {signal:.2f} × itself plus"
            f" {noise:.2f} × noise."
        )

    def provenance(self) -> Mapping[str, str]:
        """Which points dissolve."""
        return {"data": self.points.source}

    def parts(self) -> Mapping[str, state.Part]:
        """Nothing: the number of steps says it all."""
        return {}
