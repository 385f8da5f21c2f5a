"""The temporal-order task: two marks far apart in noise; which of them came first?

Hochreiter and Schmidhuber (1997), "Long short-term memory", experiment 6a.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import one_hot

SYMBOLS = ("E", "B", "a", "b", "c", "d", "X", "Y")  # start, trigger, noise, marks
CLASSES = ("Q", "R", "S", "U")  # X X, X Y, Y X, Y Y
START, TRIGGER, NOISE, MARK = 0, 1, 2, 6  # the first index of each kind
PADDING = -1

Range = tuple[int, int]  # inclusive
LevelName = Literal["easy", "normal", "published"]


class Level(NamedTuple):
    """Lengths, and where the two marks stand, counted from the E, which is 0."""

    length: Range
    first: Range
    second: Range


LEVELS: dict[LevelName, Level] = {
    "easy": Level((7, 9), (1, 3), (4, 5)),
    "normal": Level((30, 40), (2, 6), (20, 28)),
    "published": Level((100, 110), (10, 20), (50, 60)),
}


def grown(short: Level, long: Level, share: float) -> Level:
    """A level between two, evenly from the one at share 0 to the other at 1 and beyond."""
    share = min(max(share, 0.0), 1.0)

    def between(low: Range, high: Range) -> Range:
        first, last = (round(a + share * (b - a)) for a, b in zip(low, high, strict=True))
        return first, last

    return Level(*(between(*pair) for pair in zip(short, long, strict=True)))


class Orders(NamedTuple):
    """Symbols (n, time), padded; lengths (n,); classes (n,); places (n, 2) of the marks."""

    symbols: Int[Tensor, "n time"]
    lengths: Int[Tensor, " n"]
    target: Int[Tensor, " n"]
    places: Int[Tensor, "n 2"]


def orders(n: int, level: Level, source: torch.Generator) -> Orders:
    """E, then noise with two marks in it, each X or Y, then B: all drawn alike."""

    def uniform(low: int, high: int, shape: tuple[int, ...] = (n,)) -> Int[Tensor, "..."]:
        return torch.randint(low, high + 1, shape, generator=source)

    lengths, row = uniform(*level.length), torch.arange(n)
    places = torch.stack([uniform(*level.first), uniform(*level.second)], dim=1)
    marks = uniform(0, 1, (n, 2))
    symbols = uniform(NOISE, MARK - 1, (n, level.length[1]))
    symbols[:, 0] = START
    symbols[row[:, None], places] = MARK + marks
    symbols[row, lengths - 1] = TRIGGER
    symbols[torch.arange(symbols.shape[1]) >= lengths[:, None]] = PADDING
    return Orders(symbols, lengths, 2 * marks[:, 0] + marks[:, 1], places)


def encode(symbols: Int[Tensor, "n time"]) -> Float[Tensor, "n time 8"]:
    """One input of eight is 1; none where a sequence is padded."""
    return one_hot(symbols + 1, 1 + len(SYMBOLS))[..., 1:].float()
