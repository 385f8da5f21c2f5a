"""Classifier-free guidance: away from what a picture of anything would be, towards a label.

Ho and Salimans (2022), equation 6: ε̂ = (1 + w) ε_c − w ε_u, of one net that now and then learns
without the label. Others write ε̂ = ε_u + s (ε_c − ε_u): the same with s = 1 + w.
"""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from core.nets.unet import UNet


def guide(
    eps_label: Float[Tensor, "n *shape"],
    eps_none: Float[Tensor, "n *shape"],
    w: float | Float[Tensor, "n *ones"],
) -> Float[Tensor, "n *shape"]:
    """(1 + w) ε_c − w ε_u; 0 leaves ε_c as it is, and −1 leaves ε_u."""
    return (1 + w) * eps_label - w * eps_none


def guided_eps(
    net: UNet,
    x: Float[Tensor, "n channels h w"],
    t: int,
    labels: Int[Tensor, " n"],
    w: float | Float[Tensor, "n 1 1 1"],
) -> Float[Tensor, "n channels h w"]:
    """ε̂ of x_t with guidance: both predictions from one pass of a batch twice as large."""
    if isinstance(w, float | int) and w == 0:
        alone: Tensor = net(x, torch.full_like(labels, t), labels)
        return alone
    both = torch.cat([labels, torch.full_like(labels, net.classes)])
    eps = net(torch.cat([x, x]), torch.full_like(both, t), both)
    eps_label, eps_none = eps.chunk(2)
    return guide(eps_label, eps_none, w)


def without_some(
    labels: Int[Tensor, " n"], dropped: Bool[Tensor, " n"], classes: int
) -> Int[Tensor, " n"]:
    """Labels of which those that are dropped say nothing."""
    return labels.masked_fill(dropped, classes)
