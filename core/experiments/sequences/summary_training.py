"""An encoder reads a text, a decoder writes its summary; it learns from pairs of both."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated

import numpy as np
import pydantic
import torch
from torch import nn

from core import config, state
from core.config import generator, setting
from core.data import own, summaries
from core.data.batches import next_batch
from core.distillation.trace import attended, trace
from core.experiment import CPU, Experiment, Pictures, Scalars, finite, to_array
from core.nets.language import form_to_tensor
from core.nets.transformer import EncoderDecoder, Form
from core.optim.cosine import cosine_rate
from core.probes.summaries import LONGEST, MOST, held_out_loss, summarise
from core.text import bpe
from core.text.padded import masked_loss, pad

JUDGED = 150  # held-out pairs
EVALUATE_EVERY = 25  # steps
LOST = 3.0  # nats worse than guessing evenly: a net that has diverged
SHOWN = 4  # held-out texts whose summaries are shown


class SummaryTraining(Experiment):
    """One step is one batch of texts and their summaries."""

    class Config(config.Config):
        """Settings of the summariser."""

        example: int = setting(
            3, label="Example", ge=0, le=SHOWN - 1, live=True, help="Of four held-out texts."
        )
        steps: int = setting(300, label="Batches", ge=10, le=20_000, scale="log", help="Of a run.")
        share: float = setting(
            1.0,
            label="Share of data",
            ge=0.01,
            le=1,
            scale="log",
            help="Of the pairs, to learn from.",
        )
        learning_rate: float = setting(
            0.002,
            label="Learning rate η",
            ge=1e-5,
            le=10,
            scale="log",
            live=True,
            help="At its peak: it rises for a twentieth of the run, then falls along a cosine.",
        )
        batch_size: int = setting(
            32, label="Batch size", ge=1, le=256, scale="log", help="Pairs in a batch."
        )
        dim: int = setting(
            128, label="Width", ge=16, le=256, scale="log", help="Numbers that stand for a piece."
        )
        layers: int = setting(2, label="Layers", ge=1, le=4, help="Of encoder and decoder each.")
        heads: int = setting(4, label="Heads", ge=1, le=8, advanced=True, help="Of each layer.")
        pieces: int = setting(
            1024,
            label="Pieces",
            ge=128,
            le=4096,
            scale="log",
            advanced=True,
            help="To choose from.",
        )
        masked: bool = setting(
            True,
            label="Mask the padding",
            help="Without it the net is also taught to write [PAD] after the end.",
        )
        data: Annotated[str, pydantic.AfterValidator(own.names_data("docstrings"))] = setting(
            "docstrings", label="Data", max_length=32, hidden=True, help="Docstrings, or one's own."
        )

        @pydantic.model_validator(mode="after")
        def check(self) -> SummaryTraining.Config:
            """Heads share the width among them."""
            if self.dim < self.heads:
                raise ValueError("Width: take at least one number for each head.")
            return self

    SMOKE = Config(share=0.02, steps=20, batch_size=4, dim=16, layers=1, heads=2, pieces=256)
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        pairs = summaries.load(config.data)
        some = pairs.train[: max(1, round(config.share * len(pairs.train)))]
        self.tokeniser = bpe.train([part for pair in some for part in pair], config.pieces)
        self.train = pad(self.tokeniser, some, LONGEST, MOST).to(device)
        self.held_out = pad(self.tokeniser, pairs.held_out[:JUDGED], LONGEST, MOST).to(device)
        width = config.dim // config.heads
        self.form = Form(config.dim, config.heads, config.layers, width, 2 * config.dim)
        vocabulary = self.tokeniser.get_vocab_size()
        self.net = EncoderDecoder(vocabulary, self.form, generator(config.seed)).to(device)
        self.optimizer = torch.optim.AdamW(self.net.parameters(), betas=(0.9, 0.95))
        self.source = generator(config.seed + 1)
        self.order = torch.randperm(len(self.train), generator=self.source)
        self.size = min(config.batch_size, len(self.train))
        self.total = config.steps
        self.loss = torch.full((), math.nan, dtype=torch.float64)
        self.written = torch.zeros(SHOWN, MOST, dtype=torch.int64)
        self.evaluate()

    def step(self) -> Scalars | None:
        """Loss on the batch, and on held-out pairs at the last evaluation; in nats per piece."""
        if self.steps == self.total:
            return None
        rows = next_batch(self.order, self.source, self.steps, self.size)
        batch = self.train.take(rows.to(self.device))
        logits = self.net(batch.read, batch.written[:, :-1], batch.keep)
        target = batch.written[:, 1:]
        loss = masked_loss(logits, target)
        if not self.config.masked:
            loss = nn.functional.cross_entropy(logits.mT, target)
        for group in self.optimizer.param_groups:
            group["lr"] = cosine_rate(self.config.learning_rate, self.steps, self.total)
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self.optimizer.step()
        self.steps += 1
        if self.steps % EVALUATE_EVERY == 0 or self.steps == self.total:
            self.evaluate()
        return {"training": loss.detach(), "held_out": float(self.loss)}

    @torch.no_grad()
    def evaluate(self) -> None:
        """Held-out loss, and the summaries of some held-out texts."""
        self.loss.fill_(held_out_loss(self.net, self.held_out))
        told = summarise(self.net, self.held_out.read[:SHOWN], MOST)
        self.written.zero_()[: told.shape[0], : told.shape[1]] = told.cpu()

    @torch.no_grad()
    def picture(self) -> Pictures:
        """A held-out text, its summary, the net's, and where the decoder looks.

        text, truth: words; heard: (pieces,), how much each piece of the text is listened to
        pieces: of the text; says: words that the net wrote
        attention: (24, 64), the last layer's, mean of heads; rows write, columns are read
        """
        row = self.config.example % len(self.held_out)
        one = self.held_out.take(torch.tensor([row], device=self.device))
        looks = attended(trace(self.net, one.read, one.written[:, :-1], one.keep))[0]
        whole = torch.full((MOST, LONGEST), math.nan)
        whole[: looks.shape[0], : looks.shape[1]] = looks
        names = bpe.pieces(self.tokeniser)
        words = bpe.decode(self.tokeniser, self.written[row % SHOWN]).split()
        return {
            "pieces": np.array([names[n].replace(bpe.BLANK, " ") for n in one.read[0].tolist()]),
            # A piece that is heard like all others has a quarter of the shade.
            "heard": to_array(
                (looks.mean(dim=0) * one.read.shape[1] / 4).nan_to_num(0).clamp(0, 1)
            ),
            "truth": np.array(bpe.decode(self.tokeniser, one.written[0]).split()),
            "says": np.array(words or ["…"]),
            "attention": finite(to_array(whole)),
        }

    def words(self) -> str:
        """How well held-out summaries are foretold, and whether the net is well."""
        epochs = self.steps * self.size / len(self.train)
        loss = float(self.loss)
        pieces = self.tokeniser.get_vocab_size()
        if not loss < math.log(pieces) + LOST:  # NaN is lost too
            return f"{epochs:.2f} epochs. The net has diverged; take a smaller learning rate."
        unsure = f"as unsure as among {math.exp(loss):,.0f} of {pieces:,} pieces"
        if loss > math.log(pieces):
            unsure = f"worse than a blind guess among {pieces:,} pieces"
        return f"{epochs:.2f} epochs: {loss:.2f} nats per piece of a held-out summary, {unsure}."

    def provenance(self) -> Mapping[str, str]:
        """Which pairs; how large the net is."""
        size = sum(parameter.numel() for parameter in self.net.parameters())
        return {
            "data": f"{len(self.train):,} {summaries.source(self.config.data)}; a tenth held out",
            "weights": f"random, seed {self.config.seed}; {size:,} parameters",
        }

    def parts(self) -> Mapping[str, state.Part]:
        """The net, what trains it, its form and alphabet, the order of pairs, the last figures."""
        return {
            "summariser": self.net,
            "optimizer": self.optimizer,
            "source": self.source,
            "order": self.order,
            "form": form_to_tensor(self.form),
            "tokeniser": bpe.to_bytes(self.tokeniser),
            "loss": self.loss,
            "written": self.written,
        }
