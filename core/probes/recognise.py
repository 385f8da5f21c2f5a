"""Whether drawn pictures show what they were asked to, in the eyes of a net that drew none."""

from __future__ import annotations

from functools import cache

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from core import checkpoints
from core.nets.cnn.trained import classifier
from core.probes.digits import DigitJudge

NAMES = {1: "digit_judge", 3: "cifar_small"}  # by the number of channels
FIGURE = {1: "whole", 3: "validation_accuracy"}


@cache
def _judge(channels: int, device: torch.device) -> nn.Module:
    net = DigitJudge.shipped() if channels == 1 else classifier("cifar_small")
    return net.requires_grad_(False).to(device)


@torch.no_grad()
def taken_for(x: Float[Tensor, "n c h w"]) -> Int[Tensor, " n"]:
    """The label that each picture is taken for. Pixels go from −1 to 1; others are cut off."""
    images = (x.nan_to_num(-1).clamp(-1, 1) + 1) / 2
    taken: Tensor = _judge(x.shape[1], x.device)(images).argmax(1)
    return taken


def recognised(x: Float[Tensor, "n c h w"], labels: Int[Tensor, " n"]) -> Bool[Tensor, " n"]:
    """Whether each picture is taken for its label."""
    return taken_for(x) == labels


def provenance(channels: int) -> str:
    """What a page says of the judge."""
    right = 100 * checkpoints.about(NAMES[channels])["figures"][FIGURE[channels]]
    return f"judged by a CNN that reads {right:.1f} % of real held-out ones rightly"
