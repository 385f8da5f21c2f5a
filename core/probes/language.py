"""How well a net foretells text: nats per token on windows that do not overlap."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from core.data import text
from core.nets.language import restored
from core.text import bpe

CONTEXT = 128  # tokens of a window, on which shipped nets are judged
AT_ONCE = 32  # windows


def windows(tokens: Int[Tensor, " tokens"], context: int) -> Int[Tensor, "n window"]:
    """As many windows of context + 1 as there are; each begins with the last token of another."""
    count = (len(tokens) - 1) // context
    starts = context * torch.arange(count, device=tokens.device)
    return tokens[starts[:, None] + torch.arange(context + 1, device=tokens.device)]


def surprise(net: nn.Module, inputs: Int[Tensor, "n window"]) -> Float[Tensor, "n context"]:
    """−log p of each token but the first, in nats, given those before it in its window."""
    logits = net(inputs[:, :-1])
    return cross_entropy(logits.mT, inputs[:, 1:], reduction="none")


@torch.no_grad()
def nats_per_token(net: nn.Module, inputs: Int[Tensor, "n window"]) -> float:
    """The mean surprise; its exponential is the perplexity."""
    was = net.training
    net.eval()
    total = sum(float(surprise(net, part).sum()) for part in inputs.split(AT_ONCE))
    net.train(was)
    return total / (inputs.shape[0] * (inputs.shape[1] - 1))


def on_books(saved: Mapping[str, Tensor]) -> dict[str, float]:
    """Of a transformer with its tokeniser: nats per token on all held-out text, three books'
    and Shakespeare's alone. Raises ConfigError where a book cannot be had."""
    net, tokeniser = restored(saved, "transformer"), bpe.from_bytes(saved["tokeniser"])
    figures = {}
    for name in ("books", "shakespeare"):
        tokens = bpe.encode(tokeniser, " ".join(text.load(name).held_out))
        figures[name] = nats_per_token(net, windows(tokens, CONTEXT))
    return {**figures, "perplexity": math.exp(figures["books"])}
