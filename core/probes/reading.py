"""How well a net reads words that it never saw: letters, pairs that were held out, whole words.

`python -m core.probes.reading` prints the figures of the shipped weights, and where GLASSBOX_DATA
names a folder with `local/emnist_letters`, also those on words put together from real handwriting.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from PIL import Image
from torch import Tensor

from core.data.letters import ALPHABET, SEEN, UNSEEN, Font, Glyph, trim
from core.data.words import ENGLISH, HELD_OUT, Case, batch, examples, scribble
from core.nets.reader import Reader
from core.reading.paths import decode, read

AT_ONCE = 128  # pictures through the net
HANDWRITTEN = Path("local", "emnist_letters", "test_800_per_class.webp")  # in GLASSBOX_DATA


@torch.no_grad()
def reads(reader: Reader, x: Float[Tensor, "words 1 32 width"]) -> list[str]:
    """What the net reads, without any list of words to choose from."""
    return [word for part in x.split(AT_ONCE) for word in read(decode(reader(part))[1])]


def share(reader: Reader, words: Sequence[str], x: Float[Tensor, "words 1 32 width"]) -> float:
    """The share of words that are read without a mistake."""
    found = reads(reader, x)
    return sum(a == b for a, b in zip(found, words, strict=True)) / len(words)


def figures(saved: Mapping[str, Tensor], case: Case = "lower") -> dict[str, float]:
    """Shares read without a mistake, in hands of their own that are no part of training.

    `letters`, `pairs` that were held out and `words` of English in the fonts that were learnt;
    `unseen_…` in the font that was not.
    """
    reader = Reader.of(saved)
    source = np.random.default_rng(2**32)  # no seed of a run
    sets = {"letters": [*ALPHABET] * 40, "pairs": [*HELD_OUT] * 6, "words": [*ENGLISH] * 6}
    found = {}
    for prefix, fonts in (("", SEEN), ("unseen_", (UNSEEN,))):
        for name, words in sets.items():
            x = _pictures(words, source, fonts, case)
            found[prefix + name] = float(np.mean([share(reader, *part) for part in x]))
    return found


def handwriting(saved: Mapping[str, Tensor], sheet: Path) -> dict[str, float]:
    """The same on EMNIST letters, capitals among them, each of a hand of its own."""
    reader, source = Reader.of(saved), np.random.default_rng(0)
    found = {}
    sets = {"letters": [*ALPHABET] * 40, "pairs": [*HELD_OUT] * 6, "words": [*ENGLISH] * 6}
    letters = dict(zip(ALPHABET, emnist(sheet), strict=True))
    for name, words in sets.items():
        right = 0.0
        for start in range(0, len(words), AT_ONCE):
            part = words[start : start + AT_ONCE]
            pictures = [
                scribble([letters[c][source.integers(len(letters[c]))] for c in word], source, 0.0)
                for word in part
            ]
            right += len(part) * share(reader, part, batch(pictures, 0.0, source))
        found[f"handwritten_{name}"] = right / len(words)
    return found


def emnist(sheet: Path) -> list[list[Glyph]]:
    """EMNIST's test letters, 26 kinds, as large as glyphs are."""
    grey = np.asarray(Image.open(sheet).convert("L"))
    images = grey.reshape(-1, 28, 100, 28).transpose(0, 2, 1, 3).reshape(len(ALPHABET), -1, 28, 28)
    return [[trim(np.asarray(Image.fromarray(one).resize((56, 56)))) for one in k] for k in images]


def _pictures(
    words: list[str], source: np.random.Generator, fonts: Sequence[Font], case: Case
) -> list[tuple[list[str], Float[Tensor, "words 1 32 width"]]]:
    parts = [words[i::6] for i in range(6)]
    return [(part, examples(part, source, fonts=fonts, case=case)) for part in parts]


if __name__ == "__main__":
    from core import checkpoints

    weights = checkpoints.shipped("reader")
    found = figures(weights)
    if (sheet := Path(os.environ.get("GLASSBOX_DATA", "/none"), HANDWRITTEN)).exists():
        found |= handwriting(weights, sheet)
    for name, value in found.items():
        print(f"{name:20} {100 * value:.1f} %")
