"""The fast gradient sign method: one step as long as the ball allows.

Goodfellow, Shlens and Szegedy (2015), Explaining and harnessing adversarial examples, section 4.
"""

from __future__ import annotations

from torch import nn

from core.attacks.balls import Norm, steepest
from core.attacks.gradient import Images, Labels, input_gradient


def fgsm(
    model: nn.Module,
    images: Images,
    labels: Labels,
    epsilon: float,
    *,
    norm: Norm = "inf",
    targeted: bool = False,
) -> Images:
    """x + ε sign(∂ℓ/∂x), within [0, 1]. `labels` are the truth, or the targets to be taken for.

    For the norm 2, ε times the gradient brought to length 1.
    """
    towards = -epsilon if targeted else epsilon
    gradient = input_gradient(model, images, labels)
    return (images + towards * steepest(gradient, norm)).clamp(0, 1)
