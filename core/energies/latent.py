"""A latent variable that nobody observes: E(x, y, z), and what is left of it as F(x, y).

Cold, F_∞(x, y) = min_z E; warm, F_β(x, y) = −1/β log mean_z exp(−β E), which as β falls becomes the
mean of E over z (LeCun et al. 2006, section 4).
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor

ANGLES = 96  # values of z that are tried


def angles(device: torch.device | str = "cpu") -> Float[Tensor, " angles"]:
    """Evenly spaced latent variables, once round."""
    return torch.arange(ANGLES, device=device) * (2 * math.pi / ANGLES)


def decoded(
    radii: Float[Tensor, "*batch 2"], z: Float[Tensor, "*batch"]
) -> Float[Tensor, "*batch 2"]:
    """The answer that z stands for: (r₁ cos z, r₂ sin z), a place on an ellipse."""
    return radii * torch.stack([z.cos(), z.sin()], dim=-1)


def energies(
    radii: Float[Tensor, "batch 2"], y: Float[Tensor, "batch 2"]
) -> Float[Tensor, "batch angles"]:
    """E(x, y, z) = |y − (r₁ cos z, r₂ sin z)|² for all z that are tried."""
    z = angles(y.device).expand(len(y), -1)
    places = decoded(radii[:, None].expand(-1, z.shape[1], -1), z)
    return (y[:, None] - places).square().sum(dim=-1)


def free_energy(values: Float[Tensor, "batch angles"], beta: float) -> Float[Tensor, " batch"]:
    """F_β by the energies of all z; β = ∞ gives the least of them."""
    if math.isinf(beta):
        return values.min(dim=1).values
    return -(torch.logsumexp(-beta * values, dim=1) - math.log(values.shape[1])) / beta


def best_latent(values: Float[Tensor, "batch angles"]) -> Float[Tensor, " batch"]:
    """ž = argmin_z E(x, y, z)."""
    return angles(values.device)[values.argmin(dim=1)]
