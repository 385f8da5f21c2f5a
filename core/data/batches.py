"""Which items a step learns from, where every epoch sees each item at most once."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Int
from torch import Tensor

WORK = 100_000_000  # multiplications of a step
OVERHEAD = 500_000  # what a batch costs beside its multiplications, as so many of them


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


class Epochs:
    """Epoch after epoch through the same items, each in a new order, long epochs in several steps.

    Every source has an order of its own. It draws the next one at an epoch's end, so that the
    sources and `at` are all there is to save.
    """

    def __init__(self, items: int, sources: Sequence[torch.Generator]) -> None:
        self.items, self.sources = items, sources
        self.at = torch.zeros(2, dtype=torch.int64)  # whole epochs, and items of the next

    @property
    def done(self) -> int:
        """Whole epochs so far."""
        return int(self.at[0])

    @property
    def ended(self) -> bool:
        """Whether an epoch has just ended."""
        return int(self.at[1]) == 0

    def steps(self, epochs: int, size: int, weights: int) -> int:
        """How many steps as many epochs take."""
        return epochs * -(-self.items // _items_at_once(size, weights))

    def take(self, size: int, weights: int) -> tuple[Int[Tensor, "batch sources"], ...]:
        """One step's batches: an epoch of them, or as many as a net of so many weights learns from
        in a tenth of a second or so. Items by sources, the last batch may be smaller.
        """
        begin = int(self.at[1])
        end = min(begin + _items_at_once(size, weights), self.items)
        last = end == self.items
        sources = self.sources if last else [source.clone_state() for source in self.sources]
        orders = [torch.randperm(self.items, generator=source) for source in sources]
        self.at += torch.tensor([1, -begin] if last else [0, end - begin])
        batches: tuple[Tensor, ...] = torch.stack(orders, 1)[begin:end].split(size)
        return batches


def _items_at_once(size: int, weights: int) -> int:
    """As many batches as cost `WORK` multiplications, beside what each costs anyway."""
    return size * max(1, WORK // (OVERHEAD + weights * (size + 10)))
