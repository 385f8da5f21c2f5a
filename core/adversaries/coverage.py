"""Which digits a generator draws, as a classifier reads them that never saw a drawn one."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

SURE = 0.8  # probability from which on a picture counts as read
COVERED = 0.02  # of those read, from which on a class counts as drawn: a fifth of its due
CLASSES = 10
AT_ONCE = 250


@dataclass(frozen=True)
class Coverage:
    """What was read among some pictures."""

    shares: Float[Tensor, " classes"]  # of each class among the pictures that are surely read
    read: float  # the share of pictures that are
    variety: float  # spread of pixels over the pictures, as part of the data's

    @property
    def classes(self) -> int:
        """How many classes are drawn."""
        return int((self.shares >= COVERED).sum())


@torch.no_grad()
def cover(
    judge: nn.Module, images: Float[Tensor, "pictures 3 side side"], spread: float
) -> Coverage:
    """`spread` is that of the data, as `spread_of` has it."""
    made = [judge(part).softmax(dim=1) for part in images.split(AT_ONCE)]
    best, classes = torch.cat(made).max(dim=1)
    counts = torch.bincount(classes[best >= SURE], minlength=CLASSES)
    read = int(counts.sum())
    return Coverage(counts / max(1, read), read / len(images), spread_of(images) / spread)


def spread_of(images: Float[Tensor, "pictures 3 side side"]) -> float:
    """Standard deviation over pictures, root mean square over pixels and colours."""
    return float(images.var(dim=0).mean().sqrt())
