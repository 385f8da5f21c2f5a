"""A diffusion policy: from what was observed, a plan, by denoising (Chi et al. 2023)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from core.config import ConfigError
from core.diffusion.ddim import ddim_loop
from core.diffusion.ddpm import Step, predict_xstart
from core.diffusion.schedule import Schedule, cosine_betas
from core.nets.action_unet import ActionUNet
from core.robot.board import observe

TIMESTEPS = 100  # of the noise
HORIZON = 16  # actions in a plan
OBSERVATIONS = 2  # that a plan is made from: before and now


class Policy:
    """A denoiser of plans and the schedule of the noise."""

    def __init__(self, net: ActionUNet, device: torch.device) -> None:
        self.net, self.device = net.to(device), device
        self.schedule = Schedule(cosine_betas(TIMESTEPS), device)

    @classmethod
    def of(cls, saved: Mapping[str, Tensor], device: torch.device) -> Policy:
        """From the `policy.…` tensors of a training. Raises ConfigError."""
        mine = {k.removeprefix("policy."): v for k, v in saved.items() if k.startswith("policy.")}
        try:
            return cls(ActionUNet.of(mine), device)
        except (KeyError, RuntimeError):
            raise ConfigError(
                "These weights are not those of a robot's policy; train one, or use the shipped"
                " weights."
            ) from None

    def eps(
        self,
        plans: Float[Tensor, "batch horizon 2"],
        t: int,
        observed: Float[Tensor, "batch observed"],
        *,
        kept: bool = True,
    ) -> Float[Tensor, "batch horizon 2"]:
        """The predicted noise ε̂ in plans; `kept`, such that x̂_0 stays on the board.

        Late t leave so little of a plan that a small error of the net sends x̂_0 far away.
        """
        with torch.no_grad():
            eps: Tensor = self.net(
                plans, torch.full((len(plans),), t, device=self.device), observed
            )
        if not kept:
            return eps
        at = self.schedule.coefficients[t]
        plan = predict_xstart(self.schedule, plans, eps, t).clamp(-1, 1)
        return (plans - at.sqrt_alpha_cumprod * plan) / at.sqrt_one_minus_alpha_cumprod

    def denoise(
        self,
        noise: Float[Tensor, "batch horizon 2"],
        observed: Float[Tensor, "batch observed"],
        steps: int,
    ) -> Iterator[Step]:
        """From noise to plans by DDIM without fresh noise: the start alone decides."""
        return ddim_loop(self.schedule, lambda x, t: self.eps(x, t, observed), noise, steps)

    def plan(
        self,
        noise: Float[Tensor, "batch horizon 2"],
        observed: Float[Tensor, "batch observed"],
        steps: int,
    ) -> Float[Tensor, "batch horizon 2"]:
        """The last of these steps."""
        *_, last = self.denoise(noise, observed, steps)
        return last.sample


def seen(
    before: Float[np.ndarray, "batch 5"], now: Float[np.ndarray, "batch 5"]
) -> Float[Tensor, "batch observed"]:
    """What a policy is told of two poses, a tenth of a second apart."""
    return torch.cat([observe(before), observe(now)], dim=1)
