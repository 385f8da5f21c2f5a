"""GloVe: words as vectors, learnt from which words stand near one another in six billion.

Pennington, Socher and Manning (2014), "GloVe: global vectors for word representation".
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from core import assets
from core.config import generator

FILE = assets.ASSETS / "data" / "glove50d" / "glove6B_50d_top20k_f16.npz"
WIDTH = 50
PADDING, UNKNOWN = 0, 1  # rows of every table, both zeros
RESERVED = 2
SOURCE = "GloVe 6B (PDDL), 20,000 words"


@cache
def words() -> tuple[str, ...]:
    """The words, most frequent first; signs and parts such as “n't” and “'s” are among them."""
    return tuple(str(_arrays()["words"]).split("\n"))


@cache
def vectors() -> Float[Tensor, "words 50"]:
    """One row for each of `words`; shared, so change it nowhere."""
    return torch.from_numpy(_arrays()["vectors"].astype(np.float32))


class Vocabulary:
    """Numbers for words: those of GloVe, then `more`."""

    def __init__(self, more: Sequence[str] = ()) -> None:
        known = (*words(), *more)
        self.more = tuple(more)
        self.numbers = {word: number for number, word in enumerate(known, RESERVED)}

    def __len__(self) -> int:
        return RESERVED + len(self.numbers)

    def encode(self, tokens: Sequence[str]) -> list[int]:
        """A number for each; UNKNOWN for what is not known."""
        return [self.numbers.get(token, UNKNOWN) for token in tokens]

    def pad(
        self, texts: Sequence[Sequence[str]]
    ) -> tuple[Int[Tensor, "texts longest"], Int[Tensor, " texts"]]:
        """Texts in rows, filled up with PADDING, and their lengths; a text has some token."""
        lengths = torch.tensor([len(text) for text in texts])
        rows = torch.full((len(texts), int(lengths.max())), PADDING, dtype=torch.int32)
        for row, text in zip(rows, texts, strict=True):
            row[: len(text)] = torch.tensor(self.encode(text), dtype=torch.int32)
        return rows, lengths

    def table(self, seed: int, *, random: bool = False) -> Float[Tensor, "rows 50"]:
        """The vectors by number: GloVe's, and for what is not among them draws as wide as those.

        With `random` all are such draws.
        """
        rows = torch.randn(len(self), WIDTH, generator=generator(seed)) * vectors().std()
        rows[:RESERVED] = 0
        if not random:
            rows[RESERVED : RESERVED + len(words())] = vectors()
        return rows


def neighbours(
    word: str, table: Float[Tensor, "rows 50"], among: Vocabulary, count: int
) -> list[str]:
    """The words whose vectors in a table have the largest cosines with that of `word`."""
    unit = torch.nn.functional.normalize(table[RESERVED:], dim=1)
    at = among.numbers[word] - RESERVED
    best = (unit @ unit[at]).topk(count + 1).indices.tolist()
    names = (*words(), *among.more)
    return [names[i] for i in best if i != at][:count]


@cache
def _arrays() -> dict[str, np.ndarray]:
    with np.load(io.BytesIO(assets.read(FILE))) as arrays:
        return dict(arrays)
