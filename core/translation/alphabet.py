"""Characters as numbers, with three signs more: begin writing, the end, and filling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Int
from torch import Tensor

SIGNS = ("▷", "■", "□")  # how SOS, EOS and PAD are shown


@dataclass(frozen=True)
class Alphabet:
    """`characters` have the numbers 0, 1, …; then come SOS, EOS and PAD."""

    characters: str

    def __len__(self) -> int:
        return len(self.characters) + len(SIGNS)

    @property
    def sos(self) -> int:
        """Start of what is written."""
        return len(self.characters)

    @property
    def eos(self) -> int:
        """End of what is read or written."""
        return len(self.characters) + 1

    @property
    def pad(self) -> int:
        """Fills shorter rows up."""
        return len(self.characters) + 2

    def encode(self, text: str) -> list[int]:
        """The characters' numbers. Raises ValueError for one that is not among them."""
        return [self.characters.index(c) for c in text]

    def decode(self, tokens: Sequence[int]) -> str:
        """The text before the first EOS; other signs in it are shown as such."""
        tokens = list(tokens)
        if self.eos in tokens:
            tokens = tokens[: tokens.index(self.eos)]
        return "".join(self.shown(tokens))

    def shown(self, tokens: Sequence[int]) -> list[str]:
        """A character for each token, the signs too."""
        return [(*self.characters, *SIGNS)[token] for token in tokens]

    def rows(
        self, tokens: Sequence[Sequence[int]], *, left: bool = False, fill: int = 0
    ) -> Int[Tensor, "n t"]:
        """Rows of equal length, filled up with PAD at their ends, or at the left.

        They are by `fill` longer than the longest.
        """
        longest = max(map(len, tokens)) + fill
        pads = [[self.pad] * (longest - len(row)) for row in tokens]
        pairs = zip(pads, tokens, strict=True)
        return torch.tensor([[*pad, *row] if left else [*row, *pad] for pad, row in pairs])
