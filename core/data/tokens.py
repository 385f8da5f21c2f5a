"""English text as words."""

from __future__ import annotations

import re
from collections.abc import Sequence

import torch
from jaxtyping import UInt8
from torch import Tensor

LONGEST = 60  # words; what comes after them is left out

# In many texts without their sign; GloVe knows the verb and “n't”.
SHORT = re.compile(
    r"\b(do|did|does|was|were|is|are|has|had|have|could|would|should|must|need|ca|wo|ai)n'?t\b"
)
VERBS = {"ca": "can", "wo": "will", "ai": "is"}
TOKEN = re.compile(r"n't|'(?:s|re|ve|ll|d|m)\b|[^\W_]+")

Words = tuple[str, ...]


def tokens(text: str) -> Words:
    """Lower-case words without signs, at most LONGEST; “don't” and “dont” are “do” and “n't”.

    >>> tokens("It wasn't BAD!")
    ('it', 'was', "n't", 'bad')
    """
    plain = SHORT.sub(
        lambda found: f"{VERBS.get(found[1], found[1])} n't", text.lower().replace("’", "'")
    )
    return tuple(TOKEN.findall(plain)[:LONGEST])


def as_bytes(words: Sequence[str]) -> UInt8[Tensor, " bytes"]:
    """Words as a tensor, to be kept with the weights that go with them; never an empty one."""
    raw = bytearray("\n".join([f"{len(words)}", *words]).encode())
    return torch.frombuffer(raw, dtype=torch.uint8).clone()


def from_bytes(kept: UInt8[Tensor, " bytes"]) -> Words:
    """What `as_bytes` has kept."""
    return tuple(bytes(kept.tolist()).decode().split("\n"))[1:]
