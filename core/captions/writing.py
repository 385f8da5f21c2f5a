"""Captions of many pictures at once, and how good they are."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

import torch
from jaxtyping import Float, Int
from torch import Tensor

from core.data.captions import END, LONGEST, PADDING, START, Captioned
from core.data.tokens import Words
from core.decoding import greedy
from core.nets.captioner import Captioner


@torch.no_grad()
def write(net: Captioner, features: Float[Tensor, "n features"]) -> Int[Tensor, "n longest"]:
    """The likeliest next word, again and again, until END; PADDING after it."""
    state = net.begin(features)
    word = torch.full((len(features),), START, device=features.device)
    written = torch.full((len(features), LONGEST), PADDING, device=features.device)
    ended = torch.zeros_like(word, dtype=torch.bool)
    for at in range(LONGEST):
        scores, state, _ = net.next(word, state)
        word = greedy(scores).masked_fill(ended, PADDING)
        ended |= word == END
        written[:, at] = word
        if ended.all():
            break
    return written


def bleu(written: Sequence[str], captions: Sequence[Sequence[Words]], order: int = 4) -> float:
    """BLEU (Papineni et al. 2002) of all captions together, from 0 to 1, by sacrebleu.

    `order` is that of the longest runs of words that are compared: 1 is BLEU-1.
    """
    from sacrebleu.metrics.bleu import BLEU  # slow to import

    references = zip_longest(*([" ".join(words) for words in some] for some in captions))
    metric = BLEU(max_ngram_order=order, tokenize="none", force=True)
    return (
        float(metric.corpus_score(list(written), [list(some) for some in references]).score) / 100
    )


def share_true(written: Sequence[str], pictures: Captioned) -> float:
    """The share of captions that are true of their scenes; NaN where that is not known."""
    if pictures.true is None:
        return float("nan")
    right = sum(text in true for text, true in zip(written, pictures.true, strict=True))
    return right / len(written)
