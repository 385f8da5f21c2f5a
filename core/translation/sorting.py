"""Sorting: numbers from 0 to 99 in, the same numbers out, the smallest first."""

from __future__ import annotations

import re

import torch

from core.config import ConfigError
from core.translation.alphabet import Alphabet

ALPHABET = Alphabet("0123456789 ")
MOST_NUMBERS = 12
LARGEST = 99


def of_numbers(text: str) -> str:
    """Numbers parted by blanks, sorted."""
    return " ".join(map(str, sorted(map(int, text.split()))))


def numbers(part: str, count: int, source: torch.Generator) -> str:
    """So many numbers; "validation" and "train" have no row in common, in whatever order.

    A row is one of validation if its numbers sum to a multiple of 10.
    """
    while True:
        drawn = torch.randint(LARGEST + 1, (count,), generator=source).tolist()
        if (sum(drawn) % 10 == 0) == (part == "validation"):
            return " ".join(map(str, drawn))


def read_numbers(text: str) -> str:
    """What a net is given of anyone's text: all numbers in it. Raises ConfigError."""
    found = re.findall("[0-9]+", text)
    if not found:
        raise ConfigError("There is no number to sort; type some from 0 to 99: “42 7 13”.")
    if len(found) > MOST_NUMBERS:
        raise ConfigError(f"There are {len(found):,} numbers; {MOST_NUMBERS} are the most.")
    if any(len(number) > 4 or int(number) > LARGEST for number in found):
        raise ConfigError(f"Numbers go from 0 to {LARGEST} here; take smaller ones.")
    return " ".join(str(int(number)) for number in found)
