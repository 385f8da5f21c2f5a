"""Integrated gradients: what each pixel adds on the way from a baseline to the picture.

Sundararajan, Taly and Yan (2017). The sum over all pixels is the difference of the two scores:
that is completeness, and it checks how well a finite number of steps does.
"""

from __future__ import annotations

import torch
from torch import nn

from core.saliency.saliency import Pixels, Targets, score_gradient


def path_share(
    net: nn.Module, x: Pixels, target: Targets, baseline: Pixels, step: int, steps: int
) -> Pixels:
    """What one of `steps` pieces of the straight path adds, by the gradient in its middle."""
    middle = (step + 0.5) / steps
    at = baseline + middle * (x - baseline)
    return (x - baseline) * score_gradient(net, at, target) / steps


def integrated_gradients(
    net: nn.Module, x: Pixels, target: Targets, baseline: Pixels, steps: int
) -> Pixels:
    """(x − x′) ∫₀¹ ∂S/∂x (x′ + α (x − x′)) dα by the midpoint rule (eq. 1 and 3)."""
    total = torch.zeros_like(x)
    for step in range(steps):
        total += path_share(net, x, target, baseline, step, steps)
    return total
