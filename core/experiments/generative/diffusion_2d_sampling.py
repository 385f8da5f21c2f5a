"""Noise becoming points: the reverse process of a trained diffusion, one denoising step at a time.

DDPM (Ho et al. 2020) takes every step of the schedule; DDIM (Song et al. 2021) leaps over some.
A classifier can pull the points towards a class (Dhariwal and Nichol 2021).
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from core import checkpoints, state
from core.config import ConfigError, generator
from core.data.points import load_points
from core.diffusion.ddim import ddim_step, ddim_timesteps
from core.diffusion.ddpm import Step, ddpm_step, predict_xstart
from core.diffusion.plane import PlaneDiffusion
from core.diffusion.settings import SamplingSettings
from core.experiment import CPU, Experiment, Pictures, Scalars, to_array
from core.probes.fields import EXTENT, class_map, score_moves, shortened
from core.probes.samples import NEAR, Judge

FIGURES = ("nll", "own_nll", "precision", "coverage", "accuracy")
MEASUREMENTS = 20  # of the figures, spread over the run


class DiffusionSampling(Experiment):
    """One step denoises all samples once."""

    Config = SamplingSettings
    SMOKE = Config(samples=100, sampler="ddim", ddim_steps=20, eta=0.5, guidance_scale=1.0)
    config: SamplingSettings

    def __init__(self, config: SamplingSettings, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        self.points = load_points(config.data)
        self.judge = Judge(self.points)
        self.ideal = self.judge.ideal(config.samples)
        shipped = config.weights == "shipped"
        saved = (
            checkpoints.shipped("diffusion_2d") if shipped else checkpoints.of_run(config.weights)
        )
        self.diffusion = PlaneDiffusion.of(saved, device)
        self.schedule = self.diffusion.schedule
        self.targets = self.choose_targets().to(device)
        self.path = (
            ddim_timesteps(len(self.schedule), config.ddim_steps)
            if config.sampler == "ddim"
            else list(reversed(range(len(self.schedule))))
        )
        self.total = len(self.path)

        self.source = generator(config.seed, device)
        self.x = torch.randn(config.samples, 2, generator=self.source, device=device)
        eps = self.diffusion.eps(self.x, self.t)
        self.pred_xstart = predict_xstart(self.schedule, self.x, eps, self.t)
        self.figures = torch.zeros(len(FIGURES), dtype=torch.float64)
        self.by_class = torch.zeros(2, self.judge.classes)  # coverage, shares
        self.measure()

    def choose_targets(self) -> Tensor:
        """The class that each sample is guided towards, (samples,). Raises ConfigError."""
        known, config = self.judge.classes, self.config
        if self.diffusion.classifier is None:
            if config.guidance_scale > 0:
                raise ConfigError(
                    "These weights have no classifier to guide with; train one beside the denoiser,"
                    " or set the guidance scale to 0."
                )
        elif self.diffusion.count_classes() != known:
            raise ConfigError("These weights learnt other points; choose the points they learnt.")
        if config.label == "all":
            return torch.arange(config.samples) % known
        if int(config.label) >= known:
            raise ConfigError(f"There is no class {config.label}; the last one is {known - 1}.")
        return torch.full((config.samples,), int(config.label))

    @property
    def t(self) -> int:
        """The t that the samples stand at; -1 when no noise is left."""
        return self.path[self.steps] if self.steps < len(self.path) else -1

    def step(self) -> Scalars | None:
        """Denoise once. `t` is how many steps of noise are left; figures are the last measured."""
        if self.t < 0:
            return None
        t, scale = self.t, self.config.guidance_scale
        eps = self.diffusion.guided_eps(self.x, t, self.targets, scale)
        noise = torch.randn(self.x.shape, generator=self.source, device=self.device)
        self.steps += 1
        self.x, self.pred_xstart = self.denoise(eps, t, self.t, noise)
        if self.steps % math.ceil(len(self.path) / MEASUREMENTS) == 0 or self.t < 0:
            self.measure()
        return self.scalars()

    def initial(self) -> Scalars:
        """The figures of x̂_0 as it is seen in pure noise."""
        return self.scalars()

    def scalars(self) -> dict[str, float]:
        """The time and the last figures."""
        return {"t": self.t + 1.0, **dict(zip(FIGURES, self.figures.tolist(), strict=True))}

    def denoise(self, eps: Tensor, t: int, t_next: int, noise: Tensor) -> Step:
        """The chosen sampler's step."""
        if self.config.sampler == "ddpm":
            return ddpm_step(self.schedule, self.x, eps, t, noise)
        return ddim_step(self.schedule, self.x, eps, t, t_next, noise, self.config.eta)

    def measure(self) -> None:
        """How good x̂_0 is as a set of samples."""
        quality = self.judge(self.pred_xstart)
        _, nearest = self.judge.nearest(self.pred_xstart)
        accuracy = (nearest == self.targets.cpu().numpy()).mean()
        self.figures.copy_(torch.tensor([*quality.figures(), accuracy]))
        self.by_class.copy_(torch.from_numpy(np.stack([quality.coverage, quality.shares])))

    def guided(self) -> bool:
        """Whether a classifier pulls."""
        return self.config.guidance_scale > 0 and self.diffusion.classifier is not None

    def picture(self) -> Pictures:
        """The samples, where each will end, and what the nets say about the plane at this t.

        x_t, pred_xstart: (samples, 2)
        labels: (samples,), the class guided towards, else that of the data point nearest to x̂_0
        score: (225, 4), x, y, dx, dy on a grid; along the score, no longer than a cell
        classes: (40, 40), argmax p(y | x_t) at the cells' middles, row 0 at the lowest y
        coverage, shares: (classes,), as last measured
        """
        labels = self.targets if self.guided() else self.judge.nearest(self.pred_xstart)[1]
        t = max(self.t, 0)
        coverage, shares = self.by_class
        return {
            "x_t": to_array(self.x),
            "pred_xstart": to_array(self.pred_xstart),
            "labels": to_array(torch.as_tensor(labels)),
            "score": to_array(shortened(score_moves(self.diffusion, t, *self.pull()))),
            "classes": to_array(class_map(self.diffusion, t)),
            "coverage": to_array(coverage),
            "shares": to_array(shares),
        }

    def pull(self) -> tuple[int, float]:
        """The class and the scale of guidance, where all samples are guided to one class."""
        one = self.config.label != "all"
        return (int(self.config.label), self.config.guidance_scale) if one else (0, 0.0)

    def backdrop(self) -> Pictures:
        """The data, what as many data points would reach as samples, and the `extent` of `classes`.

        extent: (4,), x from, x to, y from, y to
        """
        extent = np.array([-EXTENT, EXTENT, -EXTENT, EXTENT], np.float32)
        return {**self.points.backdrop(), **self.ideal.backdrop(), "extent": extent}

    def words(self) -> str:
        """How good the samples will be, as far as can be told."""
        *_, precision, coverage, accuracy = self.figures.tolist()
        told = (
            f"t = {self.t + 1} of {len(self.schedule)}: {100 * precision:.0f} % of x̂₀ lie"
            f" within {NEAR} of the data and reach {100 * coverage:.0f} % of it"
        )
        if self.config.guidance_scale > 0 and self.diffusion.classifier is None:
            return f"{told}. These weights have no classifier, so guidance does nothing."
        if self.guided():
            told += f"; {100 * accuracy:.0f} % are at their class"
        return f"{told}."

    def provenance(self) -> Mapping[str, str]:
        """Which weights, and what they reached when they were accepted."""
        return {"data": self.points.source, "weights": self.weights_in_words()}

    def weights_in_words(self) -> str:
        """The weights' origin; for shipped ones with the likelihood they reach."""
        if self.config.weights != "shipped":
            return "of a training run here"
        figures = checkpoints.about("diffusion_2d")["figures"]
        return f"shipped weights, NLL {figures['nll']:.3f} (data {figures['nll_of_data']:.3f})"

    def parts(self) -> Mapping[str, state.Part]:
        """The samples, their noise, the last measurement, and nets whose run may have gone on."""
        nets = {} if self.config.weights == "shipped" else self.diffusion.nets()
        return {
            **nets,
            "x": self.x,
            "pred_xstart": self.pred_xstart,
            "source": self.source,
            "figures": self.figures,
            "by_class": self.by_class,
        }
