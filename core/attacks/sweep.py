"""Which images survive an attack, for many ε at once, without doing any work twice."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Bool
from torch import Tensor, nn

from core.attacks.balls import Norm, steepest
from core.attacks.gradient import Images, Labels, input_gradient
from core.attacks.pgd import pgd

Survivors = Bool[Tensor, "epsilons images"]


def under_fgsm(
    model: nn.Module, images: Images, labels: Labels, epsilons: Sequence[float], norm: Norm = "inf"
) -> Survivors:
    """Which are still taken for what they are. The gradient at x is the same for all ε."""
    direction = steepest(input_gradient(model, images, labels), norm)
    return torch.stack(
        [right(model, (images + epsilon * direction).clamp(0, 1), labels) for epsilon in epsilons]
    )


def under_pgd(
    model: nn.Module,
    images: Images,
    labels: Labels,
    epsilons: Sequence[float],
    *,
    alpha: float,
    steps: int,
    source: torch.Generator,
    norm: Norm = "inf",
) -> Survivors:
    """The same under PGD, for rising ε; one step is `alpha` times ε long.

    A small ball lies within the larger ones: who was fooled in it is fooled in them, and is not
    attacked again.
    """
    alive = right(model, images, labels)
    rows = []
    for epsilon in epsilons:
        if epsilon > 0 and alive.any():
            x, y = images[alive], labels[alive]
            moved = pgd(
                model, x, y, epsilon, alpha=alpha * epsilon, steps=steps, source=source, norm=norm
            )
            alive = alive.masked_scatter(alive, right(model, moved, y))
        rows.append(alive)
    return torch.stack(rows)


@torch.no_grad()
def right(model: nn.Module, images: Images, labels: Labels) -> Bool[Tensor, " images"]:
    """Which images are taken for what they are."""
    taken_for: Tensor = model(images.contiguous(memory_format=torch.channels_last)).argmax(1)
    return taken_for == labels
