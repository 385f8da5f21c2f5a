"""Texts of different lengths side by side, filled up with [PAD]: nobody hears or foretells it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn.functional import cross_entropy
from torch.nn.utils.rnn import pad_sequence

from core.data.summaries import Pair
from core.text import bpe


@dataclass(frozen=True)
class Padded:
    """What is read (n, read), and what shall be written (n, written), from [CLS] to [SEP]."""

    read: Int[Tensor, "n read"]
    written: Int[Tensor, "n written"]

    def __len__(self) -> int:
        return len(self.read)

    @property
    def keep(self) -> Bool[Tensor, "n read"]:
        """False where a text is only filled up."""
        return self.read != bpe.PAD

    def take(self, rows: Int[Tensor, " rows"]) -> Padded:
        """Some of the pairs, as short as the longest of them."""
        read, written = self.read[rows], self.written[rows]
        longest = [int((part != bpe.PAD).sum(dim=1).max()) for part in (read, written)]
        return Padded(read[:, : longest[0]], written[:, : longest[1]])

    def to(self, device: torch.device) -> Padded:
        """The same on a device."""
        return Padded(self.read.to(device), self.written.to(device))


def pad(tokeniser: Tokenizer, pairs: tuple[Pair, ...], longest: int, most: int) -> Padded:
    """Texts cut to `longest` pieces, summaries to `most`, of which [CLS] and [SEP] are two."""
    texts = bpe.encode_many(tokeniser, [text for text, _ in pairs])
    told = bpe.encode_many(tokeniser, [summary for _, summary in pairs])
    read = [torch.tensor(text[:longest]) for text in texts]
    written = [torch.tensor([bpe.CLS, *summary[: most - 2], bpe.SEP]) for summary in told]
    return Padded(
        pad_sequence(read, batch_first=True, padding_value=bpe.PAD),
        pad_sequence(written, batch_first=True, padding_value=bpe.PAD),
    )


def masked_loss(
    logits: Float[Tensor, "n tokens vocabulary"], target: Int[Tensor, "n tokens"]
) -> Float[Tensor, ""]:
    """Mean surprise per piece, in nats; where the target is padding nothing is counted."""
    return cross_entropy(logits.mT, target, ignore_index=bpe.PAD)
