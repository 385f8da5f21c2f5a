"""Saliency: how much the score of a class would change if a pixel did (Simonyan et al. 2014)."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

Pixels = Float[Tensor, "pictures 3 height width"]
Targets = Int[Tensor, " pictures"]


def score_gradient(net: nn.Module, x: Pixels, target: Targets) -> Pixels:
    """∂ S_target / ∂x, with S the net's score before the softmax, picture by picture."""
    with torch.enable_grad():
        x = x.detach().requires_grad_()
        scores = net(x).gather(1, target[:, None])
        (gradient,) = torch.autograd.grad(scores.sum(), x)
    return gradient


def saliency(net: nn.Module, x: Pixels, target: Targets) -> Float[Tensor, "pictures height width"]:
    """The largest |∂ S_target / ∂x| of a pixel's three colours (section 3.1)."""
    return score_gradient(net, x, target).abs().amax(1)
