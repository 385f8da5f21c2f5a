"""How well a net sums up: nats per piece of held-out summaries, and the text it writes itself."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from jaxtyping import Int
from torch import Tensor, nn

from core.data import summaries
from core.nets.summariser import restored
from core.nets.transformer import Cache, EncoderDecoder
from core.text import bpe
from core.text.padded import Padded, masked_loss, pad

AT_ONCE = 50
LONGEST, MOST = 64, 24  # pieces of a text that are read, of a summary that are written


@torch.no_grad()
def held_out_loss(net: nn.Module, pairs: Padded) -> float:
    """Mean over all pieces that are no padding, as if in one batch."""
    total, pieces = 0.0, 0
    for rows in torch.arange(len(pairs)).split(AT_ONCE):
        part = pairs.take(rows)
        target = part.written[:, 1:]
        count = int((target != bpe.PAD).sum())
        logits = net(part.read, part.written[:, :-1], part.keep)
        total, pieces = total + count * float(masked_loss(logits, target)), pieces + count
    return total / pieces


@torch.no_grad()
def summarise(
    net: EncoderDecoder, read: Int[Tensor, "n read"], most: int
) -> Int[Tensor, "n written"]:
    """The likeliest piece each time, until [SEP]; [PAD] after it. What was read is padded."""
    keep = read != bpe.PAD
    memory = net.encoder(read, keep)
    cache: Cache = {}
    written = torch.full((len(read), 1), bpe.CLS, device=read.device)
    ended = torch.zeros(len(read), dtype=torch.bool, device=read.device)
    for _ in range(most):
        logits = net.decoder(written[:, -1:], None, memory, keep, cache)[:, -1]
        logits[:, [bpe.PAD, bpe.UNK, bpe.CLS, bpe.MASK]] = -torch.inf
        following = logits.argmax(dim=-1).masked_fill(ended, bpe.PAD)
        written = torch.cat([written, following[:, None]], dim=1)
        ended |= following == bpe.SEP
        if bool(ended.all()):
            break
    return written[:, 1:]


def on_docstrings(saved: Mapping[str, Tensor]) -> dict[str, float]:
    """Nats per piece on all held-out docstrings' first lines."""
    pairs = summaries.load("docstrings").held_out
    padded = pad(bpe.from_bytes(saved["tokeniser"]), pairs, LONGEST, MOST)
    return {"held_out": held_out_loss(restored(saved), padded), "pairs": float(len(pairs))}
