"""What a token is and where it stands, as one vector: Vaswani et al. (2017), 3.4 and 3.5."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from core.nets.transformer.positions import sinusoids


class Embedding(nn.Module):
    """A row of a table for each token, √dim times as large, plus the waves of its position."""

    def __init__(self, vocabulary: int, dim: int) -> None:
        super().__init__()
        self.table = nn.Embedding(vocabulary, dim)

    def forward(
        self,
        tokens: Int[Tensor, "n tokens"],
        keep: Bool[Tensor, "n keys"] | None = None,
        before: int = 0,
    ) -> Float[Tensor, "n tokens dim"]:
        """The tokens are the last of the keys; only those to `keep` count as positions.

        So padding, on whatever side, moves no token to another position. Without `keep` all count,
        and `before` says how many keys came before the tokens; with it that is not asked.
        """
        new = tokens.shape[1]
        if keep is None:
            places = torch.arange(before, before + new, device=tokens.device)
        else:
            places = (keep.cumsum(dim=1) - 1)[:, -new:]
        dim = self.table.embedding_dim
        known: Tensor = self.table(tokens) * dim**0.5
        return known + sinusoids(places, dim)
