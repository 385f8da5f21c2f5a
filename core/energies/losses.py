"""What makes energies low where the data are and high elsewhere (LeCun et al. 2006, sections 2, 5).

`low` is the energy F(x, y) of a right answer, `high` that of a wrong one, F(x, ȳ). Each function
gives a loss per pair; `pushes` gives its derivatives by hand.
"""

from __future__ import annotations

import math
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import softplus

Loss = Literal["nll", "hinge", "log", "square_square", "simple", "energy"]
LOSSES: dict[Loss, str] = {
    "nll": "negative log-likelihood",
    "hinge": "hinge [F − F̄ + m]₊",
    "log": "log(1 + exp(F − F̄))",
    "square_square": "square-square [F]₊² + [m − F̄]₊²",
    "simple": "simple [F]₊ + [m − F̄]₊",
    "energy": "energy alone, F",
}
Energies = Float[Tensor, "*batch"]


def pair_loss(kind: Loss, low: Energies, high: Energies, margin: float) -> Energies:
    """The loss of each pair of a right and a wrong answer. The likelihood has `nll_loss`."""
    match kind:
        case "hinge":
            return (low - high + margin).relu()
        case "log":
            return softplus(low - high)
        case "square_square":
            return low.relu().square() + (margin - high).relu().square()
        case "simple":
            return low.relu() + (margin - high).relu()
        case "energy":
            return low
    raise ValueError(f"{kind} is no loss of pairs")


def pushes(kind: Loss, low: Energies, high: Energies, margin: float) -> tuple[Energies, Energies]:
    """∂ℓ/∂F of the right and of the wrong answer: above 0 it is pushed down, below 0 up."""
    zero = torch.zeros_like(low)
    match kind:
        case "hinge":
            active = (low - high + margin > 0).to(low)
            return active, -active
        case "log":
            slope = torch.sigmoid(low - high)
            return slope, -slope
        case "square_square":
            return 2 * low.relu(), -2 * (margin - high).relu()
        case "simple":
            return (low > 0).to(low), -(high < margin).to(low)
        case "energy":
            return zero + 1, zero
    raise ValueError(f"{kind} is no loss of pairs")


def log_partition(
    energies: Float[Tensor, "*batch answers"], beta: float, cell: float
) -> Float[Tensor, "*batch"]:
    """log ∫ exp(−β F(x, y)) dy by energies of answers that stand for `cell` of y each."""
    return torch.logsumexp(-beta * energies, dim=-1) + math.log(cell)


def nll_loss(
    low: Energies, everywhere: Float[Tensor, "*batch answers"], beta: float, cell: float
) -> Energies:
    """−1/β log p(y | x) = F(x, y) + 1/β log ∫ exp(−β F(x, y')) dy', with p the Gibbs density."""
    return low + log_partition(everywhere, beta, cell) / beta


def gibbs_density(
    energies: Float[Tensor, "*batch answers"], beta: float, cell: float
) -> Float[Tensor, "*batch answers"]:
    """p(y | x) = exp(−β F(x, y)) / Z, of answers that stand for `cell` of y each."""
    return torch.softmax(-beta * energies, dim=-1) / cell
