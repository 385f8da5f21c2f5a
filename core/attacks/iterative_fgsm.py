"""The iterative fast gradient sign method: small steps, each brought back into the ε-ball.

Kurakin, Goodfellow and Bengio (2017), Adversarial examples in the physical world, section 2.2.
"""

from __future__ import annotations

from torch import nn

from core.attacks.balls import Norm, project, steepest
from core.attacks.gradient import Images, Labels, input_gradient


def iterative_fgsm(
    model: nn.Module,
    images: Images,
    labels: Labels,
    epsilon: float,
    *,
    alpha: float,
    steps: int,
    norm: Norm = "inf",
    targeted: bool = False,
    start: Images | None = None,
) -> Images:
    """`steps` times: x' ← project(x' + α sign(∂ℓ/∂x')), from `start`, or from the images.

    `labels` are the truth, or with `targeted` the classes to be taken for.
    """
    towards = -alpha if targeted else alpha
    moved = images if start is None else start
    for _ in range(steps):
        gradient = input_gradient(model, moved, labels)
        moved = project(moved + towards * steepest(gradient, norm), images, epsilon, norm)
    return moved
