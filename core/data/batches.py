"""Which items a step learns from, where every epoch sees each item at most once."""

from __future__ import annotations

import torch
from jaxtyping import Int
from torch import Tensor


def next_batch(
    order: Int[Tensor, " items"], source: torch.Generator, step: int, size: int
) -> Int[Tensor, " size"]:
    """The items of batch `step`; as a new epoch begins, `order` is shuffled in place.

    An epoch is as many whole batches as there are; what is left over sits out.
    """
    at = step % (len(order) // size)
    if at == 0 and step:
        order.copy_(torch.randperm(len(order), generator=source))
    return order[at * size :][:size]
