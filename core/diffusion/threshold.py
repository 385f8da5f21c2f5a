"""Thresholds for x̂_0: pixels lie in [−1, 1], but guidance drives the prediction beyond.

Saharia et al. (2022), "Imagen", section 2.3. What is predicted is cut off there (static), or
shrunk so that few pixels are (dynamic); the next step then starts from the mended x̂_0.
"""

from __future__ import annotations

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from core.diffusion.schedule import Schedule

Kind = Literal["none", "static", "dynamic"]
KINDS: dict[Kind, str] = {
    "none": "none",
    "static": "static: cut off at ±1",
    "dynamic": "dynamic: shrink, then cut off",
}
BEYOND = 1.1  # paper is −1 exactly: half of all good guesses there lie a hair beyond ±1


def threshold(
    x_start: Float[Tensor, "n *shape"], kind: Kind, percentile: float = 0.995
) -> Float[Tensor, "n *shape"]:
    """x̂_0 within ±1, if at all; dynamic: cut off at ±s and divided by s.

    s is the percentile of each picture's |x̂_0|, and at least 1.
    """
    if kind == "none":
        return x_start
    if kind == "static":
        return x_start.clamp(-1, 1)
    across = (-1, *[1] * (x_start.ndim - 1))
    s = x_start.abs().flatten(1).quantile(percentile, dim=1).clamp(min=1).view(across)
    return torch.maximum(torch.minimum(x_start, s), -s) / s


def fitting_eps(
    schedule: Schedule, x: Float[Tensor, "n *shape"], x_start: Float[Tensor, "n *shape"], t: int
) -> Float[Tensor, "n *shape"]:
    """The noise with which x_t would come from x̂_0: `predict_xstart` solved for ε."""
    at = schedule.coefficients[t]
    return torch.sub(x, x_start, alpha=at.sqrt_alpha_cumprod).div_(at.sqrt_one_minus_alpha_cumprod)


def saturation(x_start: Float[Tensor, "n *shape"]) -> Float[Tensor, " n"]:
    """The share of each picture's values that lie beyond ±1.1."""
    return (x_start.abs() > BEYOND).flatten(1).float().mean(dim=1)
