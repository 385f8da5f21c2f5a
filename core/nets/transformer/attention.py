"""Attention: every query asks every key, and hears the values of those that fit.

Vaswani, A. et al. (2017), "Attention is all you need", equation 1 and section 3.2.2.
"""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn.functional import linear

Cache = dict[nn.Module, tuple[Tensor, Tensor]]
"""Of each attention the keys and values (n, heads, keys, width) of what it has read so far."""


def attend(
    q: Float[Tensor, "*batch queries width"],
    k: Float[Tensor, "*batch keys width"],
    v: Float[Tensor, "*batch keys values"],
    mask: Bool[Tensor, "..."] | None = None,
    scale: float | None = None,
) -> tuple[Float[Tensor, "*batch queries values"], Float[Tensor, "*batch queries keys"]]:
    """softmax(scale · q kᵀ) v and its weights, whose rows sum to 1; `scale` is 1/√width if None.

    Where `mask` is False the weight is exactly 0; a query that may hear nobody hears all alike,
    which is finite and for the caller to pass over.
    """
    scores = q * (q.shape[-1] ** -0.5 if scale is None else scale) @ k.mT
    if mask is not None:
        scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
    weights = scores.softmax(dim=-1)
    return weights @ v, weights


class Attention(nn.Module):
    """In each head the tokens ask one another, or those of a memory (cross-attention)."""

    def __init__(self, dim: int, heads: int, width: int | None = None) -> None:
        """`width` is that of a head: dim / heads if None."""
        super().__init__()
        self.heads = heads
        inner = heads * (width or dim // heads)
        self.to_qkv = nn.Linear(dim, 3 * inner)
        self.to_out = nn.Linear(inner, dim)

    def forward(
        self,
        x: Float[Tensor, "n tokens dim"],
        memory: Float[Tensor, "n others dim"] | None = None,
        mask: Bool[Tensor, "..."] | None = None,
        cache: Cache | None = None,
    ) -> tuple[Float[Tensor, "n tokens dim"], Float[Tensor, "n heads tokens keys"]]:
        """What the tokens are told, and whom they listened to: rows ask, and sum to 1.

        With a `cache`, the keys of what was read before are kept: `x` holds new tokens only, and a
        memory is read once.
        """
        if memory is None:
            q, k, v = self._split(self.to_qkv(x), 3)
            if cache is not None:
                if self in cache:
                    k, v = (
                        torch.cat(pair, dim=2) for pair in zip(cache[self], (k, v), strict=True)
                    )
                cache[self] = k, v
        else:
            inner = self.to_out.in_features
            weight, bias = self.to_qkv.weight, self.to_qkv.bias
            (q,) = self._split(linear(x, weight[:inner], bias[:inner]), 1)
            if cache is not None and self in cache:
                k, v = cache[self]
            else:
                k, v = self._split(linear(memory, weight[inner:], bias[inner:]), 2)
                if cache is not None:
                    cache[self] = k, v
        heard, weights = attend(q, k, v, mask)
        return self.to_out(heard.transpose(1, 2).flatten(2)), weights  # the heads side by side

    def _split(self, x: Float[Tensor, "n tokens wide"], parts: int) -> Float[Tensor, "parts ..."]:
        """(parts, n, heads, tokens, width)"""
        apart: Tensor = x.unflatten(2, (parts, self.heads, -1))
        return apart.permute(2, 0, 3, 1, 4)
