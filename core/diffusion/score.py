"""The score ∇ log q(x_t), the direction in which noisy data grows denser.

Vincent (2011); Song and Ermon (2019): predicting noise is learning the score.
"""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor

from core.diffusion.schedule import Schedule


def score(
    schedule: Schedule, eps: Float[Tensor, "batch *shape"], t: int
) -> Float[Tensor, "batch *shape"]:
    """∇_x log q(x_t) = −ε̂ / √(1−ᾱ_t)."""
    return -eps / schedule.coefficients[t].sqrt_one_minus_alpha_cumprod
