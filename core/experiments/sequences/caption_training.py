"""Captioners that see a picture once, before their first word, learn to say what is in it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated

import numpy as np
import pydantic
import torch
from torch import Tensor

from core import config, state
from core.captions.eyes import SOURCE, features
from core.captions.gradients import PATCH, of_captions, reaching
from core.captions.race import Race, loss_of, table
from core.captions.writing import bleu, share_true, write
from core.config import generator, setting
from core.data import own
from core.data.batches import next_batch
from core.data.captions import LONGEST, RESERVED, WordList, load, source
from core.data.scenes import SIDE
from core.data.tokens import as_bytes
from core.experiment import CPU, Experiment, Pictures, Scalars, finite, to_array
from core.nets.captioner import CELLS, Captioner, Cell
from core.nets.rivals import count
from core.optim.cosine import cosine_rate
from core.probes.spotlight import spotlight

EVALUATE_EVERY = 50  # steps
LATE = 8  # a word that is said late
SHOWN = 3  # validation pictures
JUDGED = 200  # of them
FIGURES = ("validation_loss", "bleu", "bleu1", "true")


class CaptionTraining(Experiment):
    """One step is one batch, for all nets."""

    class Config(config.Config):
        """Settings of the nets and their training."""

        cells: tuple[Cell, ...] = setting(
            ("rnn", "lstm"), label="Cells", choices=CELLS, help="A net of each learns."
        )
        width: int = setting(128, label="Width", ge=8, le=512, help="Numbers of a state.")
        learning_rate: float = setting(
            0.003,
            label="Learning rate η",
            ge=1e-5,
            le=1,
            scale="log",
            live=True,
            help="Of Adam, at its peak: it rises for a twentieth of the run, then falls.",
        )
        epochs: int = setting(8, label="Epochs", ge=1, le=500, help="Rounds of all pictures.")
        batch_size: int = setting(
            64, label="Batch size", ge=8, le=512, scale="log", help="Pictures in one step."
        )
        share: float = setting(
            1.0,
            label="Share of data",
            ge=0.01,
            le=1,
            scale="log",
            help="Of the pictures, to learn from.",
        )
        album: Annotated[str, pydantic.AfterValidator(own.names_data("scenes"))] = setting(
            "scenes", label="Pictures", max_length=32, hidden=True, help="Scenes, or an upload."
        )

    SMOKE = Config(width=8, share=0.05, epochs=2, batch_size=100)
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        self.album = album = load(config.album)
        self.words_known = WordList.of(album.train.captions, 1 if album.train.true else 2)
        learnt = max(1, round(config.share * len(album.train)))
        self.vocabulary = as_bytes(self.words_known.words[len(RESERVED) :])
        self.features = features(album.train.images[:learnt], device)
        self.captions, self.counts = table(album.train, self.words_known)
        self.held_out = album.validation
        self.seen = features(album.validation.images[:JUDGED], device)
        self.references = table(self.held_out, self.words_known)[0][:JUDGED]
        self.race = Race(
            config.cells,
            self.features.shape[1],
            len(self.words_known),
            config.width,
            config.seed,
            device,
        )
        self.size = min(config.batch_size, learnt)
        self.per_epoch = learnt // self.size
        self.total = config.epochs * self.per_epoch
        self.source = generator(config.seed + 1)
        self.order = torch.randperm(learnt, generator=self.source)
        rows, shown = len(config.cells), min(SHOWN, len(self.seen))
        self.figures = torch.full((rows, len(FIGURES)), math.nan, dtype=torch.float64)
        self.reaching = torch.zeros(rows, LONGEST + 1)  # 0 where there is no such word
        self.written = torch.full((shown, LONGEST), 0)
        self.light = torch.zeros(shown, (SIDE // PATCH) ** 2)
        self.evaluate()

    def batch(self) -> tuple[Tensor, Tensor]:
        """Features of the next pictures, and one of the captions of each, drawn."""
        index = next_batch(self.order, self.source, self.steps, self.size)
        which = (torch.rand(len(index), generator=self.source) * self.counts[index]).long()
        return self.features[index.to(self.device)], self.captions[index, which].to(self.device)

    def step(self) -> Scalars | None:
        """Losses on the batch; validation figures of the last evaluation."""
        if self.steps == self.total:
            return None
        rate = cosine_rate(self.config.learning_rate, self.steps, self.total)
        losses = self.race.learn(*self.batch(), rate)
        self.steps += 1
        if self.steps % EVALUATE_EVERY == 0 or self.steps == self.total:
            self.evaluate()
        return {f"{cell}.loss": losses.get(cell, math.nan) for cell in CELLS} | self.scalars()

    def evaluate(self) -> None:
        """All nets on validation pictures, and how much of the picture reaches each word.

        What the last net says of the first of them, and where it looks, is kept for `picture`.
        """
        references = self.references[:, 0].to(self.device)
        for row, net in enumerate(self.race.nets.values()):
            written = write(net, self.seen)
            self.figures[row] = self.judged(net, written)
            reaches = reaching(net, self.seen, references).cpu()
            self.reaching[row, : len(reaches)] = reaches.nan_to_num(0)
        shown = len(self.written)
        self.written.copy_(written[:shown])
        images = self.held_out.images[:shown].to(self.device)
        self.light.copy_(of_captions(net, images, references[:shown]))

    @torch.no_grad()
    def judged(self, net: Captioner, written: Tensor) -> Tensor:
        """`FIGURES` of what a net has written."""
        texts = [self.words_known.decode(row) for row in written.tolist()]
        captions = self.held_out.captions[:JUDGED]
        loss = float(loss_of(net, self.seen, self.references[:, 0].to(self.device)))
        right = share_true(texts, self.held_out)
        return torch.tensor([loss, bleu(texts, captions), bleu(texts, captions, 1), right])

    def initial(self) -> Scalars:
        """Before the first step there is no loss yet."""
        return {f"{cell}.loss": math.nan for cell in CELLS} | self.scalars()

    def scalars(self) -> dict[str, float | Tensor]:
        """Of each cell there may be; NaN where there is none of it."""
        rows = dict(zip(self.config.cells, self.figures.tolist(), strict=True))
        blank = [math.nan] * len(FIGURES)
        return {
            f"{cell}.{name}": value
            for cell in CELLS
            for name, value in zip(FIGURES, rows.get(cell, blank), strict=True)
        }

    def picture(self) -> Pictures:
        """What the last net says of some pictures, where it looks, and what reaches each word.

        says: (3,), captions; true: (k,), which of them are; light: (3, side, side, 3), lit where
        the pixels matter for the caption of a person; rnn, lstm: (words,), ‖∂ log p / ∂ features‖
        """
        says = [self.words_known.decode(row) or "…" for row in self.written.tolist()]
        true = self.held_out.true
        right = [i for i, text in enumerate(says) if true and text in true[i]]
        there = self.reaching.masked_fill(self.reaching == 0, math.nan)
        rows = dict(zip(self.config.cells, there, strict=True))
        blank = torch.full_like(self.reaching[0], math.nan)
        images = self.held_out.images[: len(says)]
        return {
            "says": np.array(says),
            "true": np.array(right, np.int32),
            "light": to_array(spotlight(images, self.light)),
            **{cell: finite(to_array(rows.get(cell, blank))) for cell in CELLS},
        }

    def backdrop(self) -> Pictures:
        """The pictures (3, side, side, 3), their numbers, and the places of words (words,)."""
        images = self.held_out.images[: len(self.written)]
        return {
            "pictures": to_array(images.permute(0, 2, 3, 1)),
            "numbers": np.array([str(1 + i) for i in range(len(images))]),
            "at": np.arange(1, LONGEST + 2, dtype=np.float32),
        }

    def words(self) -> str:
        """How good the nets are, and how much of the picture reaches a late word."""
        epoch = f"Epoch {self.steps / self.per_epoch:.1f} of {self.config.epochs}"
        told = []
        for cell, (loss, score, _, true) in zip(
            self.config.cells, self.figures.tolist(), strict=True
        ):
            if not math.isfinite(loss):
                return f"{epoch}: a net has diverged; take a smaller learning rate."
            right = "" if math.isnan(true) else f", {100 * true:.0f} % of its captions are true"
            told.append(f"the {CELLS[cell]} has BLEU {score:.2f}{right}")
        words = f"{epoch}, on pictures never learnt from: {'; '.join(told)}."
        late = [
            f"{100 * float(row[LATE - 1] / row[0]):.0f} % in the {CELLS[cell]}"
            for cell, row in zip(self.config.cells, self.reaching, strict=True)
            if row[LATE - 1] > 0
        ]
        if late:
            words += (
                f" Of the first word's gradient to the picture, word {LATE} has {', '.join(late)}."
            )
        return words

    def provenance(self) -> Mapping[str, str]:
        """Which pictures, seen how; how large the nets are."""
        sizes = [f"{CELLS[cell]} {count(net):,}" for cell, net in self.race.nets.items()]
        return {
            "data": f"{source(self.config.album)}; {SOURCE}",
            "weights": f"random, seed {self.config.seed}; parameters: {', '.join(sizes)}",
        }

    def parts(self) -> Mapping[str, state.Part]:
        """The nets, what trains them, the order of the pictures, what the last evaluation found."""
        return {
            **{str(cell): net for cell, net in self.race.nets.items()},
            "optimizer": self.race.optimizer,
            "source": self.source,
            "order": self.order,
            "vocabulary": self.vocabulary,
            "figures": self.figures,
            "reaching": self.reaching,
            "written": self.written,
            "light": self.light,
        }
