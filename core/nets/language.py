"""Nets that say which token comes next, alike to use: tokens in, logits after each of them out.

All read the logits with the table that embeds the tokens: Press and Wolf (2017).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple
from typing import Literal

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.functional import linear

from core.config import ConfigError, generator
from core.nets.transformer import Decoder, Form

Kind = Literal["transformer", "lstm", "rnn"]
KINDS: dict[Kind, str] = {"transformer": "transformer", "lstm": "LSTM", "rnn": "RNN"}


class Recurrent(nn.Module):
    """A recurrent language model (Mikolov et al. 2010) of `torch.nn`'s cells, as wide as dim."""

    def __init__(self, kind: Kind, vocabulary: int, form: Form, source: torch.Generator) -> None:
        super().__init__()
        cells = {"lstm": nn.LSTM, "rnn": nn.RNN}[kind]
        with torch.random.fork_rng(devices=[]):  # modules start from the global generator
            self.table = nn.Embedding(vocabulary, form.dim)
            self.cells = cells(form.dim, form.dim, form.layers, batch_first=True)
        std = form.dim**-0.5
        nn.init.normal_(self.table.weight, std=std, generator=source)
        for parameter in self.cells.parameters():
            nn.init.uniform_(parameter, -std, std, generator=source)

    def forward(self, tokens: Int[Tensor, "n tokens"]) -> Float[Tensor, "n tokens vocabulary"]:
        """Logits of the token after each; what came before it is in the hidden state alone."""
        hidden, _ = self.cells(self.table(tokens) * self.table.embedding_dim**0.5)
        return linear(hidden, self.table.weight)


def language_model(
    kind: Kind, vocabulary: int, form: Form, source: torch.Generator
) -> Decoder | Recurrent:
    """A net of that kind, as its generator starts it."""
    if kind == "transformer":
        return Decoder(vocabulary, form, source)
    return Recurrent(kind, vocabulary, form, source)


def form_to_tensor(form: Form) -> Int[Tensor, " sizes"]:
    """Sizes, to be kept beside the weights."""
    return torch.tensor([size or 0 for size in astuple(form)])


def form_of(sizes: Int[Tensor, " sizes"]) -> Form:
    """What `form_to_tensor` kept. Raises ValueError where it is none."""
    dim, heads, layers, width, mlp = sizes.tolist()
    return Form(dim, heads, layers, width or None, mlp or None)


def restored(saved: Mapping[str, Tensor], kind: Kind) -> Decoder | Recurrent:
    """The net of a run's state or of shipped weights. Raises ConfigError where there is none."""
    weights = {
        key.partition(".")[2]: value.float()
        for key, value in saved.items()
        if key.startswith(f"{kind}.")
    }
    try:
        form = form_of(saved["form"])
        table = next(value for key, value in weights.items() if key.endswith("table.weight"))
        net = language_model(kind, len(table), form, generator(0))
        net.load_state_dict(weights)
    except (KeyError, StopIteration, RuntimeError, ValueError):
        here = [name for key, name in KINDS.items() if any(k.startswith(f"{key}.") for k in saved)]
        raise ConfigError(
            f"In these weights there is no {KINDS[kind]} that writes;"
            f" take {' or '.join(here) or 'the shipped ones'}."
        ) from None
    return net.eval()
