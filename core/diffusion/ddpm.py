"""The reverse process of DDPM: predict x_0 from the predicted noise, then step towards it.

Ho et al. (2020), eqs. 7 and 15 and Algorithm 2, with the smaller of its two variances, β̃_t.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from core.diffusion.schedule import Schedule

EpsModel = Callable[[Tensor, int], Tensor]  # (x_t, t) -> ε̂, of x_t's shape


class Step(NamedTuple):
    """What one denoising step gives."""

    sample: Float[Tensor, "batch *shape"]  # x_{t−1}
    pred_xstart: Float[Tensor, "batch *shape"]  # x̂_0: where the net now thinks this will end


def predict_xstart(
    schedule: Schedule, x: Float[Tensor, "batch *shape"], eps: Float[Tensor, "batch *shape"], t: int
) -> Float[Tensor, "batch *shape"]:
    """x̂_0 = (x_t − √(1−ᾱ_t) ε̂) / √ᾱ_t: eq. 15."""
    at = schedule.coefficients[t]
    return torch.sub(x, eps, alpha=at.sqrt_one_minus_alpha_cumprod).div_(at.sqrt_alpha_cumprod)


def posterior_mean(
    schedule: Schedule,
    x_start: Float[Tensor, "batch *shape"],
    x: Float[Tensor, "batch *shape"],
    t: int,
) -> Float[Tensor, "batch *shape"]:
    """The mean of q(x_{t−1} | x_t, x_0): eq. 7."""
    at = schedule.coefficients[t]
    return torch.mul(x_start, at.posterior_mean_xstart).add_(x, alpha=at.posterior_mean_xt)


def ddpm_step(
    schedule: Schedule,
    x: Float[Tensor, "batch *shape"],
    eps: Float[Tensor, "batch *shape"],
    t: int,
    noise: Float[Tensor, "batch *shape"],
) -> Step:
    """From x_t to x_{t−1}; `noise` is z ~ N(0, I), without effect at t = 0."""
    pred_xstart = predict_xstart(schedule, x, eps, t)
    mean = posterior_mean(schedule, pred_xstart, x, t)
    return Step(mean.add_(noise, alpha=schedule.coefficients[t].posterior_std), pred_xstart)


def ddpm_loop(
    schedule: Schedule,
    eps_model: EpsModel,
    x: Float[Tensor, "batch *shape"],
    source: torch.Generator,
) -> Iterator[Step]:
    """All T steps, one by one, from x ~ N(0, I)."""
    noise = torch.empty_like(x)
    for t in reversed(range(len(schedule))):
        step = ddpm_step(schedule, x, eps_model(x, t), t, noise.normal_(generator=source))
        x = step.sample
        yield step
