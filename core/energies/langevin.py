"""Langevin dynamics: downhill by the gradient, with noise, so that samples stay spread.

y ← y − (s²/2) β ∂F/∂y + s ξ, ξ ~ N(0, I). For small s the samples come to have the Gibbs density
exp(−β F) / Z (Welling and Teh 2011; Roberts and Tweedie 1996).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

MOST = 0.2  # that the gradient may move a sample in one step: steep energies throw nothing far


def langevin_step(
    y: Float[Tensor, "samples dims"],
    gradient: Float[Tensor, "samples dims"],
    beta: float,
    size: float,
    noise: Float[Tensor, "samples dims"],
) -> Float[Tensor, "samples dims"]:
    """One step; `size` is s, the standard deviation of its noise."""
    drift = 0.5 * size**2 * beta * gradient
    return y - drift.clamp(-MOST, MOST) + size * noise


def gradient_of(
    energy: Callable[[Tensor], Tensor], y: Float[Tensor, "samples dims"]
) -> Float[Tensor, "samples dims"]:
    """∂F/∂y of each sample."""
    with torch.enable_grad():
        y = y.detach().requires_grad_()
        return torch.autograd.grad(energy(y).sum(), y)[0]
