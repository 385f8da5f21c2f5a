"""Classifiers of CIFAR-10 with the weights that ship."""

from __future__ import annotations

from typing import Literal

from core import checkpoints
from core.nets.cnn import restore
from core.nets.cnn.classifier import Classifier

Shipped = Literal["cifar_small", "cifar_robust"]
SHIPPED: dict[Shipped, str] = {
    "cifar_small": "small net",
    "cifar_robust": "small net, trained on attacked pictures",
}


def classifier(name: Shipped) -> Classifier:
    """The small net with shipped weights, in evaluation mode, on the CPU; the caller owns it."""
    return restore("small", checkpoints.shipped(name))


def provenance(name: Shipped) -> str:
    """What a page says of shipped weights: what they are, and how good on validation pictures."""
    right = 100 * checkpoints.about(name)["figures"]["validation_accuracy"]
    return f"{SHIPPED[name]}, shipped: {right:.1f} % of the validation pictures right"
