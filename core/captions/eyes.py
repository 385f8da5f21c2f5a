"""What captioners know of a picture: features of a net that was trained for something else."""

from __future__ import annotations

from functools import cache

import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn

from core.data.cifar import pixels
from core.nets.cnn import trained

AT_ONCE = 250  # pictures
SOURCE = "seen by the shipped small net of CIFAR-10"


@cache
def eyes(device: torch.device) -> nn.Sequential:
    """From pixels (n, 3, 32, 32) in [0, 1] to the (n, 2048) that CIFAR-10's scores are read from.

    Shared, and not to be trained; gradients pass through it.
    """
    net = trained.classifier("cifar_small")
    *pool, _scores = net.head.children()
    seen = nn.Sequential(net.normalise, net.blocks, *pool)
    return seen.eval().requires_grad_(False).to(device)


@torch.no_grad()
def features(
    images: UInt8[Tensor, "n 3 side side"], device: torch.device
) -> Float[Tensor, "n features"]:
    """Of all pictures, on the device."""
    see = eyes(device)
    return torch.cat([see(pixels(some.to(device))) for some in images.split(AT_ONCE)])
