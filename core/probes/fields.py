"""What the nets of a diffusion say about the whole plane: the score field and the class map."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor

from core.diffusion.plane import PlaneDiffusion
from core.diffusion.score import score

EXTENT = 3.0  # the fields cover the square [-EXTENT, EXTENT]²
ARROWS, CELLS = 15, 40  # along each side of it
SPACING = 2 * EXTENT / (ARROWS - 1)


def score_moves(
    diffusion: PlaneDiffusion, t: int, label: int = 0, guidance_scale: float = 0.0
) -> Float[Tensor, "arrows 4"]:
    """x, y, dx, dy on a grid: (1−ᾱ_t) times the score, so that each move ends at √ᾱ_t x̂_0."""
    x = square(ARROWS, EXTENT).to(diffusion.schedule.betas)
    labels = torch.full((len(x),), label, device=x.device)
    eps = diffusion.guided_eps(x, t, labels, guidance_scale)
    noise_variance = diffusion.schedule.coefficients[t].sqrt_one_minus_alpha_cumprod ** 2
    return torch.cat([x, score(diffusion.schedule, eps, t) * noise_variance], dim=1)


def shortened(moves: Float[Tensor, "arrows 4"]) -> Float[Tensor, "arrows 4"]:
    """Arrows that keep their directions and stay within their cell of the grid."""
    length = moves[:, 2:].norm(dim=1, keepdim=True)
    return torch.cat([moves[:, :2], moves[:, 2:] * SPACING / (SPACING + length)], dim=1)


def class_map(diffusion: PlaneDiffusion, t: int) -> Int[Tensor, "rows columns"]:
    """argmax p(y | x_t) in the middles of cells, row 0 at the lowest y."""
    x = square(CELLS, EXTENT * (1 - 1 / CELLS)).to(diffusion.schedule.betas)
    return diffusion.classes(x, t).view(CELLS, CELLS)


def square(side: int, extent: float) -> Float[Tensor, "points 2"]:
    """A grid of side² points on [-extent, extent]², row by row from the lowest y."""
    axis = torch.linspace(-extent, extent, side)
    return torch.cartesian_prod(axis, axis).flip(1)
