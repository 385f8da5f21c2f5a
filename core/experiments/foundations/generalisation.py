"""A hundred nets learn one curve from 10 to 1,000 points, all at once, and are judged beyond them.

f(x) = sin(10πx⁴). Data lie in [0, 1]; δ_in is a net's error there and δ_out its error on [0, 1.5],
both against the curve without noise. The whole sweep without a page, a minute on a free core:

    python -c "from core.experiments import find; kind = find('generalisation')
    run = kind(kind.Config()); print([*iter(run.step, None)][-1], run.words())"
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

import numpy as np
import pydantic
import torch
from jaxtyping import Float
from torch import Tensor

from core import state
from core.config import generator, setting
from core.experiment import CPU, Experiment, Pictures, finite, to_array
from core.fits.chirp import FINE, GRID, INSIDE, SHOWN, WITHIN, chirp
from core.fits.fits import Fits
from core.fits.settings import FitSettings

LEARNT = 0.2  # a train MSE below this counts as fitted; always saying 0 has about 0.35
WEIGHTS = 16_000_000  # of all nets: with gradients, velocities and a checkpoint, half a gigabyte
UPDATES = 600_000_000  # of weights in an epoch, which takes some seconds on one CPU core


class Generalisation(Experiment):
    """One step is one epoch of the largest data set: all nets take as many gradient steps."""

    class Config(FitSettings):
        """How many nets, how many data, and how they are judged."""

        shown: int = setting(
            100,
            label="Look at n",
            ge=2,
            le=2000,
            scale="log",
            live=True,
            help="The nets of the size nearest to this are shown by themselves.",
        )
        measure: Literal["rms", "max"] = setting(
            "rms",
            label="δ is the",
            choices={"rms": "typical error", "max": "largest error"},
            live=True,
            help="Typical: the root of the mean square. Largest: the maximum over the interval.",
        )
        noise: float = setting(
            0.0, label="Noise", ge=0, le=2, help="Standard deviation of what is added to labels."
        )
        epochs: int = setting(
            800,
            label="Epochs",
            ge=1,
            le=10_000,
            scale="log",
            help="Of the largest data set. All nets take equally many gradient steps, so that "
            "smaller sets are gone through more often.",
        )
        smallest: int = setting(
            10, label="Smallest n", ge=2, le=2000, scale="log", advanced=True, help="Of points."
        )
        largest: int = setting(
            1000, label="Largest n", ge=2, le=2000, scale="log", advanced=True, help="Of points."
        )
        sizes: int = setting(
            20, label="Sizes", ge=1, le=30, advanced=True, help="Evenly spaced on a log scale."
        )
        trials: int = setting(
            5, label="Trials", ge=1, le=10, advanced=True, help="Nets of each size."
        )

        @pydantic.model_validator(mode="after")
        def _not_too_much_at_once(self) -> Generalisation.Config:
            nets = self.sizes * self.trials
            if (weights := nets * self.weights) > WEIGHTS:
                raise ValueError(
                    f"{nets} nets of {self.weights:,} weights each are more than the "
                    f"{WEIGHTS:,} weights allowed; choose a smaller width or fewer trials."
                )
            steps = math.ceil(max(self.smallest, self.largest) / self.batch_size)
            if weights * steps > UPDATES:
                raise ValueError(
                    f"An epoch of {steps:,} gradient steps on {weights:,} weights would take too "
                    "long; choose a larger batch size or a smaller width."
                )
            return self

    SMOKE = Config(width=8, epochs=12, sizes=3, trials=2, largest=40, batch_size=16)
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        low, high = sorted((config.smallest, config.largest))
        self.sizes = np.geomspace(low, high, config.sizes).round().astype(int)
        members = config.sizes * config.trials
        sources = [generator(config.seed * members + k) for k in range(members)]
        self.data = [
            draw(int(self.sizes[k // config.trials]), config.noise, source)
            for k, source in enumerate(sources)
        ]
        self.fits = Fits(config, self.data, sources, device)
        self.per_epoch = self.fits.passes
        self.total = config.epochs
        self.mse = torch.full((members,), torch.nan)  # on the data of the last epoch
        self.predicted = self.fits.predict(GRID).cpu()

    def step(self) -> Mapping[str, float] | None:
        """One epoch. The median over all nets of train RMSE, δ_in and δ_out."""
        if self.steps == self.total:
            return None
        first = self.steps * self.per_epoch
        steps = range(first, first + self.per_epoch)
        rate = self.config.learning_rate
        self.mse.copy_(self.fits.learn(steps, rate, self.total * self.per_epoch))
        self.predicted.copy_(self.fits.predict(GRID))
        self.steps += 1
        return {name: float(of.nanmedian()) for name, of in self.judge().items()}

    def judge(self) -> dict[str, Float[Tensor, " members"]]:
        """Each net's train RMSE, δ_in and δ_out; NaN where it has diverged."""
        errors = self.predicted - chirp(GRID)
        inside, outside = self.size_of(errors[:, WITHIN]), self.size_of(errors)
        found = {"train": self.mse.sqrt(), "delta_in": inside, "delta_out": outside}
        return {name: of.where(of.isfinite(), torch.nan) for name, of in found.items()}

    def size_of(self, errors: Float[Tensor, "*members places"]) -> Float[Tensor, "*members"]:
        """δ: the typical error, or the largest."""
        return errors.abs().amax(-1) if self.config.measure == "max" else rms(errors)

    def by_size(self, values: Float[Tensor, " members"]) -> Float[Tensor, "3 sizes"]:
        """Least, median and greatest of the trials of each size."""
        return values.view(-1, self.config.trials).nanquantile(torch.tensor([0, 0.5, 1]), dim=1)

    def looked_at(self) -> int:
        """Which of the sizes is shown by itself."""
        return int(np.abs(np.log(self.sizes / self.config.shown)).argmin())

    def picture(self) -> Pictures:
        """All nets as they stand after the last epoch.

        fits: (members, 151), what each says at `x`, the trials of the smallest n first
        train, delta_in, delta_out: (sizes,), the median of the trials; with _low and _high
        shown_fits: (trials, 151) of one size; shown_fit: (151,) its first, which saw
        shown_points: (n, 2), x and y
        nothing: (1,), the δ_out of a net that always says 0
        """
        fits = self.predicted[:, SHOWN]
        shown = self.looked_at() * self.config.trials
        of_size = fits[shown : shown + self.config.trials]
        picture = {
            "fits": fits,
            "shown_fits": of_size,
            "shown_fit": of_size[0],
            "shown_points": torch.stack(self.data[shown], dim=1),
            "nothing": self.size_of(chirp(GRID))[None],
        }
        for name, values in self.judge().items():
            low, median, high = self.by_size(values)
            picture |= {f"{name}_low": low, name: median, f"{name}_high": high}
        return {name: finite(values.numpy()) for name, values in picture.items()}

    def backdrop(self) -> Pictures:
        """The curve, and how many data there are.

        x: (151,), where the nets are asked; n: (sizes,)
        inside, outside: the curve over `x_inside` and `x_outside`
        """
        inside, outside = FINE[FINE <= INSIDE], FINE[FINE >= INSIDE]
        return {
            "x": to_array(GRID[SHOWN]),
            "n": self.sizes.astype(np.float32),
            "x_inside": to_array(inside),
            "inside": to_array(chirp(inside)),
            "x_outside": to_array(outside),
            "outside": to_array(chirp(outside)),
        }

    def words(self) -> str:
        """Which sizes are fitted, and how the errors at both ends compare."""
        nets = f"{len(self.mse)} nets, {self.config.trials} for each of {len(self.sizes)} sizes"
        if not self.steps:
            return f"{nets}, before they have learnt anything."
        found = self.judge()
        if lost := int(torch.stack(list(found.values())).isnan().any(0).sum()):
            return f"{lost} of {nets}, have diverged; take a smaller learning rate."
        worst, net = (of.item() for of in self.mse.max(0))
        at = f"n = {self.sizes[int(net) // self.config.trials]:,}"
        fitted = int((self.mse < LEARNT).sum())
        every = fitted == len(self.mse)
        count = "every single net" if every else f"{fitted} of {len(self.mse)} nets"
        state = f"Train MSE is below {LEARNT} for {count}, {worst:.3f} at most ({at})"
        inside, outside = (self.by_size(found[f"delta_{where}"])[1] for where in ("in", "out"))
        return (
            f"{state}. From n = {self.sizes[0]:,} to {self.sizes[-1]:,}, δ inside goes from "
            f"{inside[0]:.2f} to {inside[-1]:.2f}, outside from {outside[0]:.2f} to "
            f"{outside[-1]:.2f}."
        )

    def provenance(self) -> Mapping[str, str]:
        """The curve; random starts."""
        noise = f" with noise of {self.config.noise:g}" if self.config.noise else ""
        return {
            "data": f"sin(10πx⁴) at random x in [0, 1]{noise}, drawn anew for each net",
            "weights": f"random, seed {self.config.seed}",
        }

    def parts(self) -> Mapping[str, state.Part]:
        """The nets, what trains them, and what they last said."""
        return {**self.fits.parts(), "mse": self.mse, "predicted": self.predicted}


def rms(errors: Float[Tensor, "*members places"]) -> Float[Tensor, "*members"]:
    """The root of the mean square."""
    return errors.square().mean(-1).sqrt()


def draw(n: int, noise: float, source: torch.Generator) -> tuple[Tensor, Tensor]:
    """n points of the curve: x uniform in [0, 1], and y with noise added."""
    x = torch.rand(n, generator=source)
    return x, chirp(x) + noise * torch.randn(n, generator=source)
