"""Style: which channels of a layer are strong together, wherever that is (Gatys et al. 2016)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from core.style.content import Maps

Gram = Float[Tensor, "channels channels"]


def gram(maps: Maps) -> Gram:
    """G_ij = Σ_p F_ip F_jp / (number of places p): a mean, so that pictures of any size compare."""
    flat = maps.flatten(2)[0]
    return flat @ flat.T / flat.shape[1]


def style_loss(grams: Sequence[Tensor], targets: Sequence[Tensor]) -> Float[Tensor, ""]:
    """The mean over the layers of ‖G − A‖² / ‖A‖² (their eq. 4 and 5, in relative terms).

    Each G and A (channels, channels), of as many channels as its layer has.
    """
    parts = [
        (g - a).square().sum() / a.square().sum().clamp_min(1e-12)
        for g, a in zip(grams, targets, strict=True)
    ]
    return torch.stack(parts).mean()
