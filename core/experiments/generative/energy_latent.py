"""One question, a whole ellipse of answers: a latent variable says which one is meant.

The net gives each x an ellipse; z is a place on it. What has no latent variable, or takes the mean
over all of them, answers with the middle, where no data are.
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
from core.energies.latent import angles, best_latent, decoded, energies, free_energy
from core.experiment import CPU, Experiment, Pictures, Scalars, finite, to_array
from core.nets.mlp import mlp
from core.surfaces import grid

SIDE = 2.4  # of what is shown
EXTENT = (-SIDE, SIDE, -SIDE, SIDE)
CELLS, SHOWN, GUESSES, HELD_OUT = 41, 48, 40, 300
NEAR = 0.08  # data of an x so near to the chosen one are shown
PACE = 0.1  # of inference by gradient descent
EVALUATE_EVERY = 10


class EnergyLatent(Experiment):
    """One step: weights go down F at the data, guesses of y go down F at the chosen x."""

    class Config(config.Config):
        """Settings of learning and of inference."""

        form: Literal["cold", "warm", "none"] = setting(
            "cold",
            label="Latent variable",
            choices={"cold": "the best z", "warm": "all z, at β", "none": "none"},
            help="What F(x, y) is: the least energy over z, a soft one, or one without z.",
        )
        beta: float = setting(
            10.0,
            label="β",
            ge=0.01,
            le=1_000,
            scale="log",
            live=True,
            when=("form", "warm"),
            help="Inverse temperature: small values take the mean over all z.",
        )
        ask: float = setting(
            0.5, label="Ask for x", ge=0, le=1, live=True, help="Whose answers are shown."
        )
        noise: float = setting(
            0.1, label="Noise", ge=0, le=0.5, help="Standard deviation of the data about them."
        )
        learning_rate: float = setting(
            0.002, label="Learning rate η", ge=1e-5, le=1, scale="log", live=True, help="Of Adam."
        )
        batch_size: int = setting(
            64, label="Batch size", ge=8, le=1024, scale="log", advanced=True, help="Of data."
        )
        batches: int = setting(
            1_000, label="Batches", ge=20, le=20_000, scale="log", help="Steps of a run."
        )

    SMOKE = Config(batches=20, batch_size=16)
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        self.total = config.batches
        self.net = mlp([1, 32, 2], generator(config.seed), nn.Tanh).to(device)
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=config.learning_rate)
        self.x, self.y = self.draw(HELD_OUT, generator(config.seed + 1))
        self.source = generator(config.seed + 2)
        spread = torch.rand(2, GUESSES, 2, generator=self.source)
        self.guesses = (1.6 * SIDE * (spread - 0.5)).to(device)  # of y, by F and by E
        self.z = (2 * math.pi * torch.rand(GUESSES, generator=self.source)).to(device)
        self.figures = torch.zeros(2, dtype=torch.float64)
        self.evaluate()

    def draw(self, count: int, source: torch.Generator) -> tuple[Tensor, Tensor]:
        """x from 0 to 1; y about an ellipse that is flat at first and high in the end."""
        x = torch.rand(count, generator=source)
        z = 2 * math.pi * torch.rand(count, generator=source)
        noise = torch.randn(count, 2, generator=source)
        y = decoded(true_radii(x), z) + self.config.noise * noise
        return x.to(self.device), y.to(self.device)

    def radii(self, x: Float[Tensor, " n"]) -> Float[Tensor, "n 2"]:
        """r₁ and r₂ of each x as the net has them."""
        radii: Tensor = self.net(x[:, None])
        return radii

    def free(self, radii: Float[Tensor, "n 2"], y: Float[Tensor, "n 2"]) -> Float[Tensor, " n"]:
        """F(x, y) of the chosen form."""
        if self.config.form == "none":  # the net's two numbers are the answer itself
            return (y - radii).square().sum(dim=1)
        beta = math.inf if self.config.form == "cold" else self.config.beta
        return free_energy(energies(radii, y), beta)

    def step(self) -> Scalars | None:
        """Mean F of the batch and of held-out data; error of the radii."""
        if self.steps == self.total:
            return None
        for group in self.optimizer.param_groups:
            group["lr"] = self.config.learning_rate
        x, y = self.draw(self.config.batch_size, self.source)
        loss = self.free(self.radii(x), y).mean()
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.steps += 1
        self.infer()
        if self.steps % EVALUATE_EVERY == 0 or self.steps == self.total:
            self.evaluate()
        return {"loss": loss.detach()} | self.scalars()

    def infer(self) -> None:
        """One step of gradient descent: y down F; and y with z down E."""
        radii = self.asked(GUESSES)
        alone, pair, z = (v.clone().requires_grad_() for v in (*self.guesses, self.z))
        (down,) = torch.autograd.grad(self.free(radii, alone).sum(), alone)
        place = radii if self.config.form == "none" else decoded(radii, z)
        energy = (pair - place).square().sum() + 0 * z.sum()
        down_y, down_z = torch.autograd.grad(energy, (pair, z))
        moves = torch.stack([down, down_y])
        self.guesses = (self.guesses - PACE * moves.nan_to_num()).clamp(-9, 9)
        self.z = self.z - PACE * down_z.nan_to_num().clamp(-1, 1)

    @torch.no_grad()
    def asked(self, count: int) -> Float[Tensor, "count 2"]:
        """The radii at the chosen x, `count` times."""
        x = torch.full((1,), self.config.ask, device=self.device)
        return self.radii(x).expand(count, -1)

    @torch.no_grad()
    def evaluate(self) -> None:
        """Mean F of held-out data, and their mean distance from the nearest answer."""
        radii = self.radii(self.x)
        free = self.free(radii, self.y)
        if self.config.form == "none":
            distance = (self.y - radii).norm(dim=1)
        else:
            distance = energies(radii, self.y).min(dim=1).values.sqrt()
        self.figures.copy_(torch.stack([free.mean(), distance.mean()]))

    def scalars(self) -> dict[str, float]:
        """The last figures of held-out data."""
        return {"held_out": float(self.figures[0]), "distance": float(self.figures[1])}

    @torch.no_grad()
    def picture(self) -> Pictures:
        """At the chosen x: the surface of F, answers, guesses, and the latent energy of one datum.

        surface: (41, 41), F(x, y), row 0 at the lowest y₂
        manifold: (96, 2), all that z stands for; near: (48, 2) data; arrows: (48, 4) to their ž
        by_y, by_both: (40, 2), guesses going down F, and down E with a z of their own
        latent: (96,), E of the first of these data for all z; best: (1,), its ž
        """
        places = grid(EXTENT, CELLS).flatten(0, 1).float().to(self.device)
        surface = self.free(self.asked(len(places)), places).view(CELLS, CELLS)
        radii, z = self.asked(len(angles())), angles(self.device)
        none = self.config.form == "none"
        manifold = radii if none else decoded(radii, z)
        near = self.near()
        values = energies(self.asked(len(near)), near)
        ends = self.asked(len(near))
        best = best_latent(values)
        if not none:
            ends = decoded(ends, best)
        arrows = torch.full((SHOWN, 4), math.nan)
        arrows[: len(near)] = torch.cat([near, ends - near], dim=1).cpu()
        data = torch.full((SHOWN, 2), math.nan)
        data[: len(near)] = near.cpu()
        return {
            "surface": finite(to_array(surface)),
            "manifold": finite(to_array(manifold)),
            "near": to_array(data),
            "arrows": finite(to_array(arrows)),
            "by_y": finite(to_array(self.guesses[0])),
            "by_both": finite(to_array(self.guesses[1])),
            "latent": finite(to_array(values[0])),
            "best": to_array(best[:1]),
        }

    def near(self) -> Float[Tensor, "n 2"]:
        """Held-out data whose x is near the chosen one, the nearest first; never none."""
        distance = (self.x - self.config.ask).abs()
        order = distance.argsort()[:SHOWN]
        kept = order[distance[order] < NEAR]
        return self.y[kept if len(kept) else order[:1]]

    def backdrop(self) -> Pictures:
        """extent: (4,) of the surface; z: (96,) angles."""
        return {"extent": np.array(EXTENT, np.float32), "z": to_array(angles())}

    def words(self) -> str:
        """What the net answers, and how far from the data that is."""
        free, distance = self.figures.tolist()
        if not math.isfinite(free + distance):
            return "The net has diverged; take a smaller learning rate."
        radii = self.asked(1)[0].abs().tolist()
        if self.config.form == "none":
            answer = "one point, the mean of all answers"
        else:
            answer = f"an ellipse with half axes {radii[0]:.2f} and {radii[1]:.2f}"
        true = true_radii(torch.tensor([self.config.ask]))[0].tolist()
        return (
            f"To x = {self.config.ask:g} it answers with {answer}; the data lie about one with"
            f" {true[0]:.2f} and {true[1]:.2f}. Held-out data are {distance:.2f} away from the"
            " nearest answer on average."
        )

    def provenance(self) -> Mapping[str, str]:
        """Which data."""
        return {
            "data": "points about ellipses, drawn anew for each batch",
            "weights": f"random, seed {self.config.seed}",
        }

    def parts(self) -> Mapping[str, state.Part]:
        """The net, what trains it, chance, the guesses, the last figures."""
        return {
            "net": self.net,
            "optimizer": self.optimizer,
            "source": self.source,
            "guesses": self.guesses,
            "z": self.z,
            "figures": self.figures,
        }


def true_radii(x: Float[Tensor, " n"]) -> Float[Tensor, "n 2"]:
    """Half axes of the data's ellipse: from 1.0 and 0.4 at x = 0 to 1.0 and 2.0 at x = 1."""
    return torch.stack([torch.ones_like(x), 0.4 + 1.6 * x], dim=1)
