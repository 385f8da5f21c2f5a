"""Attacks against torchattacks, on the same net and pictures, one thread, side by side.

Both are given plain float pictures, as one would write it; what they find is compared as well.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

import torch
import torchattacks
from torch import Tensor, nn

from core.attacks import fgsm, pgd
from core.attacks.sweep import right, under_fgsm, under_pgd
from core.config import generator
from core.data import cifar
from core.experiments.vision.attack_sweep import EPSILONS
from core.nets.cnn.trained import classifier
from core.probes.rgb import BYTE

PICTURES = 100
ROUNDS = 7
EPSILON, ALPHA, STEPS = 8 / BYTE, 2 / BYTE, 10


def measure(attack: Literal["fgsm", "pgd"]) -> float:
    """Images/s of ours ÷ images/s of torchattacks, each its best of several rounds."""
    net, images, labels = _setting()
    if attack == "fgsm":
        theirs = torchattacks.FGSM(net, eps=EPSILON)

        def ours() -> Tensor:
            return fgsm(net, images, labels, EPSILON)

    else:
        theirs = torchattacks.PGD(net, eps=EPSILON, alpha=ALPHA, steps=STEPS)

        def ours() -> Tensor:
            source = generator(0)
            return pgd(net, images, labels, EPSILON, alpha=ALPHA, steps=STEPS, source=source)

    with torch.random.fork_rng():
        torch.manual_seed(0)
        difference = (ours() - theirs(images, labels)).abs()
    # A gradient of almost zero may have another sign when it is summed in another order.
    assert (difference > 1e-6).float().mean() < 0.01, "they found different pictures"
    return _ratio(ours, lambda: theirs(images, labels), attack)


def sweep() -> float:
    """Images/s of the page's sweep over ten ε ÷ that of torchattacks, one ε after another."""
    net, images, labels = _setting()
    epsilons = [epsilon / BYTE for epsilon in EPSILONS["inf"]]

    def ours() -> list[Tensor]:
        once = under_fgsm(net, images, labels, epsilons)
        source = generator(0)
        often = under_pgd(net, images, labels, epsilons, alpha=0.25, steps=STEPS, source=source)
        return [*once, *often]

    def theirs() -> list[Tensor]:
        attacks = [torchattacks.FGSM(net, eps=epsilon) for epsilon in epsilons]
        attacks += [
            torchattacks.PGD(net, eps=epsilon, alpha=epsilon / 4, steps=STEPS)
            for epsilon in epsilons
        ]
        return [right(net, attack(images, labels), labels) for attack in attacks]

    for mine, other in zip(ours(), theirs(), strict=True):
        assert abs(int(mine.sum()) - int(other.sum())) <= 0.05 * PICTURES, "different survivors"
    return _ratio(ours, theirs, "sweep")


def _setting() -> tuple[nn.Module, Tensor, Tensor]:
    torch.set_num_threads(1)
    test = cifar.load("test").first(PICTURES)
    return classifier("cifar_robust"), cifar.pixels(test.images), test.labels


def _ratio(ours: Callable[[], object], theirs: Callable[[], object], name: str) -> float:
    """Time of theirs ÷ time of ours, taken in turn."""
    times: dict[Callable[[], object], list[float]] = {ours: [], theirs: []}
    for _ in range(ROUNDS):
        for run, taken in times.items():
            began = time.perf_counter()
            run()
            taken.append(time.perf_counter() - began)
    mine, other = (min(taken) for taken in times.values())
    print(f"{name}: ours {PICTURES / mine:,.0f} images/s, torchattacks {PICTURES / other:,.0f}")
    return other / mine


if __name__ == "__main__":
    print(f"{measure('fgsm'):.2f}, {measure('pgd'):.2f} and {sweep():.2f} times torchattacks")
