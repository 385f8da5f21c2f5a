"""Classifier guidance: bend the predicted noise towards what a classifier takes for a class.

Dhariwal and Nichol (2021), Algorithm 2: ε̂ = ε − s √(1−ᾱ_t) ∇_x log p(y | x_t).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor

from core.diffusion.schedule import Schedule


def class_gradient(
    classifier: Callable[[Tensor], Tensor],
    x: Float[Tensor, "batch *shape"],
    labels: Int[Tensor, " batch"],
) -> Float[Tensor, "batch *shape"]:
    """∇_x log p(y | x) of a classifier with logits (batch, classes), each entry for its label."""
    with torch.enable_grad():
        x = x.detach().requires_grad_()
        log_probabilities = classifier(x).log_softmax(dim=1)
        chosen = log_probabilities.gather(1, labels[:, None]).sum()
        (gradient,) = torch.autograd.grad(chosen, x)
    return gradient


def guided_eps(
    schedule: Schedule,
    eps: Float[Tensor, "batch *shape"],
    gradient: Float[Tensor, "batch *shape"],
    t: int,
    guidance_scale: float,
) -> Float[Tensor, "batch *shape"]:
    """The noise as the classifier would have it; a scale of 0 leaves it as it is."""
    spread = schedule.coefficients[t].sqrt_one_minus_alpha_cumprod
    return torch.sub(eps, gradient, alpha=guidance_scale * spread)
