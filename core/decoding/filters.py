"""How bold a choice may be: temperature, the k best, the fewest that make up p.

Holtzman, A. et al. (2020), "The curious case of neural text degeneration", section 3.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor


def temper(
    logits: Float[Tensor, "*batch vocabulary"], temperature: float
) -> Float[Tensor, "*batch vocabulary"]:
    """Logits / T: below 1 the likely gets likelier, above 1 all become alike; 0 leaves the best."""
    if temperature == 0:
        return top_k(logits, 1)
    return logits / temperature


def top_k(logits: Float[Tensor, "*batch vocabulary"], k: int) -> Float[Tensor, "*batch vocabulary"]:
    """The k best; the others get −∞. Of equal ones those with the lower number stay."""
    order = logits.argsort(dim=-1, descending=True, stable=True)
    return logits.scatter(-1, order[..., k:], -torch.inf)


def top_p(
    logits: Float[Tensor, "*batch vocabulary"], p: float
) -> Float[Tensor, "*batch vocabulary"]:
    """The fewest best whose probabilities sum to at least p, and at least one; the others −∞."""
    best, order = logits.sort(dim=-1, descending=True, stable=True)
    shares = best.softmax(dim=-1)
    before = shares.cumsum(dim=-1) - shares  # of those that are better
    best = best.masked_fill((before >= p) & (before > 0), -torch.inf)
    return torch.empty_like(logits).scatter(-1, order, best)


def next_probabilities(
    logits: Float[Tensor, "*batch vocabulary"],
    temperature: float = 1.0,
    k: int | None = None,
    p: float = 1.0,
) -> Float[Tensor, "*batch vocabulary"]:
    """Of the next token, after temperature, top-k (None: all) and top-p, in this order."""
    logits = temper(logits, temperature)
    if k is not None:
        logits = top_k(logits, k)
    if p < 1:
        logits = top_p(logits, p)
    return logits.softmax(dim=-1)
