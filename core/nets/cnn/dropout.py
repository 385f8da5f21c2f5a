"""Dropout (Srivastava et al. 2014) that draws from a generator which its owner sets."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Dropout(nn.Module):
    """In training each number is kept with probability 1 − p, and then divided by that."""

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p
        self.source: torch.Generator | None = None  # on the device of the numbers

    def forward(self, x: Tensor) -> Tensor:
        """Of any shape."""
        if not self.training:
            return x
        kept = torch.empty_like(x).bernoulli_(1 - self.p, generator=self.source)
        return x * kept / (1 - self.p)
