"""Beam search: several texts grow side by side, and the likeliest so far go on.

Sutskever, I. et al. (2014), "Sequence to sequence learning with neural networks", section 3.2.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor


@dataclass(frozen=True)
class Beams:
    """Some texts, best first: tokens, log-probability of the whole, and whether it has ended."""

    tokens: Int[Tensor, "beams length"]
    scores: Float[Tensor, " beams"]
    ended: Bool[Tensor, " beams"]


def first_beams(start: Int[Tensor, " length"]) -> Beams:
    """One text, so far the beginning alone."""
    return Beams(start[None], torch.zeros(1, device=start.device), start.new_zeros(1).bool())


def extend(
    beams: Beams, logits: Float[Tensor, "beams vocabulary"], width: int, end: int, fill: int
) -> tuple[Beams, Int[Tensor, " kept"]]:
    """The `width` likeliest texts of one token more, and from which text each of them comes.

    `logits` are those of each text's next token. A text that has ended with `end` stays as it is:
    it grows by `fill` alone, at no cost. Where fewer texts than `width` are possible, all are kept.
    """
    steps = logits.log_softmax(dim=-1)
    steps[beams.ended] = -torch.inf
    steps[beams.ended, fill] = 0.0
    scores = (beams.scores[:, None] + steps).flatten()
    best, chosen = scores.topk(min(width, len(scores)))
    count = max(1, int((best > -torch.inf).sum()))  # the others are no texts at all
    best, chosen = best[:count], chosen[:count]
    origin, token = chosen // logits.shape[1], chosen % logits.shape[1]
    tokens = torch.cat([beams.tokens[origin], token[:, None]], dim=1)
    return Beams(tokens, best, beams.ended[origin] | (token == end)), origin
