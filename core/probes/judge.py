"""How good a classifier is on pictures, all of them at once."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from core.data.cifar import Pictures, pixels

AT_ONCE = 250  # pictures


@torch.no_grad()
def judge(net: nn.Module, pictures: Pictures) -> tuple[float, float]:
    """The mean loss and the share of right answers. The net is left in evaluation mode."""
    net.eval()
    logits = torch.cat([net(pixels(images)) for images in pictures.images.split(AT_ONCE)])
    loss, right = loss_and_accuracy(logits, pictures.labels)
    return float(loss), float(right)


def loss_and_accuracy(logits: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """The mean cross-entropy, and the share of right answers."""
    return cross_entropy(logits.float(), target), (logits.argmax(1) == target).float().mean()
