"""A net that reads a review word by word and rates it: vectors, recurrent layers, five scores.

Only the lengths of reviews differ, so the layers are torch's own and get packed sequences: no step
is spent on what fills a batch up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, cast

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from core.config import generator
from core.data.glove import UNKNOWN
from core.nets.cells.unroll import at_end

Cell = Literal["rnn", "lstm", "gru"]
CELLS: dict[Cell, str] = {"rnn": "RNN", "lstm": "LSTM", "gru": "GRU"}
ReadOut = Literal["last", "most"]
READ_OUTS: dict[ReadOut, str] = {"last": "last word", "most": "most ever"}
KINDS: dict[Cell, type[nn.RNN | nn.LSTM | nn.GRU]] = {
    "rnn": nn.RNN,
    "lstm": nn.LSTM,
    "gru": nn.GRU,
}
STARS = 5


class Rater(nn.Module):
    """Scores from the vectors of a review's words, each `inputs` wide.

    They are read from the last layer's states at the last word, or from the most that each number
    of them ever was. With `both` each layer also reads from the end, and its states stand beside
    the others.
    """

    by_most: Tensor  # kept with the weights, which would do for either

    def __init__(
        self,
        inputs: int,
        source: torch.Generator,
        cell: Cell = "lstm",
        width: int = 50,
        layers: int = 2,
        *,
        read_out: ReadOut = "last",
        both: bool = False,
    ) -> None:
        super().__init__()
        self.cell, self.width, self.both = cell, width, both
        self.register_buffer("by_most", torch.tensor(read_out == "most"))
        ways = 1 + both
        with torch.random.fork_rng(devices=[]):  # layers draw from the global generator when made
            self.layers = nn.ModuleList(
                KINDS[cell](size, width, batch_first=True, bidirectional=both)
                for size in [inputs] + [ways * width] * (layers - 1)
            )
            self.head = nn.Linear(ways * width, STARS)
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -(width**-0.5), width**-0.5, generator=source)

    @classmethod
    def of(cls, saved: Mapping[str, Tensor]) -> Rater:
        """The net whose `net.` tensors were saved. Raises KeyError or RuntimeError on others."""
        state = {k.removeprefix("net."): v for k, v in saved.items() if k.startswith("net.")}
        rows, width = state["layers.0.weight_hh_l0"].shape
        cell = {1: "rnn", 3: "gru", 4: "lstm"}[rows // width]
        net = cls(
            state["layers.0.weight_ih_l0"].shape[1],
            generator(0),
            cast(Cell, cell),
            width,
            sum(key.endswith("weight_hh_l0") for key in state),
            both="layers.0.weight_hh_l0_reverse" in state,
        )
        net.load_state_dict(state)
        return net

    def forward(
        self,
        x: Float[Tensor, "batch longest inputs"],
        lengths: Int[Tensor, " batch"],
        drop: Drop | None = None,
    ) -> Float[Tensor, "batch 5"]:
        """Scores of each number of stars; `drop` for training."""
        return self.read(self.states(x, lengths, drop), lengths, drop)

    def states(
        self,
        x: Float[Tensor, "batch longest inputs"],
        lengths: Int[Tensor, " batch"],
        drop: Drop | None = None,
    ) -> Float[Tensor, "batch longest states"]:
        """The last layer's states at each word; 0 after the last."""
        packed = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
        for layer in self.layers:
            if drop:
                packed = drop.packed(packed)
            packed, _ = layer(packed)
        states, _ = pad_packed_sequence(packed, batch_first=True, total_length=x.shape[1])
        return states

    def read(
        self,
        states: Float[Tensor, "batch longest states"],
        lengths: Int[Tensor, " batch"],
        drop: Drop | None = None,
    ) -> Float[Tensor, "batch 5"]:
        """Scores from the states up to each length."""
        if self.by_most:
            places = torch.arange(states.shape[1], device=states.device)
            after = places >= lengths.to(states.device)[:, None]
            told = states.masked_fill(after[..., None], -torch.inf).amax(dim=1)
        else:
            told = at_end(states, lengths)
        scores: Tensor = self.head(drop(told) if drop else told)
        return scores

    @torch.no_grad()
    def along(
        self, x: Float[Tensor, "length inputs"]
    ) -> tuple[Float[Tensor, "length 5"], Float[Tensor, "length states"]]:
        """Of one review: probabilities after each word as if it were the last, and the states."""
        lengths = torch.arange(1, len(x) + 1, device=x.device)
        scores = self(x.expand(len(x), -1, -1), lengths)
        return scores.softmax(dim=1), self.states(x[None], lengths[-1:])[0]


class Drop:
    """Dropout of numbers, and of whole words, drawn from one source.

    Which numbers of a review are left out is drawn anew at every word (Zaremba et al. 2014), or,
    with `one_mask`, once for all its words, as Gal and Ghahramani (2016) do, who also mask the
    state that is carried along.
    """

    def __init__(
        self, share: float, of_words: float, source: torch.Generator, *, one_mask: bool = False
    ) -> None:
        self.share, self.of_words, self.source, self.one_mask = share, of_words, source, one_mask

    def __call__(self, x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """A share of the numbers is 0, the others are the larger for it."""
        return x * self._kept(x, self.share) / (1 - self.share)

    def packed(self, reviews: PackedSequence) -> PackedSequence:
        """The same for packed reviews; with `one_mask` each has one for all its words."""
        data = reviews.data
        if not self.one_mask:
            return reviews._replace(data=self(data))
        # How many have a first word, a second, …: those that end first stand last.
        counts = reviews.batch_sizes.tolist()
        once = self(data.new_ones(counts[0], data.shape[1]))
        return reviews._replace(data=data * torch.cat([once[:count] for count in counts]))

    def words(self, words: Int[Tensor, "batch longest"]) -> Int[Tensor, "batch longest"]:
        """A share of the words is unknown."""
        return words.where(self._kept(words, self.of_words), UNKNOWN)

    def _kept(self, x: Tensor, share: float) -> Tensor:
        return (torch.rand(x.shape, generator=self.source) >= share).to(x.device)
