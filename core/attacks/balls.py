"""The ε-ball of a norm about each image, within [0, 1]: its steepest direction, its projection.

For the norm ∞ no pixel may move by more than ε; for the norm 2 the root of the sum of squares
over all pixels and channels of one image may not exceed ε.
"""

from __future__ import annotations

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from core.attacks.gradient import Images

Norm = Literal["inf", "2"]
SMALLEST = 1e-10  # added to a length before it divides


def steepest(gradient: Images, norm: Norm) -> Images:
    """The direction of length 1 in which a linear function with this gradient grows most."""
    if norm == "inf":
        return gradient.sign()
    return gradient / (length(gradient) + SMALLEST)


def project(moved: Images, images: Images, epsilon: float, norm: Norm) -> Images:
    """`moved`, brought back into the ε-ball about `images` and then into [0, 1].

    The second step only shortens each pixel's way, so it does not leave the ball.
    """
    delta = moved - images
    if norm == "inf":
        delta = delta.clamp(-epsilon, epsilon)
    else:
        delta = delta * (epsilon / (length(delta) + SMALLEST)).clamp(max=1)
    return (images + delta).clamp(0, 1)


def random_point(images: Images, epsilon: float, norm: Norm, source: torch.Generator) -> Images:
    """A point of the ball, within [0, 1]: uniform for ∞; for 2 any direction, any length alike."""
    if norm == "inf":
        delta = torch.empty_like(images).uniform_(-epsilon, epsilon, generator=source)
    else:
        delta = torch.empty_like(images).normal_(generator=source)
        radius = torch.zeros_like(length(delta)).uniform_(0, 1, generator=source)
        delta *= radius / length(delta) * epsilon
    return (images + delta).clamp(0, 1)


def length(delta: Images) -> Float[Tensor, "images 1 1 1"]:
    """The 2-norm of each image."""
    norms: Tensor = torch.linalg.vector_norm(delta, dim=(1, 2, 3), keepdim=True)
    return norms
