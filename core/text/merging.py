"""What byte-pair encoding does, merge by merge: pairs are counted, and one of them is joined."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from itertools import pairwise

from core.text.bpe import Merge

Pieces = tuple[str, ...]
UNKNOWN = "�"  # stands for every character that is no piece


def join(pieces: Pieces, merge: Merge) -> Pieces:
    """Wherever the pair stands it becomes one piece, from the left."""
    made: list[str] = []
    at = 0
    while at < len(pieces):
        found = pieces[at : at + 2] == merge
        made.append("".join(merge) if found else pieces[at])
        at += 1 + found
    return tuple(made)


def letters(word: str, alphabet: frozenset[str]) -> Pieces:
    """A word in single characters."""
    return tuple(letter if letter in alphabet else UNKNOWN for letter in word)


def segment(word: str, alphabet: frozenset[str], ranks: Mapping[Merge, int]) -> Pieces:
    """A word by the merges that `ranks` knows: the one learnt first goes first."""
    pieces = letters(word, alphabet)
    while found := [pair for pair in pairwise(pieces) if pair in ranks]:
        pieces = join(pieces, min(found, key=ranks.__getitem__))
    return pieces


class Merging:
    """Words in pieces, at first single characters, and how often each pair stands in them."""

    def __init__(self, counts: Mapping[str, int], alphabet: frozenset[str]) -> None:
        """`counts` says how often each word is in the text."""
        self.counts = list(counts.values())
        self.words = [letters(word, alphabet) for word in counts]
        self.pairs: Counter[Merge] = Counter()
        self.where: defaultdict[Merge, set[int]] = defaultdict(set)
        for index in range(len(self.words)):
            self._count(index, 1)

    def merge(self, pair: Merge) -> int:
        """Join a pair in all words; how often it stood there."""
        count = self.pairs[pair]
        for index in self.where.pop(pair, set()):
            self._count(index, -1)
            self.words[index] = join(self.words[index], pair)
            self._count(index, 1)
        return count

    @property
    def length(self) -> int:
        """Pieces in the whole text."""
        return sum(n * len(word) for n, word in zip(self.counts, self.words, strict=True))

    def _count(self, index: int, sign: int) -> None:
        for pair in pairwise(self.words[index]):
            self.pairs[pair] += sign * self.counts[index]
            if sign > 0 and UNKNOWN not in pair:
                self.where[pair].add(index)
