"""A recurrent net that writes a caption: it sees the picture once, before the first word.

Vinyals, O. et al. (2015), "Show and tell"; here the picture is the first state, as in Mao et al.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.functional import layer_norm

from core.config import generator
from core.nets.cells import Gates, State, build, unroll

Cell = Literal["rnn", "lstm"]
CELLS: dict[Cell, str] = {"rnn": "RNN", "lstm": "LSTM"}
INPUTS = 32  # numbers of a word's vector


class Captioner(nn.Module):
    """Scores of the next of `words`, from a picture's features and the words so far."""

    def __init__(
        self, features: int, words: int, source: torch.Generator, cell: Cell, width: int
    ) -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):  # layers draw from the global generator when made
            self.look = nn.Linear(features, width)
            self.vectors = nn.Embedding(words, INPUTS)
            self.head = nn.Linear(width, words)
        nn.init.normal_(self.vectors.weight, generator=source)
        for layer in (self.look, self.head):
            bound = layer.in_features**-0.5
            for parameter in layer.parameters():
                nn.init.uniform_(parameter, -bound, bound, generator=source)
        self.cell = build(cell, INPUTS, width, source)

    @classmethod
    def of(cls, saved: Mapping[str, Tensor], name: Cell) -> Captioner:
        """The net whose tensors were saved under its cell's name. Raises KeyError, RuntimeError."""
        prefix = f"{name}."
        state = {
            key.removeprefix(prefix): value.float()
            for key, value in saved.items()
            if key.startswith(prefix)
        }
        width, features = state["look.weight"].shape
        net = cls(features, len(state["head.weight"]), generator(0), name, width)
        net.load_state_dict(state)
        return net

    def begin(self, features: Float[Tensor, "n features"]) -> State:
        """The first state: what the picture says, its features being of mean 0 and spread 1."""
        seen = self.look(layer_norm(features, features.shape[1:]))
        return (seen, *self.cell.start(len(features))[1:])

    def forward(
        self, features: Float[Tensor, "n features"], words: Int[Tensor, "n time"]
    ) -> Float[Tensor, "n time words"]:
        """Scores of the word after each."""
        states = unroll(self.cell, self.vectors(words), self.begin(features)).h
        scores: Tensor = self.head(states)
        return scores

    def next(
        self, words: Int[Tensor, " n"], state: State
    ) -> tuple[Float[Tensor, "n words"], State, Gates]:
        """Scores of what follows a word, the next state, and what the gates did."""
        state, gates = self.cell(self.vectors(words), state)
        return self.head(state[0]), state, gates
