"""A block of a transformer: it listens, then thinks; both add to what they read, normalised.

The norm comes first (Xiong et al. 2020), so that the sum runs unhindered through all blocks.
"""

from __future__ import annotations

from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn.functional import gelu

from core.nets.transformer.attention import Attention, Cache


class Block(nn.Module):
    """Attention between tokens, if `cross` then to a memory, then an MLP on each token."""

    def __init__(
        self,
        dim: int,
        heads: int,
        width: int | None = None,
        mlp: int | None = None,
        *,
        cross: bool = False,
    ) -> None:
        """`width` is that of a head, dim / heads if None; `mlp` that inside the MLP, 4 · dim."""
        super().__init__()
        self.norm1, self.attention = nn.LayerNorm(dim), Attention(dim, heads, width)
        if cross:
            self.norm_cross, self.cross = nn.LayerNorm(dim), Attention(dim, heads, width)
        self.norm2 = nn.LayerNorm(dim)
        inside = mlp or 4 * dim
        self.widen, self.narrow = nn.Linear(dim, inside), nn.Linear(inside, dim)

    def forward(
        self,
        x: Float[Tensor, "n tokens dim"],
        mask: Bool[Tensor, "..."] | None = None,
        memory: Float[Tensor, "n others dim"] | None = None,
        memory_mask: Bool[Tensor, "..."] | None = None,
        cache: Cache | None = None,
    ) -> tuple[Float[Tensor, "n tokens dim"], tuple[Tensor, ...]]:
        """The tokens, and the weights (n, heads, tokens, keys) of each attention in turn."""
        told, weights = self.attention(self.norm1(x), mask=mask, cache=cache)
        x = x + told
        looks: tuple[Tensor, ...] = (weights,)
        if memory is not None:
            told, weights = self.cross(self.norm_cross(x), memory, memory_mask, cache)
            x, looks = x + told, (*looks, weights)
        x = x + self.narrow(gelu(self.widen(self.norm2(x))))
        return x, looks
