"""A net learns an energy F(x, y): low at the answers that are right, high at all others.

LeCun et al. (2006), A tutorial on energy-based learning.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from core import config, state
from core.config import generator, setting
from core.energies.answers import MOST_ANSWERS, SHAPES, Shape, X, Y, answers, draw
from core.energies.langevin import gradient_of, langevin_step
from core.energies.losses import (
    LOSSES,
    Loss,
    gibbs_density,
    log_partition,
    nll_loss,
    pair_loss,
    pushes,
)
from core.experiment import CPU, Experiment, Pictures, Scalars, finite, to_array
from core.nets.mlp import mlp

Negatives = Literal["uniform", "worst", "langevin"]
NEGATIVES: dict[Negatives, str] = {
    "uniform": "anywhere",
    "worst": "the likeliest mistake",
    "langevin": "walking off the data",
}
PAIRS = tuple(kind for kind in LOSSES if kind not in ("nll", "energy"))
WIDTH = 64
ANSWERS = 64  # places of y at which the likelihood's integral is taken, shifted at each step
COLUMNS, ROWS, FINE = 49, 61, 241  # of the surface; of a cut through it
WALKERS, WALKS, STRIDE = 120, 5, 0.03  # samples that walk, steps of each, and their noise
CHAIN = 10  # Langevin steps of a negative that starts at the data
APART = 0.25  # of a wrong answer from the right one, at least
HELD_OUT, SHOWN = 500, 60
EVALUATE_EVERY = 25


class EnergyTraining(Experiment):
    """One step is one batch of right answers pulled down, and wrong ones pushed up."""

    class Config(config.Config):
        """Settings of the training."""

        shape: Shape = setting(
            "ring", label="Data", choices=SHAPES, help="Questions x with several right answers y."
        )
        loss: Loss = setting("nll", label="Loss", choices=LOSSES, help="F right, F̄ wrong answer.")
        negatives: Negatives = setting(
            "uniform",
            label="Wrong answers",
            choices=NEGATIVES,
            when=("loss", PAIRS),
            help="Those that are pushed up. The likeliest mistake is the answer of least energy"
            " that is not near the datum's own.",
        )
        margin: float = setting(
            1.0,
            label="Margin m",
            ge=0,
            le=5,
            live=True,
            when=("loss", ("hinge", "square_square", "simple")),
            help="How far above it the wrong answer shall be.",
        )
        beta: float = setting(
            5.0,
            label="β",
            ge=0.1,
            le=100,
            scale="log",
            live=True,
            help="Inverse temperature of the Gibbs density, of the walk and of the likelihood.",
        )
        ask: float = setting(
            0.3, label="Cut at x", ge=-1, le=1, live=True, help="Of which x the answers are shown."
        )
        thickness: float = setting(
            0.05, label="Thickness", ge=0, le=0.3, help="Standard deviation of the noise on y."
        )
        leash: float = setting(
            0.0, label="Leash", ge=0, le=1, live=True, help="Weight of F² of all answers."
        )
        learning_rate: float = setting(
            0.003, label="Learning rate η", ge=1e-5, le=1, scale="log", live=True, help="Of Adam."
        )
        batch_size: int = setting(
            128, label="Batch size", ge=8, le=1024, scale="log", advanced=True, help="Of data."
        )
        batches: int = setting(
            1_500, label="Batches", ge=20, le=50_000, scale="log", help="Steps of a run."
        )

    SMOKE = Config(batches=20, batch_size=16)
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        self.total = config.batches
        self.net = mlp([2, WIDTH, WIDTH, 1], generator(config.seed), nn.SiLU).to(device)
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=config.learning_rate)
        held_out = draw(config.shape, HELD_OUT, config.thickness, generator(config.seed + 1))
        self.x, self.y = (values.to(device) for values in held_out)
        self.source = generator(config.seed + 2)
        self.walkers_x = self.x[:WALKERS]
        self.walkers = self.uniform(WALKERS)
        self.pair = torch.zeros(2, 2, SHOWN, device=device)  # right and wrong: x and y
        self.pushed = torch.tensor(1.0)  # share of the last wrong answers
        self.figures = torch.zeros(4, dtype=torch.float64)
        self.evaluate()

    def energy(self, x: Float[Tensor, "*n"], y: Float[Tensor, "*n"]) -> Float[Tensor, "*n"]:
        """F(x, y)."""
        values: Tensor = self.net(torch.stack([x, y], dim=-1))[..., 0]
        return values

    def rand(self, *shape: int) -> Tensor:
        """Uniform numbers from 0 to 1, from the experiment's own source."""
        return torch.rand(shape, generator=self.source).to(self.device)

    def uniform(self, count: int) -> Float[Tensor, " count"]:
        """Answers from anywhere in view."""
        return Y[0] + (Y[1] - Y[0]) * self.rand(count)

    def everywhere(self, x: Float[Tensor, " n"]) -> Float[Tensor, "n answers"]:
        """Evenly spaced answers to each question, shifted by chance within their cells."""
        places = (torch.arange(ANSWERS, device=self.device) + self.rand(len(x), 1)) / ANSWERS
        return Y[0] + (Y[1] - Y[0]) * places

    def step(self) -> Scalars | None:
        """Loss; then of held-out data: energies, −log p(y | x) in nats, the steepest slope."""
        if self.steps == self.total:
            return None
        for group in self.optimizer.param_groups:
            group["lr"] = self.config.learning_rate
        shape, size, thickness = self.config.shape, self.config.batch_size, self.config.thickness
        x, y = (values.to(self.device) for values in draw(shape, size, thickness, self.source))
        loss = self.loss(x, y)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.steps += 1
        for _ in range(WALKS):
            self.walkers = self.walk(self.walkers_x, self.walkers)
        if self.steps % EVALUATE_EVERY == 0 or self.steps == self.total:
            self.evaluate()
        return {"loss": loss.detach()} | self.scalars()

    def loss(self, x: Float[Tensor, " n"], y: Float[Tensor, " n"]) -> Float[Tensor, ""]:
        """Mean over the batch, the leash included."""
        config, low = self.config, self.energy(x, y)
        if config.loss == "nll":
            wrong = self.everywhere(x)
            high = self.energy(x[:, None].expand_as(wrong), wrong)
            losses = nll_loss(low, high, config.beta, (Y[1] - Y[0]) / ANSWERS)
            chosen = torch.multinomial(
                torch.softmax(-config.beta * high.detach(), dim=1).nan_to_num(1).cpu(),
                1,
                generator=self.source,
            ).to(self.device)
            wrong = wrong.gather(1, chosen)[:, 0]
        else:
            wrong = self.wrong(x, y)
            high = self.energy(x, wrong)
            losses = pair_loss(config.loss, low, high, config.margin)
            up = pushes(config.loss, low.detach(), high.detach(), config.margin)[1]
            self.pushed = (up < -1e-3).float().mean().cpu()
        shown = min(SHOWN, len(x))
        self.pair[:, :, :shown] = torch.stack([torch.stack([x, y]), torch.stack([x, wrong])])[
            :, :, :shown
        ]
        leash = low.square().mean() + high.square().mean()
        return losses.mean() + config.leash * leash

    def wrong(self, x: Float[Tensor, " n"], y: Float[Tensor, " n"]) -> Float[Tensor, " n"]:
        """The wrong answers that are pushed up."""
        kind = self.config.negatives
        if kind == "uniform" or self.config.loss == "energy":
            return self.uniform(len(x))
        if kind == "langevin":
            walked = y
            for _ in range(CHAIN):
                walked = self.walk(x, walked)
            return walked
        answers = self.everywhere(x)
        with torch.no_grad():
            energies = self.energy(x[:, None].expand_as(answers), answers)
            near = (answers - y[:, None]).abs() < APART
            worst = energies.masked_fill(near, math.inf).argmin(dim=1)
        return answers.gather(1, worst[:, None])[:, 0]

    def walk(self, x: Float[Tensor, " n"], y: Float[Tensor, " n"]) -> Float[Tensor, " n"]:
        """One Langevin step of answers y; at the edges of the view they stay inside."""
        gradient = gradient_of(lambda at: self.energy(x, at[:, 0]), y[:, None])
        noise = torch.randn(len(y), 1, generator=self.source).to(self.device)
        moved = langevin_step(y[:, None], gradient.nan_to_num(), self.config.beta, STRIDE, noise)
        return moved[:, 0].clamp(*Y)

    @torch.no_grad()
    def evaluate(self) -> None:
        """On held-out data: F at the data, F elsewhere, −log p(y | x), the steepest slope."""
        ys = torch.linspace(*Y, FINE, device=self.device)
        x = self.x[:, None].expand(-1, FINE)
        energies = self.energy(x, ys.expand_as(x))
        low = self.energy(self.x, self.y)
        cell = (Y[1] - Y[0]) / (FINE - 1)
        nll = self.config.beta * low + log_partition(energies, self.config.beta, cell)
        steep = energies.diff(dim=1).abs().max() / cell
        values = (low.mean(), energies.mean(), nll.mean(), steep)
        self.figures.copy_(torch.stack(values))

    def scalars(self) -> dict[str, float]:
        """The last figures of held-out data."""
        names = ("low", "high", "nll", "steep")
        return dict(zip(names, self.figures.tolist(), strict=True))

    @torch.no_grad()
    def picture(self) -> Pictures:
        """The surface, who is pushed where, and a cut through both.

        surface: (61, 49), row 0 at the lowest y
        right, wrong: (60, 2), some of the last batch, NaN where it has fewer; walkers: (120, 2)
        cut, density: (241,), F and p(y | x) at the chosen x; answer_0, …: (1,), the right ones
        """
        xs = torch.linspace(*X, COLUMNS, device=self.device)
        ys = torch.linspace(*Y, ROWS, device=self.device)
        surface = self.energy(xs.expand(ROWS, -1), ys[:, None].expand(-1, COLUMNS))
        fine = torch.linspace(*Y, FINE, device=self.device)
        cut = self.energy(torch.full_like(fine, self.config.ask), fine)
        density = gibbs_density(cut, self.config.beta, (Y[1] - Y[0]) / (FINE - 1))
        right = answers(self.config.shape, self.config.ask)
        places = np.array([*right, *[math.nan] * MOST_ANSWERS], np.float32)[:MOST_ANSWERS]
        walkers = torch.stack([self.walkers_x, self.walkers], dim=1)
        pair = self.pair.clone()
        pair[:, :, self.config.batch_size if self.steps else 0 :] = math.nan
        return {
            "surface": finite(to_array(surface)),
            "right": to_array(pair[0].T),
            "wrong": to_array(pair[1].T),
            "walkers": to_array(walkers),
            "cut": finite(to_array(cut)),
            "density": finite(to_array(density)),
            **{f"answer_{i}": places[i : i + 1].copy() for i in range(MOST_ANSWERS)},
        }

    def backdrop(self) -> Pictures:
        """extent: (4,) of the surface; ys: (241,) of the cut; data: (500, 2), held out."""
        return {
            "extent": np.array([*X, *Y], np.float32),
            "ys": np.linspace(*Y, FINE, dtype=np.float32),
            "data": to_array(torch.stack([self.x, self.y], dim=1)),
        }

    def words(self) -> str:
        """How far data and the rest are apart, what is still pushed, and whether it runs away."""
        low, high, nll, steep = self.figures.tolist()
        if not math.isfinite(low + high + nll):
            return "The energies have diverged; take a smaller learning rate."
        told = f"Held-out data lie at F = {low:.2f}, the whole strip at {high:.2f} on average."
        if self.config.loss == "energy" and self.steps and high - low < 0.1 * abs(high):
            told += " Everything sinks alike: nothing is pushed up."
        elif self.config.loss in PAIRS:
            told += f" {100 * float(self.pushed):.0f} % of the wrong answers are still pushed up."
        told += f" −log p(y | x) is {nll:.2f} nats at β = {self.config.beta:g}"
        return f"{told}; the steepest slope is {steep:.1f}."

    def provenance(self) -> Mapping[str, str]:
        """Which data; the net's size."""
        size = sum(parameter.numel() for parameter in self.net.parameters())
        return {
            "data": f"points of {SHAPES[self.config.shape]}, drawn anew for each batch",
            "weights": f"random, seed {self.config.seed}; {size:,} parameters",
        }

    def parts(self) -> Mapping[str, state.Part]:
        """The net, what trains it, chance, the walkers, what is shown."""
        return {
            "net": self.net,
            "optimizer": self.optimizer,
            "source": self.source,
            "walkers": self.walkers,
            "pair": self.pair,
            "pushed": self.pushed,
            "figures": self.figures,
        }
