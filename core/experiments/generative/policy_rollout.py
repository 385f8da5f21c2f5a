"""A robot's policy at work: a plan is denoised, its first actions are done, and it plans again.

Chi et al. (2023), "Diffusion Policy", section II: receding-horizon control. Of the 16 actions of a
plan a chunk is done without looking; the rest is thrown away.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated

import numpy as np
import pydantic
import torch

from core import checkpoints, config, state
from core.config import generator, is_key, setting
from core.diffusion.ddim import ddim_step, ddim_timesteps
from core.experiment import CPU, Experiment, Pictures, Scalars, finite, to_array
from core.probes.divergence import refuse_diverged
from core.robot.board import ENOUGH, GOAL, SIDE, corners, coverage, to_pixels
from core.robot.measure import SEED
from core.robot.policy import HORIZON, TIMESTEPS, Policy, seen
from core.robot.push_t import CONTROL_HZ, starts, step

STARTS = 100  # the first 20 are those of the shipped weights' figures
PLANS = 8  # made of what is observed; the first one is done


def _check_weights(name: str) -> str:
    if name != "shipped" and not is_key(name):
        raise ValueError("These weights are not known here; train again, or use the shipped ones.")
    return name


class PolicyRollout(Experiment):
    """One step denoises the plans once, or does one action, a tenth of a second."""

    class Config(config.Config):
        """Where it starts, how it plans, whose hand it is."""

        start: int = setting(
            0, label="Start", ge=0, le=STARTS - 1, help="Which of a hundred random starts."
        )
        chunk: int = setting(
            8,
            label="Actions done of a plan",
            ge=1,
            le=HORIZON,
            live=True,
            help=f"Of its {HORIZON}, before it looks and plans again.",
        )
        planning_steps: int = setting(
            10,
            label="Denoising steps",
            ge=1,
            le=TIMESTEPS,
            scale="log",
            live=True,
            help=f"Of DDIM, for a plan; it was trained with {TIMESTEPS}.",
        )
        kept: bool = setting(
            True,
            label="Keep plans on the board",
            live=True,
            help="Pull x̂₀ back between −1 and 1 at every denoising step.",
        )
        seconds: int = setting(
            30, label="Time limit", unit="s", ge=1, le=120, help="On the board, at 10 actions a s."
        )
        hand: bool = setting(
            False,
            label="Push it yourself",
            live=True,
            help="The pusher follows your pointer, dragged on the board; 5 steps/s are half its"
            " true speed. Switch it off, and the policy goes on.",
        )
        to_x: float = setting(
            SIDE / 2,
            label="Your x",
            unit="px",
            ge=0,
            le=SIDE,
            live=True,
            when=("hand", True),
            help="Where your hand is; or drag on the board.",
        )
        to_y: float = setting(
            SIDE / 2,
            label="Your y",
            unit="px",
            ge=0,
            le=SIDE,
            live=True,
            when=("hand", True),
            help="Where your hand is; y runs down.",
        )
        weights: Annotated[str, pydantic.AfterValidator(_check_weights)] = setting(
            "shipped",
            label="Weights",
            max_length=32,
            hidden=True,
            help="Those that ship, or those of a training run.",
        )

    SMOKE = Config(planning_steps=3, chunk=4, seconds=2)
    config: Config

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        self.own = config.weights != "shipped"
        saved = checkpoints.of_run(config.weights) if self.own else checkpoints.shipped("policy")
        self.policy = Policy.of(saved, device)
        refuse_diverged(self.policy.net)
        self.source = generator(config.seed)
        self.ticks = config.seconds * CONTROL_HZ
        at = starts(STARTS, SEED)[config.start]
        self.state = torch.from_numpy(at)
        self.before = self.state[:5].clone()
        self.trail = self.state[:2].float().repeat(self.ticks + 1, 1)
        self.target = self.state[:2].clone()
        self.plans = torch.zeros(PLANS, HORIZON, 2, device=device)  # from −1 to 1
        # Steps of denoising this plan gets and has had; actions of it done; all actions.
        self.counts = torch.zeros(4, dtype=torch.int64)
        covered = coverage(*at[2:5])
        self.figures = torch.tensor([covered, covered, 0.0], dtype=torch.float64)
        self.begin()

    def step(self) -> Scalars | None:
        """Coverage now and at best, how far the last target leapt, how much noise is left."""
        _, best, _ = self.figures.tolist()
        steps, denoised, done, ticks = self.counts.tolist()
        if best >= ENOUGH or ticks == self.ticks:
            return None
        self.steps += 1
        if self.config.hand:
            self.counts[:2] = 0  # a plan made before is of no use after
            self.act(np.array([self.config.to_x, self.config.to_y]))
            return self.scalars()
        if not steps or (denoised == steps and done >= self.config.chunk):
            self.begin()
        if self.counts[1] < self.counts[0]:
            self.denoise()
        else:
            self.act(to_pixels(self.plans[0, self.counts[2]]).double().cpu().numpy())
            self.counts[2] += 1
        return self.scalars()

    def begin(self) -> None:
        """New plans, of pure noise."""
        path = ddim_timesteps(TIMESTEPS, self.config.planning_steps)
        self.counts[:3] = torch.tensor([len(path), 0, 0])
        noise = torch.randn(PLANS, HORIZON, 2, generator=self.source)
        self.plans.copy_(noise)

    def denoise(self) -> None:
        """All plans once, by DDIM without fresh noise."""
        steps, denoised = self.counts[:2].tolist()
        path = [*ddim_timesteps(TIMESTEPS, steps), -1]
        poses = self.before[None].numpy(), self.state[None, :5].numpy()
        observed = seen(*poses).expand(PLANS, -1).to(self.device)
        t, t_next = path[denoised : denoised + 2]
        eps = self.policy.eps(self.plans, t, observed, kept=self.config.kept)
        self.plans.copy_(ddim_step(self.policy.schedule, self.plans, eps, t, t_next).sample)
        self.counts[1] += 1

    def act(self, target: np.ndarray) -> None:
        """A tenth of a second: the pusher makes for the target."""
        leap = math.dist(target, self.target.tolist())
        self.before.copy_(self.state[:5])
        self.target.copy_(torch.from_numpy(target))
        self.state.copy_(torch.from_numpy(step(self.state.numpy(), target)))
        self.counts[3] += 1
        self.trail[int(self.counts[3]) :] = self.state[:2]
        covered = coverage(*self.state[2:5].tolist())
        best = max(covered, float(self.figures[1]))
        self.figures.copy_(torch.tensor([covered, best, leap], dtype=torch.float64))

    @property
    def t(self) -> int:
        """Steps of noise that are left in the plans."""
        steps, denoised = self.counts[:2].tolist()
        return ([t + 1 for t in ddim_timesteps(TIMESTEPS, steps)] + [0])[denoised] if steps else 0

    def initial(self) -> Scalars:
        """Before anything is done."""
        return self.scalars()

    def scalars(self) -> dict[str, float]:
        """Shares of the goal; pixels; steps of noise."""
        covered, best, leap = self.figures.tolist()
        return {"coverage": covered, "best": best, "leap": leap, "t": float(self.t)}

    def spread(self) -> float:
        """How far the ends of the plans lie from their middle, in pixels."""
        ends = to_pixels(self.plans[:, -1])
        return float((ends - ends.mean(dim=0)).norm(dim=1).mean())

    def picture(self) -> Pictures:
        """The board, in pixels.

        block: (1, 8, 2), the T's corners; pusher, target: (1, 2); trail: (1, ticks + 1, 2)
        plans: (7, 16, 2), others made of the same; plan: (1, 16, 2), the one that is done; none
        while a hand pushes
        x: (7, 16), done_x: (16,), their x over the actions' numbers; looks: (1,), where it looks
        again
        """
        plans = finite(to_array(to_pixels(self.plans)))
        if self.config.hand:
            plans[:] = np.nan
        done = int(self.counts[3]) + 1
        return {
            "block": corners(self.state[None, :5].numpy()).astype(np.float32),
            "pusher": to_array(self.state[None, :2]),
            "target": to_array(self.target[None]),
            "trail": to_array(self.trail[None, :done]),
            "plans": plans[1:].copy(),
            "plan": plans[:1].copy(),
            "x": plans[1:, :, 0].copy(),
            "done_x": plans[0, :, 0].copy(),
            "looks": np.array([self.config.chunk - 0.5], np.float32),
        }

    def backdrop(self) -> Pictures:
        """goal: (1, 8, 2), corners; steps: (16,), numbers of the actions of a plan."""
        pose = np.array([[0, 0, *GOAL]])
        return {
            "goal": corners(pose).astype(np.float32),
            "steps": np.arange(HORIZON, dtype=np.float32),
        }

    def words(self) -> str:
        """What it is about, and how much of the goal is covered."""
        covered, best, _ = self.figures.tolist()
        steps, denoised, done, ticks = self.counts.tolist()
        time = f"{ticks / CONTROL_HZ:.1f} s"
        so_far = f"the T covers {100 * covered:.0f} % of its goal, {100 * best:.0f} % at best"
        if best >= ENOUGH:
            return f"Done after {time}: the T covers {100 * best:.0f} % of its goal."
        if ticks == self.ticks:
            return f"Time is up: {so_far}."
        at = self.state[:2]
        if (at < 0).any() or (at > SIDE).any():
            return f"At {time} the pusher is off the board; {so_far}."
        if self.config.hand:
            return f"Your hand, {time}: {so_far}."
        if denoised < steps:
            return (
                f"At {time} it plans: {self.t} of {TIMESTEPS} steps of noise are left in"
                f" {PLANS} plans, whose ends lie {self.spread():,.0f} px from their middle."
            )
        return f"At {time}, {done} actions of {self.config.chunk} done of this plan: {so_far}."

    def provenance(self) -> Mapping[str, str]:
        """Which weights, and what they reach."""
        return {"data": f"Push-T, start {self.config.start}", "weights": self.weights_in_words()}

    def weights_in_words(self) -> str:
        """The weights' origin; of shipped ones with the coverage they reach."""
        if self.own:
            return "of a training run here"
        figures = checkpoints.about("policy")["figures"]
        return f"shipped, mean best coverage of 20 starts {100 * figures['coverage']:.0f} %"

    def parts(self) -> Mapping[str, state.Part]:
        """The board, the plans and how far they are; a net whose run may have gone on."""
        net = {"policy": self.policy.net} if self.own else {}
        return {
            **net,
            "source": self.source,
            "state": self.state,
            "before": self.before,
            "trail": self.trail,
            "target": self.target,
            "plans": self.plans,
            "counts": self.counts,
            "figures": self.figures,
        }
