"""The next token: the likeliest, or one drawn."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor


def greedy(logits: Float[Tensor, "n vocabulary"]) -> Int[Tensor, " n"]:
    """The likeliest token of each row."""
    return logits.argmax(dim=-1)


def sample(
    probabilities: Float[Tensor, "n vocabulary"], source: torch.Generator
) -> Int[Tensor, " n"]:
    """A token of each row, as often as its probability says; drawn on the CPU, from `source`."""
    drawn = torch.multinomial(probabilities.cpu(), 1, generator=source)
    return drawn[:, 0].to(probabilities.device)
