"""A typed word: what may be typed, and its picture in plain print."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Annotated

import numpy as np
import pydantic
import torch
from jaxtyping import Float
from torch import Tensor

from core.config import clip
from core.data.letters import Font, glyphs, write
from core.nets.reader import STRIDE

MOST_LETTERS = 10


def _printable(word: str) -> str:
    if not re.fullmatch(f"[a-zA-Z]{{1,{MOST_LETTERS}}}", word):
        raise ValueError(
            f"“{clip(word)}” cannot be shown; type 1 to {MOST_LETTERS} letters from a to z."
        )
    return word


PrintedWord = Annotated[str, pydantic.AfterValidator(_printable)]


@lru_cache(maxsize=8)
def printed(word: str, font: Font) -> Float[Tensor, "1 1 32 width"]:
    """The word as a steady hand prints it: 0 is paper, 1 is ink.

    As wide as `align` needs it at least: a narrow one has more paper after it.
    """
    letters = glyphs(font)
    picture = write([letters[letter] for letter in word])
    missing = STRIDE * (2 * len(word) - 1) - picture.shape[1]
    picture = np.pad(picture, ((0, 0), (0, max(0, missing))))
    return torch.from_numpy(picture.astype(np.float32) / 255)[None, None]
