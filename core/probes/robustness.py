"""How good a net is on CIFAR-10, untouched and under attack."""

from __future__ import annotations

import torch

from core.attacks.sweep import under_pgd
from core.config import generator
from core.data import cifar
from core.nets.cnn.classifier import Classifier

EPSILON = 8 / 255
SPLITS: tuple[cifar.Split, ...] = ("validation", "test")
AT_ONCE = 200


def robustness(net: Classifier, most: int = 5_000) -> dict[str, float]:
    """Shares of the shipped validation and test pictures, 1,000 and 5,000, that are right.

    Untouched, and under PGD-10 with ε = 8/255 and α = ε/4.
    """
    figures: dict[str, float] = {}
    for split in SPLITS:
        pictures = cifar.load(split).first(most)
        source = generator(0)
        alive = torch.zeros(2, dtype=torch.int64)
        for at in range(0, len(pictures), AT_ONCE):
            x = cifar.pixels(pictures.images[at:][:AT_ONCE])
            y = pictures.labels[at:][:AT_ONCE]
            found = under_pgd(net, x, y, (0.0, EPSILON), alpha=0.25, steps=10, source=source)
            alive += found.sum(1)
        clean, attacked = (alive / len(pictures)).tolist()
        figures |= {f"{split}_accuracy": clean, f"{split}_pgd10": attacked}
    return figures
