"""The reverse process of DDIM: fewer steps, and as much fresh noise as η says.

Song et al. (2021), "Denoising Diffusion Implicit Models", eqs. 12 and 16. η = 0 adds no noise,
so that the start alone decides the sample; η = 1 over all T steps is DDPM.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from jaxtyping import Float
from torch import Tensor

from core.diffusion.ddpm import EpsModel, Step, predict_xstart
from core.diffusion.schedule import Schedule


def ddim_timesteps(timesteps: int, steps: int) -> list[int]:
    """At most `steps` values of t, evenly from T-1 down to 0."""
    return sorted(
        {round(t) for t in torch.linspace(timesteps - 1, 0, steps).tolist()}, reverse=True
    )


def ddim_step(
    schedule: Schedule,
    x: Float[Tensor, "batch *shape"],
    eps: Float[Tensor, "batch *shape"],
    t: int,
    t_next: int,
    noise: Float[Tensor, "batch *shape"] | None = None,
    eta: float = 0.0,
) -> Step:
    """From x_t to x at `t_next` < t, where -1 is the data; `noise` is z ~ N(0, I)."""
    pred_xstart = predict_xstart(schedule, x, eps, t)
    now = schedule.coefficients[t].sqrt_alpha_cumprod ** 2
    then = schedule.coefficients[t_next].sqrt_alpha_cumprod ** 2 if t_next >= 0 else 1.0
    std = eta * math.sqrt((1 - then) / (1 - now) * (1 - now / then))
    towards_eps = math.sqrt(max(1 - then - std**2, 0.0))
    sample = torch.mul(pred_xstart, math.sqrt(then)).add_(eps, alpha=towards_eps)
    if noise is not None:
        sample.add_(noise, alpha=std)
    return Step(sample, pred_xstart)


def ddim_loop(
    schedule: Schedule, eps_model: EpsModel, x: Float[Tensor, "batch *shape"], steps: int
) -> Iterator[Step]:
    """The steps one by one from x ~ N(0, I), without noise (η = 0)."""
    path = ddim_timesteps(len(schedule), steps)
    for t, t_next in zip(path, [*path[1:], -1], strict=True):
        step = ddim_step(schedule, x, eps_model(x, t), t, t_next)
        x = step.sample
        yield step
