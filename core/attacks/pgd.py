"""Projected gradient descent on −ℓ: the iterative method from a random point of the ε-ball.

Madry, Makelov, Schmidt, Tsipras and Vladu (2018), Towards deep learning models resistant to
adversarial attacks, section 2.1.
"""

from __future__ import annotations

import torch
from torch import nn

from core.attacks.balls import Norm, random_point
from core.attacks.gradient import Images, Labels
from core.attacks.iterative_fgsm import iterative_fgsm


def pgd(
    model: nn.Module,
    images: Images,
    labels: Labels,
    epsilon: float,
    *,
    alpha: float,
    steps: int,
    source: torch.Generator,
    norm: Norm = "inf",
    targeted: bool = False,
) -> Images:
    """The iterative method, begun anywhere in the ball, since ∂ℓ/∂x at x itself may mislead."""
    return iterative_fgsm(
        model,
        images,
        labels,
        epsilon,
        alpha=alpha,
        steps=steps,
        norm=norm,
        targeted=targeted,
        start=random_point(images, epsilon, norm, source),
    )
