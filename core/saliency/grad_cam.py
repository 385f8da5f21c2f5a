"""Grad-CAM: which places of a layer speak for a class (Selvaraju et al. 2017)."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from core.nets.chain import split
from core.saliency.saliency import Pixels, Targets


def grad_cam(
    net: nn.Sequential, layer: str, x: Pixels, target: Targets
) -> Float[Tensor, "pictures rows columns"]:
    """ReLU(Σ_k α_k A^k), α_k the mean of ∂ S_target / ∂A^k over all places (eq. 1 and 2).

    A^k are the channels of `layer`, a child of `net`; rows and columns are that layer's.
    """
    before, after = split(net, layer)
    with torch.enable_grad():
        maps = before(x).detach().requires_grad_()
        scores = after(maps).gather(1, target[:, None])
        (gradient,) = torch.autograd.grad(scores.sum(), maps)
    weights = gradient.mean((2, 3), keepdim=True)
    cam: Tensor = (weights * maps.detach()).sum(1)
    return cam.relu()
