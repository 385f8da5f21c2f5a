"""A small net learns to predict the noise in noisy points: the training of a diffusion.

Ho et al. (2020), Algorithm 1: draw a data point, a t and noise ε; descend on ‖ε − ε̂(x_t, t)‖².
An epoch is as many draws as there are pairs of a data point and a t, points × T of them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, mse_loss

from core import state
from core.config import generator
from core.data.points import load_points
from core.diffusion.ddim import ddim_loop
from core.diffusion.plane import PlaneDiffusion
from core.diffusion.q_sample import q_invert, q_sample
from core.diffusion.settings import TrainingSettings
from core.experiment import CPU, Experiment, Pictures, Scalars, finite, to_array
from core.nets.time_mlp import TimeMLP
from core.optim.cosine import half_cosine
from core.probes.samples import NEAR, Judge

SHOWN = 5_000  # training points in a picture
HELD_OUT = 4_096  # draws of the validation loss
SAMPLES, SAMPLING_STEPS = 1_000, 25  # of an evaluation
NO_NOISE = 1.0  # the loss of predicting 0: the variance of the noise
FIGURES = ("validation_loss", "nll", "own_nll", "precision", "coverage")


class Draws(NamedTuple):
    """Noisy points with what is known about each."""

    x_t: Tensor  # (draws, 2)
    t: Tensor  # (draws,)
    noise: Tensor  # (draws, 2); ε
    labels: Tensor  # (draws,)


class DiffusionTraining(Experiment):
    """One step is one batch. Every so often 1,000 samples are drawn by DDIM and judged."""

    Config = TrainingSettings
    SMOKE = Config(timesteps=10, epochs=1, evaluate_every=10, classifier=True)
    total: int
    COURSE = Config(batch_size=10_000, epochs=300, decay="step")
    config: TrainingSettings

    def __init__(self, config: TrainingSettings, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        self.points = load_points(config.data).to(device)
        self.schedule = config.build_schedule(device)
        self.judge = Judge(self.points)
        self.ideal = self.judge.ideal(SAMPLES)
        self.source = generator(config.seed, device)
        self.held_out = self.draw(HELD_OUT, generator(config.seed + 1, device))

        start = generator(config.seed + 3)
        self.nets = {"denoiser": TimeMLP.denoiser(start).to(device)}
        if config.classifier:
            classes = len(self.points.names)
            self.nets["classifier"] = TimeMLP.classifier(classes, start).to(device)
        self.optimizer = torch.optim.AdamW(
            [parameter for net in self.nets.values() for parameter in net.parameters()],
            weight_decay=config.weight_decay,
            fused=True,
        )
        self.diffusion = PlaneDiffusion(self.schedule, self.nets["denoiser"])
        self.total = config.epochs * self.steps_per_epoch

        # The last evaluation and the last few batches, for pictures and for going on exactly.
        self.figures = torch.full((len(FIGURES),), math.nan, dtype=torch.float64)
        self.samples = torch.zeros(SAMPLES, 2)
        self.sample_labels = torch.zeros(SAMPLES, dtype=torch.int32)
        self.by_class = torch.zeros(2, len(self.points.names))  # coverage, shares
        batches = math.ceil(SHOWN / config.batch_size)
        self.recent = torch.zeros(batches, config.batch_size, 6, device=device)

    @property
    def steps_per_epoch(self) -> int:
        """Batches that make points × T draws."""
        return math.ceil(len(self.points.data) * len(self.schedule) / self.config.batch_size)

    def draw(self, count: int, source: torch.Generator) -> Draws:
        """Points, times and noise at random."""
        data, device = self.points.data, self.device
        index = torch.randint(len(data), (count,), generator=source, device=device)
        t = torch.randint(len(self.schedule), (count,), generator=source, device=device)
        noise = torch.randn(count, 2, generator=source, device=device)
        x_t = q_sample(self.schedule, data[index], t, noise)
        return Draws(x_t, t, noise, self.points.labels[index])

    def learning_rate(self) -> float:
        """As it has decayed by now."""
        if self.config.decay == "cosine":
            factor = half_cosine(self.steps, self.total)
        else:
            factor = 0.99 ** (self.steps // self.steps_per_epoch // 2)
        return float(self.config.learning_rate * factor)

    def step(self) -> Scalars | None:
        """Train on one batch. Figures of samples are those of the last evaluation."""
        if self.steps == self.total:
            return None
        rate = self.learning_rate()
        self.optimizer.param_groups[0]["lr"] = rate
        batch = self.draw(self.config.batch_size, self.source)
        time = batch.t / len(self.schedule)

        eps = self.nets["denoiser"](batch.x_t, time)
        loss = mse_loss(eps, batch.noise)
        losses = {"loss": loss}
        if "classifier" in self.nets:
            logits = self.nets["classifier"](batch.x_t, time)
            losses["classifier_loss"] = cross_entropy(logits, batch.labels)
        self.optimizer.zero_grad()
        torch.stack([*losses.values()]).sum().backward()
        self.optimizer.step()

        self.remember(batch, eps.detach())
        self.steps += 1
        if self.steps % self.config.evaluate_every == 0 or self.steps == self.total:
            self.evaluate()
        return {
            **{name: value.detach() for name, value in losses.items()},
            "learning_rate": rate,
            **dict(zip(FIGURES, self.figures.tolist(), strict=True)),
        }

    def remember(self, batch: Draws, eps: Tensor) -> None:
        """Keep what a picture shows of a batch: x_t, the predicted noise, t and label."""
        columns = [batch.x_t, eps, batch.t[:, None], batch.labels[:, None]]
        self.recent[self.steps % len(self.recent)] = torch.cat(columns, dim=1)

    @torch.no_grad()
    def evaluate(self) -> None:
        """The loss on held-out draws, and the quality of samples from the same noise each time."""
        held_out = self.held_out
        eps = self.nets["denoiser"](held_out.x_t, held_out.t / len(self.schedule))
        x = torch.randn(SAMPLES, 2, generator=generator(self.config.seed + 2)).to(self.device)
        for step in ddim_loop(self.schedule, self.diffusion.eps, x, SAMPLING_STEPS):
            x = step.sample
        self.samples.copy_(x)
        self.sample_labels.copy_(torch.from_numpy(self.judge.nearest(x)[1]))
        quality = self.judge(x)
        loss = float(mse_loss(eps, held_out.noise))
        self.figures.copy_(torch.tensor([loss, *quality.figures()]))
        self.by_class.copy_(torch.from_numpy(np.stack([quality.coverage, quality.shares])))

    def evaluated(self) -> bool:
        """Whether there are samples yet."""
        return self.steps >= min(self.config.evaluate_every, self.total)

    def picture(self) -> Pictures:
        """The last training points and the last evaluation's samples, none before there are any.

        pred_xstart: (points ≤ 5,000, 2), with labels (points,)
        samples: (1,000, 2), with sample_labels (1,000,), the class of the nearest data point
        coverage, shares: (classes,)
        """
        seen = min(self.steps * self.config.batch_size, SHOWN)
        x_t, eps, t, labels = self.recent.view(-1, 6)[:seen].split([2, 2, 1, 1], dim=1)
        pred_xstart = q_invert(self.schedule, x_t, t[:, 0].long(), eps)
        coverage, shares = to_array(self.by_class)
        return {
            "pred_xstart": finite(to_array(pred_xstart)),
            "labels": to_array(labels[:, 0].to(torch.uint8)),
            "samples": finite(to_array(self.samples if self.evaluated() else self.samples[:0])),
            "sample_labels": to_array(self.sample_labels),
            "coverage": coverage,
            "shares": shares,
        }

    def backdrop(self) -> Pictures:
        """The data, and what as many data points would reach as samples."""
        return {**self.points.backdrop(), **self.ideal.backdrop()}

    def words(self) -> str:
        """How far the training is and how good its samples are."""
        epoch = f"Epoch {self.steps / self.steps_per_epoch:.2f} of {self.config.epochs}"
        if not self.evaluated():
            return f"{epoch}; the first samples come at step {self.config.evaluate_every:,}."
        loss, _, _, precision, coverage = self.figures.tolist()
        if not math.isfinite(loss):
            return f"{epoch}: the training has diverged; take a smaller learning rate."
        if loss > 0.98 * NO_NOISE:
            worse = "is worse than" if loss > 1.05 * NO_NOISE else "is that of"
            return f"{epoch}: the loss, {loss:.3g}, {worse} a net that always says “no noise”."
        return (
            f"{epoch}: {100 * precision:.0f} % of {SAMPLES:,} samples lie within {NEAR}"
            f" of the data and reach {100 * coverage:.0f} % of it; the loss on held-out draws is"
            f" {loss:.3f}."
        )

    def provenance(self) -> Mapping[str, str]:
        """What is learnt, from what start."""
        return {"data": self.points.source, "weights": f"random, seed {self.config.seed}"}

    def parts(self) -> Mapping[str, state.Part]:
        """The nets, what trains them, and the last evaluation and batches."""
        return {
            **self.nets,
            "betas": self.schedule.betas,
            "optimizer": self.optimizer,
            "source": self.source,
            "figures": self.figures,
            "samples": self.samples,
            "sample_labels": self.sample_labels,
            "by_class": self.by_class,
            "recent": self.recent,
        }
