"""A robot's policy learns from demonstrations: a net learns to predict the noise in their actions.

Chi et al. (2023), "Diffusion Policy", eq. 5: take what was observed and the actions that followed,
draw a t and noise ε; descend on ‖ε − ε̂(observed, noisy actions, t)‖².
"""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from typing import Annotated, Literal

import numpy as np
import pydantic
import torch
from torch.nn.functional import mse_loss

from core import config, state
from core.config import generator, setting
from core.data import demonstrations, own
from core.diffusion.q_sample import q_sample
from core.experiment import CPU, Experiment, Pictures, Scalars, finite, to_array
from core.nets.action_unet import ActionUNet
from core.nets.rivals import count, knows_bfloat16
from core.optim.cosine import cosine_rate
from core.robot.board import GOAL, OBSERVED, corners, to_pixels
from core.robot.policy import HORIZON, OBSERVATIONS, TIMESTEPS, Policy
from core.robot.push_t import CONTROL_HZ, starts
from core.robot.rollouts import roll_out

PLANNING_STEPS = 10  # of DDIM
DECAY = 1e-6  # of matrices, per unit of learning rate
HELD_OUT = 1_024  # draws of the validation loss
SITUATIONS, PLANS = 2, 8  # held-out situations that are shown, plans in each
BOARDS = 4  # of a trial
NO_NOISE = 1.0  # the loss of predicting 0: the variance of the noise


class PolicyTraining(Experiment):
    """One step is one batch. Every so often the averaged net is put to the test."""

    class Config(config.Config):
        """Settings of the data, the net and its training."""

        data: Annotated[str, pydantic.AfterValidator(own.names_data(*demonstrations.SOURCES))] = (
            setting(
                "rollouts",
                label="Demonstrations",
                max_length=32,
                hidden=True,
                help="What it learns from: shipped rollouts, the public set, or one's own.",
            )
        )
        share: float = setting(
            1.0,
            label="Share of them",
            ge=0.05,
            le=1,
            help="Of the demonstrations to learn from; those held out are always the same.",
        )
        mirrored: bool = setting(
            True,
            label="Mirrored too",
            help="Board, T and goal are their own mirror images, so every demonstration is also"
            " one of the mirrored task.",
        )
        width: Literal[16, 32, 64, 128] = setting(
            32, label="Channels", help="At full length; twice as many at half of it."
        )
        steps: int = setting(
            2_000, label="Batches", ge=10, le=500_000, scale="log", help="Until it is done."
        )
        batch_size: int = setting(
            128, label="Batch size", ge=16, le=4_096, scale="log", help="Windows in a batch."
        )
        learning_rate: float = setting(
            1e-3,
            label="Learning rate η",
            ge=1e-5,
            le=1,
            scale="log",
            live=True,
            help="η of AdamW, at its highest.",
        )
        evaluate_every: int = setting(
            100,
            label="Validate every",
            unit="batches",
            ge=10,
            le=10_000,
            advanced=True,
            help="Between two looks at the averaged net's loss and plans.",
        )
        try_every: int = setting(
            250,
            label="Try every",
            unit="batches",
            ge=10,
            le=100_000,
            advanced=True,
            help=f"Between two trials of the averaged net, on {BOARDS} boards.",
        )
        trial: int = setting(
            20, label="Trial", unit="s", ge=1, le=60, advanced=True, help="On each board, at most."
        )
        mixed: bool = setting(
            True,
            label="Half digits",
            advanced=True,
            help="Products in bfloat16 where the processor knows it.",
        )

    SMOKE = Config(
        share=0.05, width=16, steps=20, batch_size=16, evaluate_every=10, try_every=10, trial=1
    )
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        self.total = config.steps
        learnt, held_out = demonstrations.split(demonstrations.load(config.data))
        learnt = learnt[: max(1, round(config.share * len(learnt)))]
        self.counts = len(learnt), len(held_out)
        train = demonstrations.windows(learnt, HORIZON, mirrored=config.mirrored)
        self.train = train.to(device)
        judges = generator(config.seed + 2)
        validation = demonstrations.windows(held_out, HORIZON)
        index = torch.randint(len(validation), (HELD_OUT,), generator=judges)
        self.held_out = validation.take(index).to(device)
        way = validation.actions.diff(dim=1).norm(dim=2).sum(dim=1)
        parts = torch.arange(len(way)).tensor_split(SITUATIONS)
        far = torch.stack([part[way[part].argmax()] for part in parts])
        self.shown = validation.take(far).to(device)  # where the demonstrator goes far
        self.held_out_t = torch.randint(TIMESTEPS, (HELD_OUT,), generator=judges).to(device)
        self.held_out_noise = torch.randn(HELD_OUT, HORIZON, 2, generator=judges).to(device)
        self.shown_noise = torch.randn(SITUATIONS * PLANS, HORIZON, 2, generator=judges).to(device)

        self.net = ActionUNet(OBSERVATIONS * OBSERVED, config.width, generator(config.seed))
        self.net.to(device)
        self.averaged = copy.deepcopy(self.net).requires_grad_(False)
        self.policy = Policy(self.averaged, device)
        self.optimizer = torch.optim.AdamW(
            self.net.parameters(), betas=(0.95, 0.999), weight_decay=DECAY, fused=True
        )
        self.source = generator(config.seed + 1, device)
        self.figures = torch.full((2,), math.nan, dtype=torch.float64)
        self.plans = torch.zeros(SITUATIONS, PLANS, HORIZON, 2)
        self.tried = torch.zeros(BOARDS)  # best coverage
        self.evaluate()

    def step(self) -> Scalars | None:
        """Loss on the batch; the loss on held-out draws and the coverage as last found."""
        if self.steps == self.total:
            return None
        size, device = self.config.batch_size, self.device
        index = torch.randint(len(self.train), (size,), generator=self.source, device=device)
        batch = self.train.take(index)
        t = torch.randint(TIMESTEPS, (size,), generator=self.source, device=device)
        noise = torch.randn(batch.actions.shape, generator=self.source, device=device)
        with self.precision():
            eps = self.net(
                q_sample(self.policy.schedule, batch.actions, t, noise), t, batch.observed
            )
            loss = mse_loss(eps, noise)
        rate = cosine_rate(self.config.learning_rate, self.steps, self.total)
        self.optimizer.param_groups[0]["lr"] = rate
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.steps += 1
        self.average()
        if self.steps % self.config.evaluate_every == 0 or self.steps == self.total:
            self.evaluate()
        if self.steps % self.config.try_every == 0 or self.steps == self.total:
            self.try_out()
        return {"loss": loss.detach(), "learning_rate": rate, **self.scalars()}

    @torch.no_grad()
    def average(self) -> None:
        """The mean of past weights, over ever more of them: Chi et al.'s warm-up, power 3/4."""
        share = self.steps**-0.75
        for mean, now in zip(self.averaged.parameters(), self.net.parameters(), strict=True):
            mean.lerp_(now, share)

    @torch.no_grad()
    def evaluate(self) -> None:
        """Of the averaged net: its loss on held-out draws, its plans in held-out situations."""
        held_out, t, noise = self.held_out, self.held_out_t, self.held_out_noise
        with self.precision():
            noisy = q_sample(self.policy.schedule, held_out.actions, t, noise)
            loss = mse_loss(self.averaged(noisy, t, held_out.observed), noise)
        self.figures[0] = float(loss)
        observed = self.shown.observed.repeat_interleave(PLANS, dim=0)
        plans = to_pixels(self.policy.plan(self.shown_noise, observed, PLANNING_STEPS))
        self.plans.copy_(plans.unflatten(0, (SITUATIONS, PLANS)))

    def try_out(self) -> None:
        """Let the averaged net push on a few boards, the same ones each time."""
        seed = self.config.seed + 3
        tried = roll_out(
            self.policy,
            starts(BOARDS, seed),
            generator(seed),
            self.config.trial * CONTROL_HZ,
            steps=PLANNING_STEPS,
        )
        self.tried.copy_(torch.from_numpy(tried.covered.max(axis=1)))
        self.figures[1] = float(self.tried.mean())

    def precision(self) -> torch.autocast:
        """Where products are computed in bfloat16, if they shall be."""
        mixed = self.config.mixed and knows_bfloat16(self.device)
        return torch.autocast(self.device.type, torch.bfloat16, enabled=mixed)

    def scalars(self) -> dict[str, float]:
        """As last found."""
        return dict(zip(("validation_loss", "coverage"), self.figures.tolist(), strict=True))

    def picture(self) -> Pictures:
        """Of the averaged net, as last evaluated.

        plans0, plans1: (8, 16, 2), plans made in one held-out situation each, in pixels
        tried: (4,), the best coverage on each board of the last trial; NaN before there is one
        """
        tried = self.tried if math.isfinite(self.figures[1]) else self.tried + math.nan
        plans = finite(to_array(self.plans))
        return {f"plans{i}": plans[i].copy() for i in range(SITUATIONS)} | {
            "tried": to_array(tried)
        }

    def backdrop(self) -> Pictures:
        """The situations, and what the demonstrator did there.

        block0, block1: (1, 8, 2), corners; pusher0 …: (1, 2); done0 …: (1, 16, 2); goal: (1, 8, 2)
        boards: (4,), names
        """
        made: dict[str, np.ndarray] = {}
        seen = to_pixels(self.shown.observed[:, OBSERVED:]).unflatten(1, (-1, 2))
        for i in range(SITUATIONS):
            made[f"pusher{i}"] = to_array(seen[i, :1])
            made[f"block{i}"] = to_array(seen[i : i + 1, 1:])
            made[f"done{i}"] = to_array(to_pixels(self.shown.actions[i : i + 1]))
        goal = corners(np.array([[0, 0, *GOAL]])).astype(np.float32)
        return made | {"goal": goal, "boards": np.array([f"board {i + 1}" for i in range(BOARDS)])}

    def words(self) -> str:
        """How far it is, what it has learnt, whether that is enough."""
        loss, covered = self.figures.tolist()
        said = f"Batch {self.steps:,} of {self.total:,}"
        if not math.isfinite(loss):
            return f"{said}: the net has diverged; take a smaller learning rate."
        said += f": the averaged net misses {100 * loss:.1f} % of the noise in held-out actions"
        if loss > 0.98 * NO_NOISE:
            said += ", no better than a net that always says “no noise”"
        if not math.isfinite(covered):
            return f"{said}; it is first tried on the board at batch {self.config.try_every:,}."
        return (
            f"{said}; in {self.config.trial} s on {BOARDS} boards it covers"
            f" {100 * covered:.0f} % of the goal at best, on average."
        )

    def provenance(self) -> Mapping[str, str]:
        """What it learns from, and the net's size."""
        learnt, held_out = self.counts
        twice = ", each mirrored too" if self.config.mirrored else ""
        return {
            "data": f"{demonstrations.source(self.config.data)}: {learnt} to learn from{twice},"
            f" {held_out} held out",
            "weights": f"{count(self.net):,}, from seed {self.config.seed}",
        }

    def parts(self) -> Mapping[str, state.Part]:
        """The net, its mean, what trains it, and what was last found."""
        return {
            "net": self.net,
            "policy": self.averaged,
            "optimizer": self.optimizer,
            "source": self.source,
            "figures": self.figures,
            "plans": self.plans,
            "tried": self.tried,
        }
