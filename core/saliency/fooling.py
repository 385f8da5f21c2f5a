"""Fooling images: a picture is moved up the slope of a wrong class until the net believes it.

Szegedy et al. (2014) found that hardly visible changes suffice.
"""

from __future__ import annotations

from torch import nn

from core.saliency.saliency import Pixels, Targets, score_gradient


def fooling_step(net: nn.Module, x: Pixels, target: Targets, length: float) -> Pixels:
    """x + length · g / rms(g) with g = ∂ S_target / ∂x, kept a picture: within [0, 1]."""
    return (x + length * unit(score_gradient(net, x, target))).clamp(0, 1)


def unit(gradient: Pixels) -> Pixels:
    """Each picture's gradient over its root mean square; zero stays zero."""
    rms = gradient.square().mean((1, 2, 3), keepdim=True).sqrt()
    return gradient / rms.clamp_min(1e-12)
