"""How often a rater of reviews is right on synthetic ones that nothing was trained on."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from core.data import reviews_made
from core.data.glove import Vocabulary
from core.nets.rater import Rater

REVIEWS = 1000


@torch.no_grad()
def ratings(saved: Mapping[str, Tensor]) -> dict[str, float]:
    """Of reviews with words that were rated before, and of those whose adjectives were not."""
    net, vocabulary, figures = Rater.of(saved), Vocabulary(), {}
    vectors = vocabulary.table(0)
    for name, seed, fresh in (("test_accuracy", 2, False), ("new_words_accuracy", 3, True)):
        texts, stars = reviews_made.write(REVIEWS, seed, fresh=fresh)
        words, lengths = vocabulary.pad(texts)
        taken = net(vectors[words], lengths).argmax(dim=1) + 1
        figures[name] = float((taken == torch.tensor(stars)).float().mean())
    return figures
