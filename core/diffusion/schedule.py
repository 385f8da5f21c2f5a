"""How much noise each of T steps adds, and everything that follows from it.

Ho et al. (2020), "Denoising Diffusion Probabilistic Models", section 2. Index t = 0 … T-1 here is
the paper's t = 1 … T.
"""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

Kind = Literal["linear", "cosine"]


class Coefficients(NamedTuple):
    """What one denoising step multiplies by, as Python numbers.

    A number costs no tensor, no broadcast and, on a GPU, no wait for the device.
    """

    sqrt_alpha_cumprod: float  # the share of signal in x_t: √ᾱ_t
    sqrt_one_minus_alpha_cumprod: float  # the share of noise in x_t: √(1−ᾱ_t)
    posterior_mean_xstart: float  # eq. 7, the factor of x_0 in the mean of q(x_{t−1} | x_t, x_0)
    posterior_mean_xt: float  # eq. 7, the factor of x_t
    posterior_std: float  # √β̃_t of eq. 7; 0 at t = 0


class Schedule:
    """β_t and its consequences: float32 tensors over t, and `coefficients[t]` for one step."""

    def __init__(self, betas: Float[Tensor, " T"], device: torch.device | str = "cpu") -> None:
        exact = betas.to("cpu", torch.float32).double()
        alphas_cumprod = (1 - exact).cumprod(0)
        before = torch.cat([torch.ones(1, dtype=torch.float64), alphas_cumprod[:-1]])
        signal, noise = alphas_cumprod.sqrt(), (1 - alphas_cumprod).sqrt()
        variance = exact * (1 - before) / (1 - alphas_cumprod)
        from_xstart = before.sqrt() * exact / (1 - alphas_cumprod)
        from_xt = (1 - exact).sqrt() * (1 - before) / (1 - alphas_cumprod)
        table = torch.stack([signal, noise, from_xstart, from_xt, variance.sqrt()], dim=1)

        self.coefficients = [Coefficients(*row) for row in table.tolist()]
        self.betas = exact.float().to(device)
        self.alphas_cumprod = alphas_cumprod.float().to(device)
        self.sqrt_alphas_cumprod = signal.float().to(device)
        self.sqrt_one_minus_alphas_cumprod = noise.float().to(device)
        self.posterior_variance = variance.float().to(device)

    def __len__(self) -> int:
        return len(self.coefficients)


def linear_betas(
    timesteps: int = 500, first: float = 1e-4, last: float = 0.02
) -> Float[Tensor, " T"]:
    """β rising evenly, as in Ho et al. (2020)."""
    return torch.linspace(first, last, timesteps)


def scaled_betas(timesteps: int) -> Float[Tensor, " T"]:
    """Linear β such that as little of the data is left at the end as after Ho's 1,000 steps."""
    return linear_betas(timesteps, 0.1 / timesteps, 20 / timesteps)


def cosine_betas(timesteps: int = 500, offset: float = 0.008) -> Float[Tensor, " T"]:
    """β such that ᾱ falls as a squared cosine: Nichol and Dhariwal (2021), eq. 17."""
    times = torch.linspace(0, 1, timesteps + 1, dtype=torch.float64)
    alphas_cumprod = ((times + offset) / (1 + offset) * math.pi / 2).cos().square()
    return (1 - alphas_cumprod[1:] / alphas_cumprod[:-1]).clamp(max=0.999).float()


def betas(kind: Kind, timesteps: int) -> Float[Tensor, " T"]:
    """The β of a kind of schedule."""
    return linear_betas(timesteps) if kind == "linear" else cosine_betas(timesteps)
