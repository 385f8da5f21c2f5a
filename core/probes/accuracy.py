"""How often a classifier is right on shipped pictures that nothing was trained on."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn

from core.data import cifar
from core.nets.cnn import Name, restore
from core.probes.judge import judge


def accuracy(name: Name, saved: Mapping[str, Tensor]) -> dict[str, float]:
    """Of the net whose `net.` tensors were saved, on validation and on test pictures."""
    return accuracy_of(restore(name, saved))


def accuracy_of(net: nn.Module) -> dict[str, float]:
    """Of any classifier."""
    splits: tuple[cifar.Split, ...] = ("validation", "test")
    return {f"{split}_accuracy": judge(net, cifar.load(split))[1] for split in splits}
