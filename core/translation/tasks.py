"""What a net shall learn to write when it has read something."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch

from core.translation import pig_latin, sorting
from core.translation.alphabet import Alphabet

Pair = tuple[str, str]  # what is read, and what shall be written


@dataclass(frozen=True)
class Task:
    """`answer` is the rule, which a net never sees; `draw(part, count, source)` makes a text."""

    alphabet: Alphabet
    draw: Callable[[str, int, torch.Generator], str]
    answer: Callable[[str], str]
    read: Callable[[str], str]  # anyone's text as one to be read; raises ConfigError
    most: int  # words or numbers
    unit: str
    data: str

    def pairs(self, part: str, counts: list[int], source: torch.Generator) -> list[Pair]:
        """Texts of so many words each, with their answers; part is "train" or "validation"."""
        drawn = [self.draw(part, count, source) for count in counts]
        return [(text, self.answer(text)) for text in drawn]


Name = Literal["pig_latin", "sorting"]
NAMES: dict[Name, str] = {"pig_latin": "English → Pig Latin", "sorting": "sorting numbers"}
TASKS: dict[Name, Task] = {
    "pig_latin": Task(
        pig_latin.ALPHABET,
        pig_latin.sentence,
        pig_latin.of_sentence,
        pig_latin.read_sentence,
        pig_latin.MOST_WORDS,
        "words",
        "English words of GloVe's list, drawn at random; a tenth of the words is held out",
    ),
    "sorting": Task(
        sorting.ALPHABET,
        sorting.numbers,
        sorting.of_numbers,
        sorting.read_numbers,
        sorting.MOST_NUMBERS,
        "numbers",
        "numbers of a seeded generator; rows whose sum is a multiple of 10 are held out",
    ),
}
