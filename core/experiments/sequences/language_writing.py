"""A language model writes: what may come next, what temperature, top-k and top-p leave of it."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from core import checkpoints, config, state
from core.config import ConfigError, generator, setting
from core.decoding import next_probabilities, sample
from core.experiment import CPU, Experiment, Pictures, Scalars, to_array
from core.nets.language import KINDS, Kind, restored
from core.nets.transformer import Decoder
from core.probes.divergence import refuse_diverged
from core.probes.language import CONTEXT
from core.text import bpe

BEST = 14  # pieces of the table
READ = 64  # pieces of the prompt that are read, at most: its last ones
SEEN = 24  # last pieces whose attention is drawn


class LanguageWriting(Experiment):
    """One step is one piece: it is drawn from what is left of the table, then the net reads on."""

    class Config(config.Config):
        """What the text begins with, and how bold the choice is."""

        prompt: str = setting(
            "To be, or not to be,",
            label="Begin with",
            max_length=2000,
            help="Capitals and accents are dropped; of a long text the last 64 pieces are read.",
        )
        temperature: float = setting(
            0.8,
            label="Temperature",
            ge=0,
            le=3,
            live=True,
            help="Scores are divided by it; at 0 the likeliest piece is taken.",
        )
        top_k: int = setting(
            2000,
            label="Top-k",
            ge=1,
            le=2000,
            scale="log",
            live=True,
            help="Only so many of the likeliest pieces are left; 2,000 leaves nearly all.",
        )
        top_p: float = setting(
            0.95,
            label="Top-p",
            ge=0.01,
            le=1,
            live=True,
            help="Of those, the fewest are left whose chances sum to this.",
        )
        layer: int = setting(
            3, label="Layer", ge=1, le=6, live=True, help="Whose attention is shown."
        )
        head: int = setting(
            1, label="Head", ge=1, le=8, live=True, help="Whose attention is shown."
        )
        net: Kind = setting(
            "transformer",
            label="Net",
            choices=KINDS,
            advanced=True,
            help="Of a run that has taught several; what is shipped is a transformer.",
        )
        length: int = setting(
            50, label="Length", ge=1, le=CONTEXT - READ, advanced=True, help="Pieces to write."
        )
        weights: str = setting(
            "shipped", label="Weights", max_length=32, hidden=True, help="Shipped, or of a run."
        )

    SMOKE = Config(length=8)
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        own = config.weights != "shipped"
        saved = checkpoints.of_run(config.weights) if own else checkpoints.shipped("language_model")
        self.net = restored(saved, config.net).to(device)
        refuse_diverged(self.net)
        # A net that never learnt from longer passages is not asked to read them.
        self.context = int(saved.get("context", torch.tensor(CONTEXT)))
        self.tokeniser = bpe.from_bytes(saved["tokeniser"])
        self.names = bpe.pieces(self.tokeniser)
        self.whole = bpe.encode(self.tokeniser, config.prompt)
        if not len(self.whole):
            raise ConfigError("There is nothing to go on from; begin with a letter at least.")
        self.prompt = self.whole[-READ:].to(device)
        self.total = config.length
        self.text = torch.full((len(self.prompt) + self.total,), bpe.PAD, device=device)
        self.text[: len(self.prompt)] = self.prompt
        self.nats = torch.zeros(self.total, dtype=torch.float64)
        self.logits = torch.zeros(len(self.names), device=device)
        self.looks = torch.zeros(1, 1, SEEN, SEEN)
        self.source = generator(config.seed)
        self.read()

    @property
    def tokens(self) -> Tensor:
        """What there is of the text so far."""
        return self.text[: len(self.prompt) + self.steps]

    @torch.no_grad()
    def read(self) -> None:
        """Run the net on the text: the scores of what comes next, and who listened to whom."""
        tokens = self.tokens[None, -self.context :]
        if isinstance(self.net, Decoder):
            logits, looks = self.net.watch(tokens)
            self.looks = torch.stack([own[0] for (own,) in looks])
        else:
            logits = self.net(tokens)
        self.logits = logits[0, -1]
        self.logits[: len(bpe.SPECIALS)] = -torch.inf  # no text has any, so none is written

    def shares(self) -> Float[Tensor, " pieces"]:
        """Chances of each piece, after temperature, top-k and top-p: the net does not run."""
        c = self.config
        return next_probabilities(
            self.logits, c.temperature, min(c.top_k, len(self.names)), c.top_p
        )

    def step(self) -> Scalars | None:
        """One piece is drawn and read: how sure the net was of it, and how unsure it is of next."""
        if self.steps == self.total:
            return None
        token = sample(self.shares()[None], self.source)[0]
        self.nats[self.steps] = -self.logits.log_softmax(dim=0)[token].double()
        self.text[len(self.prompt) + self.steps] = token
        self.steps += 1
        self.read()
        return {"surprise": float(self.nats[self.steps - 1]), "entropy": self.entropy()}

    def entropy(self) -> float:
        """Of the net's own chances for the next piece, in nats."""
        return float(torch.special.entr(self.logits.softmax(dim=0)).sum())

    @property
    def listened(self) -> Float[Tensor, "asks heard"]:
        """Attention of the chosen head, or of the last there is."""
        layer = min(self.config.layer, len(self.looks)) - 1
        return self.looks[layer, min(self.config.head, self.looks.shape[1]) - 1].float()

    def picture(self) -> Pictures:
        """The text, the table of what may be next, and where the head looked.

        pieces: (at most 24,), the last; heard: as many, weights of the last piece's attention
        attention: (24, 24), rows ask, NaN where there is no piece yet; written: (words,)
        names, after, before: (14,), pieces, their chances after the cuts, and the net's own
        """
        before, after = self.logits.softmax(dim=0), self.shares()
        best = before.nan_to_num(0).argsort(descending=True, stable=True)[:BEST]
        last = self.tokens[-SEEN:].tolist()
        attention = torch.full((SEEN, SEEN), math.nan)
        if isinstance(self.net, Decoder):
            seen = self.listened[-SEEN:, -SEEN:]
            last_of_it = slice(len(last) - len(seen), len(last))
            attention[last_of_it, last_of_it] = seen
        heard = attention[len(last) - 1, : len(last)].nan_to_num(0)
        return {
            "written": np.array(self.says().split() or ["…"]),
            "pieces": np.array([self.names[n].replace(bpe.BLANK, " ") for n in last]),
            "heard": to_array(heard),
            "attention": to_array(attention),
            "names": np.array([self.names[n].replace(bpe.BLANK, "·") for n in best.tolist()]),
            "before": to_array(before[best].nan_to_num(0)),
            "after": to_array(after[best].nan_to_num(0)),
        }

    def says(self) -> str:
        """The whole text so far."""
        return bpe.decode(self.tokeniser, self.tokens)

    def words(self) -> str:
        """What is left to draw from, how unsure the net is, and how likely the text was to it."""
        left = int((self.shares() > 0).sum())
        told = (
            f"{left:,} of {len(self.names):,} pieces are left to draw from; the net is as unsure as"
            f" among {math.exp(min(self.entropy(), 20)):,.0f}."
        )
        if self.steps:
            mean = float(self.nats[: self.steps].mean())
            told += f" What it wrote surprised it by {mean:.2f} nats per piece."
        if len(self.whole) > READ:
            told += f" Of the beginning it reads the last {READ} pieces of {len(self.whole):,}."
        if unknown := int((self.prompt == bpe.UNK).sum()):
            told += f" Unknown characters of it, shown as �: {unknown}."
        return told

    def provenance(self) -> Mapping[str, str]:
        """Whose weights write."""
        data = "what you begin with"
        if self.config.weights != "shipped":
            return {"data": data, "weights": f"{KINDS[self.config.net]} of a run here"}
        nats = checkpoints.about("language_model")["figures"]["books"]
        books = "Shakespeare, The Hound of the Baskervilles, War and Peace"
        return {
            "data": data,
            "weights": f"shipped, from {books}; {nats:.2f} nats per held-out piece",
        }

    def parts(self) -> Mapping[str, state.Part]:
        """The text so far, how surprising it was, and the source of chance."""
        return {"text": self.text, "nats": self.nats, "source": self.source}

    def load_state_dict(self, saved: Mapping[str, Tensor]) -> None:
        """The net reads what was written."""
        super().load_state_dict(saved)
        self.read()
