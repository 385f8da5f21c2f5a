"""All that goes on in a transformer while it reads and writes: what a student may learn from."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn.functional import linear

from core.nets.transformer import EncoderDecoder, causal, padding


@dataclass(frozen=True)
class Trace:
    """Of an encoder-decoder: `embedded` and `hidden` are first the encoder's, then the decoder's.

    attention holds of each layer the weights (n, heads, queries, keys) on its own tokens, and after
    them those of the decoder's layers on what was read.
    """

    embedded: tuple[Tensor, Tensor]  # (n, tokens, dim)
    hidden: tuple[list[Tensor], list[Tensor]]  # of each layer (n, tokens, dim)
    attention: tuple[list[Tensor], list[Tensor], list[Tensor]]  # encoder, decoder, cross
    logits: Tensor  # (n, written, vocabulary)


def trace(
    net: EncoderDecoder,
    read: Int[Tensor, "n others"],
    written: Int[Tensor, "n tokens"],
    keep: Bool[Tensor, "n others"],
) -> Trace:
    """The net's logits, exactly as it gives them itself, and all on the way to them."""
    x = first = net.encoder.embedding(read, keep)
    inside: list[Tensor] = []
    attention: list[Tensor] = []
    for block in net.encoder.blocks:
        x, (weights,) = block(x, padding(keep))
        inside.append(x)
        attention.append(weights)
    memory = net.encoder.norm(x)
    everything = torch.ones_like(written, dtype=torch.bool)
    y = begun = net.decoder.embedding(written, everything)
    mask = causal(written.shape[1], written.shape[1], written.device)
    outside: list[Tensor] = []
    own: list[Tensor] = []
    cross: list[Tensor] = []
    for block in net.decoder.blocks:
        y, (of_own, of_memory) = block(y, mask, memory, padding(keep))
        outside.append(y)
        own.append(of_own)
        cross.append(of_memory)
    logits = linear(net.decoder.norm(y), net.decoder.embedding.table.weight)
    return Trace((first, begun), (inside, outside), (attention, own, cross), logits)


def attended(looks: Trace) -> Float[Tensor, "n queries keys"]:
    """Whom the last layer listens to among what was read, mean over heads."""
    return looks.attention[2][-1].mean(dim=1)
