"""An alphabet grows: the pair of pieces that is seen most often becomes one, merge by merge."""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from typing import Annotated

import numpy as np
import pydantic
import torch
from torch import Tensor

from core import config, state
from core.config import setting
from core.data import own
from core.data.text import BOOKS, load, source
from core.experiment import CPU, Experiment, Pictures, Scalars
from core.text import bpe
from core.text.merging import UNKNOWN, Merging, segment

CANDIDATES = 10  # pairs that are shown
LEARNT = 40  # last pieces that are shown
LONGEST = 400  # characters of a passage


class BytePairs(Experiment):
    """One step is one merge, in the order in which the library chose them."""

    class Config(config.Config):
        """Which text, how many pieces, and a passage to be cut."""

        passage: str = setting(
            "To be, or not to be, that is the question: whether 'tis nobler in the mind to suffer"
            " the slings and arrows of outrageous fortune.",
            label="Passage",
            max_length=LONGEST,
            live=True,
            help="It is cut by what has been learnt so far; write your own.",
        )
        pieces: int = setting(
            512, label="Pieces", ge=128, le=4096, scale="log", help="The vocabulary in the end."
        )
        share: float = setting(
            0.1,
            label="Share of data",
            ge=0.01,
            le=1,
            scale="log",
            help="Of the text, from its beginning.",
        )
        text: Annotated[str, pydantic.AfterValidator(own.names_data(*BOOKS))] = setting(
            "shakespeare", label="Text", max_length=32, hidden=True, help="What pairs are from."
        )

    SMOKE = Config(pieces=128, share=0.01)
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, CPU)
        texts = load(config.text).share(config.share)
        tokeniser = bpe.train(texts.train, config.pieces)
        self.merges = bpe.merges(tokeniser)
        self.total = len(self.merges)
        # Every piece is a character or has been merged; a library's special ones are neither.
        self.alphabet = frozenset(p for p in bpe.pieces(tokeniser) if len(p) == 1)
        self.counts = bpe.words(" ".join(texts.train)), bpe.words(" ".join(texts.held_out))
        self.begin()

    def begin(self) -> None:
        """All words in single characters."""
        self.learning, self.held_out = (Merging(c, self.alphabet) for c in self.counts)
        self.words_held_out = sum(
            count for word, count in self.counts[1].items() if word.startswith(bpe.BLANK)
        )
        self.seen: list[int] = []

    def step(self) -> Scalars | None:
        """Pieces per word of held-out text, and how many there are to choose from."""
        if self.steps == self.total:
            return None
        self._merge()
        self.steps += 1
        return {"per_word": self.per_word, "vocabulary": float(len(self.alphabet) + self.steps)}

    def _merge(self) -> None:
        pair = self.merges[len(self.seen)]
        self.seen.append(self.learning.merge(pair))
        self.held_out.merge(pair)

    @property
    def per_word(self) -> float:
        """Pieces per word of held-out text."""
        return self.held_out.length / max(1, self.words_held_out)

    def passage(self) -> tuple[list[str], list[int]]:
        """The pieces of the passage so far, and which of them the last merge made."""
        ranks = {merge: rank for rank, merge in enumerate(self.merges[: self.steps])}
        made = [
            piece
            for word in bpe.in_words(self.config.passage)
            for piece in segment(word, self.alphabet, ranks)
        ]
        newest = "".join(self.merges[self.steps - 1]) if self.steps else ""
        return made, [at for at, piece in enumerate(made) if piece == newest]

    def picture(self) -> Pictures:
        """The passage in pieces, the pairs that might be next, and the pieces learnt last.

        passage: (pieces,); fresh: indices of those that the last merge made
        pairs, counts: (10,), the most frequent pairs now; learnt: (at most 40,), newest first
        seen: (total,), how often each joined pair stood there, NaN for those to come
        """
        made, fresh = self.passage()
        known = ((pair, n) for pair, n in self.learning.pairs.items() if UNKNOWN not in pair)
        best = heapq.nlargest(CANDIDATES, known, key=lambda found: found[1])
        best += [(("", ""), 0)] * (CANDIDATES - len(best))
        learnt = ["".join(merge) for merge in self.merges[: self.steps][::-1][:LEARNT]]
        seen = np.full(self.total, np.nan, np.float32)
        seen[: self.steps] = self.seen
        return {
            "passage": np.array([piece.replace(bpe.BLANK, " ") for piece in made] or [" "]),
            "fresh": np.array(fresh, np.int32),
            "pairs": np.array([f"{a} + {b}".replace(bpe.BLANK, "·") for (a, b), _ in best]),
            "counts": np.array([count for _, count in best], np.float32),
            "learnt": np.array([piece.replace(bpe.BLANK, " ") for piece in learnt] or ["…"]),
            "seen": seen,
        }

    def backdrop(self) -> Pictures:
        """merge: (total,), numbers of the merges."""
        return {"merge": np.arange(1, self.total + 1, dtype=np.float32)}

    def words(self) -> str:
        """What was joined last, and how far words have come together."""
        made, _ = self.passage()
        told = f"{self.per_word:.2f} pieces per word of held-out text; the passage has {len(made)}."
        if UNKNOWN in made:
            told += f" {made.count(UNKNOWN)} of them are unknown characters, �."
        if not self.steps:
            return f"{len(self.alphabet)} characters. {told}"
        left, right = (p.replace(bpe.BLANK, "·") for p in self.merges[self.steps - 1])
        return (
            f"Merge {self.steps:,} of {self.total:,} joined “{left}” and “{right}”, seen"
            f" {self.seen[-1]:,} times. {told}"
        )

    def provenance(self) -> Mapping[str, str]:
        """Which text."""
        share = f"{100 * self.config.share:.0f} % of {source(self.config.text)}"
        return {"data": f"{share}; every tenth stretch of it is held out"}

    def parts(self) -> Mapping[str, state.Part]:
        """None: what has been joined follows from the text and the number of steps."""
        return {}

    def load_state_dict(self, saved: Mapping[str, Tensor]) -> None:
        """The merges so far are made anew."""
        super().load_state_dict(saved)
        self.begin()
        for _ in range(self.steps):
            self._merge()
