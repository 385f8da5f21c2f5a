"""Where a token stands, as waves of many lengths: Vaswani et al. (2017), section 3.5."""

from __future__ import annotations

import math
from functools import cache

import torch
from jaxtyping import Float, Int
from torch import Tensor

LONGEST = 10_000  # positions: the longest wave has 2π of these


def sinusoids(places: Int[Tensor, "*batch tokens"], dim: int) -> Float[Tensor, "*batch tokens dim"]:
    """sin(ω_i p) in column 2i and cos(ω_i p) in column 2i + 1, with ω_i = 10000^(−2i / dim)."""
    angles = places[..., None] * _frequencies(dim, places.device)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)[..., :dim]


@cache
def _frequencies(dim: int, device: torch.device) -> Float[Tensor, " waves"]:
    even = torch.arange(0, dim, 2, device=device)
    return torch.exp(even * (-math.log(LONGEST) / dim))
