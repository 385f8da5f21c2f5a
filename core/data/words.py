"""Words to learn reading from: random letters in random fonts, written by an unsteady hand.

One pair of letters in five is held out: it is in no word that is learnt from.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from core.data.letters import ALPHABET, INK, ROWS, SEEN, Font, Glyph, Hand, glyphs, write

Case = Literal["lower", "both"]
CASES: dict[Case, str] = {"lower": "a, b, c", "both": "a, b, c and A, B, C"}
COMMON = (
    "the and you that was for are with his they have this from word but what some can out other"
    " were all there when use your how said each she which their time will way about many then"
    " them write would like these long make thing see him two has look more day could come number"
    " sound most people over know water than call first who may down side been now find"
)
ENGLISH = tuple(COMMON.split())


def is_held_out(pair: str) -> bool:
    """Whether no word that is learnt from has these two letters in a row."""
    first, second = (ALPHABET.index(letter) for letter in pair)
    return (first + second) % 5 == 0


HELD_OUT = tuple(a + b for a in ALPHABET for b in ALPHABET if is_held_out(a + b))


def random_words(count: int, longest: int, source: np.random.Generator) -> list[str]:
    """Words of 1 to `longest` letters, all letters alike, without a pair that is held out."""
    words = []
    for length in source.integers(1, longest + 1, count):
        word = ""
        for index in source.integers(0, len(ALPHABET), length):
            letter = ALPHABET[index]
            if word and is_held_out(word[-1] + letter):
                letter = ALPHABET[index + 1] if letter != "z" else "y"
            word += letter
        words.append(word)
    return words


def picture(
    word: str,
    fonts: Sequence[Font],
    source: np.random.Generator,
    unsteady: float = 0.5,
    case: Case = "lower",
) -> Float[np.ndarray, "32 _"]:
    """One word in one of the fonts: 0 is paper, 1 is ink. `unsteady` is from 0 to 1."""
    bold = int(source.integers(0, 1 + round(4 * unsteady)))
    letters = glyphs(fonts[int(source.integers(len(fonts)))], bold)
    if case == "both":
        styles = (word, word.upper(), word.capitalize())
        word = styles[source.integers(len(styles))]
    return scribble([letters[letter] for letter in word], source, unsteady)


def scribble(
    letters: Sequence[Glyph], source: np.random.Generator, unsteady: float
) -> Float[np.ndarray, "32 _"]:
    """These letters as a hand so unsteady writes them."""
    hand = Hand(
        gaps=(2 + source.integers(0, 5 + round(12 * unsteady), len(letters) - 1)).tolist(),
        lifts=np.round(6 * unsteady * source.uniform(-1, 1, len(letters))).astype(int).tolist(),
        slant=0.5 * unsteady * source.uniform(-1, 1),
        stretch=float(np.exp(0.5 * unsteady * source.uniform(-1, 1))),
        ink=int(INK + round(6 * unsteady * source.uniform(-1, 1))),
        margin=int(source.integers(4, 13)),
    )
    strength = 1 - 0.4 * unsteady * source.uniform()
    return write(letters, hand).astype(np.float32) * np.float32(strength / 255)


def batch(
    pictures: Sequence[Float[np.ndarray, "32 _"]], noise: float, source: np.random.Generator
) -> Float[Tensor, "batch 1 32 width"]:
    """Side by side at one width, paper after the shorter ones, with Gaussian noise on all."""
    width = max(word.shape[1] for word in pictures)
    x = np.zeros((len(pictures), 1, ROWS, width), np.float32)
    for row, word in zip(x, pictures, strict=True):
        row[0, :, : word.shape[1]] = word
    x += noise * source.standard_normal(x.shape, np.float32)
    return torch.from_numpy(x.clip(0, 1))


def examples(
    words: Sequence[str],
    source: np.random.Generator,
    *,
    fonts: Sequence[Font] = SEEN,
    unsteady: float = 0.5,
    noise: float = 0.1,
    case: Case = "lower",
) -> Float[Tensor, "words 1 32 width"]:
    """Pictures of words, each in a font and a hand of its own."""
    return batch([picture(word, fonts, source, unsteady, case) for word in words], noise, source)
