"""The forward process: data at step t in one leap, x_t = √ᾱ_t x_0 + √(1−ᾱ_t) ε, and back.

Ho et al. (2020), eq. 4.
"""

from __future__ import annotations

from jaxtyping import Float, Int
from torch import Tensor

from core.diffusion.schedule import Schedule


def q_sample(
    schedule: Schedule,
    x_start: Float[Tensor, "batch *shape"],
    t: Int[Tensor, " batch"],
    noise: Float[Tensor, "batch *shape"],
) -> Float[Tensor, "batch *shape"]:
    """x_t for a batch in which every entry has its own t; `noise` is ε ~ N(0, I)."""
    signal, spread = _shares(schedule, t, x_start.ndim)
    return signal * x_start + spread * noise


def q_invert(
    schedule: Schedule,
    x_t: Float[Tensor, "batch *shape"],
    t: Int[Tensor, " batch"],
    noise: Float[Tensor, "batch *shape"],
) -> Float[Tensor, "batch *shape"]:
    """The x_0 from which `q_sample` made x_t; of predicted noise, the prediction x̂_0."""
    signal, spread = _shares(schedule, t, x_t.ndim)
    return (x_t - spread * noise) / signal


def _shares(schedule: Schedule, t: Tensor, ndim: int) -> tuple[Tensor, Tensor]:
    across = (-1, *[1] * (ndim - 1))
    signal, spread = schedule.sqrt_alphas_cumprod, schedule.sqrt_one_minus_alphas_cumprod
    return signal[t].view(across), spread[t].view(across)
