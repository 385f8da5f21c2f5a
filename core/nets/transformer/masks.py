"""Who may be listened to: True where a query (row) may attend to a key (column)."""

from __future__ import annotations

import torch
from jaxtyping import Bool
from torch import Tensor


def causal(
    queries: int, keys: int, device: torch.device | str = "cpu"
) -> Bool[Tensor, "queries keys"]:
    """Each token hears itself and those before it. The queries are the last of the keys."""
    return torch.ones(queries, keys, dtype=torch.bool, device=device).tril(keys - queries)


def padding(keep: Bool[Tensor, "n keys"]) -> Bool[Tensor, "n 1 1 keys"]:
    """Nobody hears a token that only fills up a shorter sequence, where `keep` is False."""
    return keep[:, None, None]
