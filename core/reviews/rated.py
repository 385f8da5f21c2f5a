"""A typed review and how a net's rating of it moves from word to word."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import pydantic
import torch
from jaxtyping import Float, Int
from torch import Tensor

from core.config import clip, generator
from core.data.glove import UNKNOWN, Vocabulary
from core.data.reviews import STARS
from core.data.tokens import tokens
from core.experiment import Pictures, finite, to_array
from core.nets.cells import build, unroll
from core.nets.rater import Rater

KEEPS = {"gru": "update", "lstm": "forget"}  # the gate that is 1 where all is kept
EXAMPLE = "The food was not bad, but the service was terrible. We will not come back."
LONGEST = 20  # letters of a word that are shown; those of GloVe are shorter
NAMES = tuple(f"{stars} ★" for stars in range(1, STARS + 1))


def _has_words(text: str) -> str:
    if not tokens(text):
        raise ValueError("Your review has no words yet; type at least one.")
    return text


Review = Annotated[str, pydantic.AfterValidator(_has_words)]


def rated(
    net: Rater, table: Float[Tensor, "words inputs"], vocabulary: Vocabulary, text: str
) -> Pictures:
    """The rating of a review after each word.

    words: (length,), in brackets where the net does not know it; at: (length,), 1, 2 …
    stars: (length,), the mean of what it may have; shade: (length,), the same from 0 to 1
    says: (5, length), probabilities
    states: (units, length), those of the last layer
    """
    ids = numbers(vocabulary, text, table.device)
    says, states = net.along(table[ids])
    known = (ids != UNKNOWN).tolist()
    words = [w if k else f"({clip(w, LONGEST)})" for w, k in zip(tokens(text), known, strict=True)]
    stars = mean_stars(says)
    return {
        "words": np.array(words),
        "at": np.arange(1, len(words) + 1, dtype=np.float32),
        "stars": finite(to_array(stars)),
        "shade": finite(to_array((stars - 1) / (STARS - 1))),
        "says": finite(to_array(says.T)),
        "states": finite(to_array(states.T)),
    }


def numbers(vocabulary: Vocabulary, text: str, device: torch.device) -> Int[Tensor, " length"]:
    """The words of a review as numbers."""
    return torch.tensor(vocabulary.encode(tokens(text)), device=device)


@torch.no_grad()
def worth(net: Rater, x: Float[Tensor, "length inputs"]) -> Float[Tensor, " length"]:
    """By how many stars each word lifts the rating of the whole; 0 for an only word."""
    count = len(x)
    if count == 1:
        return torch.zeros(1, device=x.device)
    rest = torch.arange(count - 1, device=x.device)
    others = rest + (rest >= torch.arange(count, device=x.device)[:, None])
    without = net(x[others], torch.full((count,), count - 1, device=x.device)).softmax(dim=1)
    whole = net(x[None], torch.tensor([count], device=x.device)).softmax(dim=1)
    return mean_stars(whole) - mean_stars(without)


@torch.no_grad()
def kept(net: Rater, x: Float[Tensor, "length inputs"]) -> Float[Tensor, "length units"]:
    """What the last layer's gate lets each unit keep of its state; 0 where there are no gates.

    torch's layers do not tell, so that layer is read once more by our own cell.
    """
    *below, last = net.layers
    for layer in below:
        x = layer(x[None])[0][0]
    cell = build(net.cell, x.shape[1], net.width, generator(0)).to(x.device)
    named = dict(last.named_parameters())
    cell.load_state_dict({name: named[f"{name}_l0"] for name in cell.state_dict()})
    if not (gate := KEEPS.get(net.cell)):
        return torch.zeros(len(x), net.width, device=x.device)
    gates: Tensor = unroll(cell, x[None]).gate(gate)[0]
    return gates


def mean_stars(probabilities: Tensor) -> Tensor:
    """(…, 5) → (…): what the stars are on average."""
    return probabilities @ torch.arange(1.0, STARS + 1, device=probabilities.device)


def turn(pictures: Pictures) -> tuple[str, float]:
    """The word that moved the rating most, and by how much; the first moved it from the middle."""
    moves = np.diff(pictures["stars"], prepend=np.float32((1 + STARS) / 2))
    at = int(np.abs(np.nan_to_num(moves)).argmax())
    return str(pictures["words"][at]), float(moves[at])
