"""Losses over paths: the energies of the right word go down, those of other readings up.

All are means over windows, so that long words count no more than short ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import nll_loss, one_hot

from core.reading.paths import (
    Table,
    align,
    decode,
    energy_of,
    free_energy,
    total_free_energy,
)

Loss = Literal["likelihood", "cross_entropy", "margin"]
LOSSES: dict[Loss, str] = {
    "likelihood": "likelihood of the word, over all paths",
    "cross_entropy": "cross-entropy along its best path",
    "margin": "margin to other paths",
}


def likelihood_loss(energies: Table, words: Sequence[str], beta: float = 1.0) -> Float[Tensor, ""]:
    """F_β(x, y) − F_β(x) = −1/β log p(y | x), all paths of all words being possible."""
    gap = free_energy(energies, words, beta) - total_free_energy(energies, beta)
    return gap.mean() / energies.shape[1]


def cross_entropy_loss(energies: Table, words: Sequence[str]) -> Float[Tensor, ""]:
    """Each window is told its class on the word's best path: −log softmax(−e)."""
    log_p = torch.log_softmax(-energies, dim=2)
    with torch.no_grad():
        _, path = align(-log_p, words)
    return nll_loss(log_p.flatten(0, 1), path.flatten())


def margin_loss(energies: Table, words: Sequence[str], margin: float) -> Float[Tensor, ""]:
    """F(x, y) − min over all paths of (E − margin · windows where it differs): never below 0.

    The hinge loss of structured prediction with a latent path (Yu and Joachims 2009). Without a
    margin it is the perceptron's, which a table of equal energies satisfies.
    """
    with torch.no_grad():
        _, path = align(energies, words)
        differs = 1 - one_hot(path, energies.shape[2]).to(energies)
        lowered = energies - margin * differs
        _, rival = decode(lowered)
    wrong = (rival != path).to(energies).sum(dim=1)
    violation = energy_of(energies, path) - energy_of(energies, rival) + margin * wrong
    return violation.mean() / energies.shape[1]


def loss_of(
    kind: Loss, energies: Table, words: Sequence[str], beta: float, margin: float
) -> Float[Tensor, ""]:
    """One of `LOSSES`."""
    if kind == "likelihood":
        return likelihood_loss(energies, words, beta)
    if kind == "margin":
        return margin_loss(energies, words, margin)
    return cross_entropy_loss(energies, words)
