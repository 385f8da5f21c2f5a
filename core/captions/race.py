"""Captioners of one kind of cell each, taught with the same batches."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import cross_entropy
from torch.nn.utils import clip_grad_norm_

from core.config import generator
from core.data.captions import PADDING, Captioned, WordList
from core.nets.captioner import Captioner, Cell

CLIP = 1.0  # the longest gradient of a net


class Race:
    """The nets and their optimiser."""

    def __init__(
        self,
        cells: Sequence[Cell],
        features: int,
        words: int,
        width: int,
        seed: int,
        device: torch.device,
    ) -> None:
        self.nets = {
            cell: Captioner(features, words, generator(seed), cell, width).to(device)
            for cell in cells
        }
        self.optimizer = torch.optim.Adam(p for net in self.nets.values() for p in net.parameters())

    def learn(
        self, features: Float[Tensor, "n features"], words: Int[Tensor, "n time"], rate: float
    ) -> dict[Cell, Tensor]:
        """One step of all on a batch: the loss of each, in nats per word."""
        losses = {cell: loss_of(net, features, words) for cell, net in self.nets.items()}
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.zero_grad()
        torch.stack(list(losses.values())).sum().backward()  # weights are apart
        for net in self.nets.values():
            clip_grad_norm_(net.parameters(), CLIP)
        self.optimizer.step()
        return {cell: loss.detach() for cell, loss in losses.items()}


def loss_of(
    net: Captioner, features: Float[Tensor, "n features"], words: Int[Tensor, "n time"]
) -> Float[Tensor, ""]:
    """The mean of −log p of each word after START, END being one."""
    scores = net(features, words[:, :-1])
    return cross_entropy(scores.flatten(0, 1), words[:, 1:].flatten().long(), ignore_index=PADDING)


def table(pictures: Captioned, words: WordList) -> tuple[Tensor, Tensor]:
    """Captions as numbers (pictures, most captions, longest), and how many each picture has."""
    encoded = [[words.encode(caption) for caption in some] for some in pictures.captions]
    longest = max(len(caption) for some in encoded for caption in some)
    rows = torch.full((len(encoded), max(map(len, encoded)), longest), PADDING)
    for row, some in zip(rows, encoded, strict=True):
        for place, caption in zip(row, some, strict=False):
            place[: len(caption)] = torch.tensor(caption)
    return rows, torch.tensor([len(some) for some in encoded])
