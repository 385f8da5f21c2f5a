"""The sizes of a transformer, and how its matrices start."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from core.nets.transformer.block import Block


@dataclass(frozen=True)
class Form:
    """Sizes; the width of a head is dim / heads and that inside the MLP 4 · dim, if None."""

    dim: int = 100
    heads: int = 2
    layers: int = 2
    width: int | None = None
    mlp: int | None = None

    def blocks(self, *, cross: bool = False) -> nn.ModuleList:
        """As many blocks as there are layers."""
        sizes = self.dim, self.heads, self.width, self.mlp
        return nn.ModuleList(Block(*sizes, cross=cross) for _ in range(self.layers))


def begin(net: nn.Module, source: torch.Generator) -> None:
    """Draw all matrices anew from `source`, so that what comes out is as large as what went in."""
    for module in net.modules():
        if isinstance(module, nn.Linear):
            nn.init.trunc_normal_(module.weight, std=module.in_features**-0.5, generator=source)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        if isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=module.embedding_dim**-0.5, generator=source)
