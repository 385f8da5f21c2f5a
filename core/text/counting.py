"""Language models that only count: single tokens, and pairs. A net has to beat them."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor

PRIOR = 50.0  # tokens: how much single counts weigh against those of pairs


def unigram(tokens: Int[Tensor, " tokens"], vocabulary: int) -> Float[Tensor, " vocabulary"]:
    """How often each token is seen, each once more than it was."""
    counts = torch.bincount(tokens, minlength=vocabulary).double() + 1
    return counts / counts.sum()


def bigram(
    tokens: Int[Tensor, " tokens"], vocabulary: int
) -> Float[Tensor, "vocabulary vocabulary"]:
    """p(b | a) = (c(a b) + κ p(b)) / (c(a) + κ): pairs where they are known, else single tokens.

    A Dirichlet prior of weight κ = `PRIOR` (MacKay and Peto 1995).
    """
    pairs = torch.bincount(tokens[:-1] * vocabulary + tokens[1:], minlength=vocabulary**2)
    counts = pairs.reshape(vocabulary, vocabulary).double()
    single = unigram(tokens, vocabulary)
    return (counts + PRIOR * single) / (counts.sum(dim=1, keepdim=True) + PRIOR)


def nats(
    train: Int[Tensor, " tokens"], held_out: Int[Tensor, "n window"], vocabulary: int
) -> tuple[float, float]:
    """The mean surprise of each token but a row's first, in nats: by single counts, by pairs."""
    before, after = held_out[:, :-1], held_out[:, 1:]
    alone = -unigram(train, vocabulary)[after].log().mean()
    paired = -bigram(train, vocabulary)[before, after].log().mean()
    return float(alone), float(paired)
