"""How often a classifier is right on shipped pictures that nothing was trained on."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from core.data import cifar
from core.nets.cnn import Name, restore


@torch.no_grad()
def accuracy(name: Name, saved: Mapping[str, Tensor]) -> dict[str, float]:
    """Of the net whose `net.` tensors were saved, on validation and on test pictures."""
    net = restore(name, saved)
    figures = {}
    splits: tuple[cifar.Split, ...] = ("validation", "test")
    for split in splits:
        pictures = cifar.load(split)
        parts = [net(cifar.pixels(part)).argmax(1) for part in pictures.images.split(250)]
        right = torch.cat(parts) == pictures.labels
        figures[f"{split}_accuracy"] = float(right.double().mean())
    return figures
