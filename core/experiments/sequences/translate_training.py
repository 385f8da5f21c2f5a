"""A transformer learns to write Pig Latin, or to sort: letter by letter, from examples alone."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

import numpy as np
import torch

from core import config, state
from core.config import generator, setting
from core.experiment import CPU, Experiment, Pictures, Scalars, finite, to_array
from core.nets.rivals import count, knows_bfloat16
from core.nets.transformer import Form
from core.optim.cosine import cosine_rate
from core.translation.nets import KINDS, NETS, Kind, form_of
from core.translation.tasks import NAMES, TASKS, Name, Pair

DECAY = 0.01  # of matrices, per unit of learning rate
LARGEST_GRADIENT = 1.0  # norm to which a larger one is cut
EVALUATE_EVERY = 50  # steps
EACH = 8  # validation texts of each number of words
ALONE = 16  # of them, also read without a batch
SHOWN, SHORT = 6, 3  # texts that are shown, and their words at most
DIFFERS = 0.15  # between texts in a batch and alone, that is spoken of
LETTERS = 9.0  # of a word and its translation, on average, with the blank


class TranslateTraining(Experiment):
    """One step is one batch, padded to its longest text."""

    class Config(config.Config):
        """Settings of the net and of what it learns from."""

        task: Name = setting("pig_latin", label="Task", choices=NAMES, help="What it learns.")
        net: Kind = setting(
            "encoder_decoder",
            label="Net",
            choices=KINDS,
            help="Encoders hear all letters, decoders only those before; an encoder alone answers"
            " at all places at once.",
        )
        masks: bool = setting(
            True,
            label="Padding masks",
            live=True,
            help="Texts of a batch are filled up to the longest. Without masks the filling is"
            " heard like any letter.",
        )
        words: int = setting(2, label="Longest text", unit="words", ge=1, le=12, help="At most.")
        steps: int = setting(
            400, label="Steps", ge=10, le=50_000, scale="log", help="Batches until it is done."
        )
        characters: int = setting(
            2_000,
            label="Batch",
            unit="characters",
            ge=100,
            le=20_000,
            scale="log",
            help="Of what shall be written; as many texts as make up so many.",
        )
        learning_rate: float = setting(
            0.004,
            label="Learning rate η",
            ge=1e-5,
            le=1,
            scale="log",
            live=True,
            help="η of AdamW, at its highest.",
        )
        grow: float = setting(
            0.35,
            label="Growing",
            ge=0,
            le=1,
            advanced=True,
            help="Share of the run in which texts grow from one word to the longest.",
        )
        dim: Literal[20, 48, 100, 128] = setting(100, label="Dimensions", help="Of each token.")
        heads: Literal[1, 2, 4] = setting(2, label="Heads", help="In each attention.")
        layers: Literal[1, 2, 3] = setting(2, label="Layers", help="Of each stack.")
        mlp: int = setting(
            256, label="Inside the MLP", ge=8, le=1024, scale="log", advanced=True, help="Units."
        )
        mixed: bool = setting(
            True,
            label="Half digits",
            advanced=True,
            help="Products in bfloat16, at twice the speed, where the processor knows it.",
        )

    SMOKE = Config(words=1, steps=30, characters=100, dim=20, layers=1, mlp=16)
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        self.task = TASKS[config.task]
        self.form = Form(config.dim, config.heads, config.layers, mlp=config.mlp)
        kind, source = NETS[config.net], generator(config.seed)
        self.net = kind(self.task.alphabet, self.form, source, masks=config.masks).to(device)
        matrices, others = (
            [p for p in self.net.parameters() if (p.ndim > 1) == some] for some in (True, False)
        )
        self.optimizer = torch.optim.AdamW(
            [{"params": matrices, "weight_decay": DECAY}, {"params": others, "weight_decay": 0.0}],
            betas=(0.9, 0.98),
        )
        self.source, self.total = generator(config.seed + 1), config.steps
        each = [count for count in range(1, config.words + 1) for _ in range(EACH)]
        self.held_out = self.task.pairs("validation", each, generator(config.seed + 2))
        self.figures = torch.full((3,), math.nan, dtype=torch.float64)
        self.by_words = torch.zeros(config.words)
        short = [1 + i % min(SHORT, config.words) for i in range(SHOWN)][::-1]
        self.shown = self.task.pairs("validation", short, generator(config.seed + 3))
        self.most = max(len(answer) for _, answer in self.shown) + 1
        self.written = torch.full((SHOWN, self.most), self.task.alphabet.pad)
        self.evaluate()

    @property
    def longest(self) -> int:
        """Words of the longest texts at this step."""
        rising = max(1.0, self.config.grow * self.total)
        return 1 + math.floor((self.config.words - 1) * min(1.0, self.steps / rising))

    def batch(self) -> list[Pair]:
        """Texts of about the same number of words, so that little has to be filled up."""
        most = 1 + int(torch.randint(self.longest, (), generator=self.source))
        texts = max(4, round(self.config.characters / (LETTERS * most)))
        counts = torch.randint(max(1, most - 2), most + 1, (texts,), generator=self.source)
        return self.task.pairs("train", counts.tolist(), self.source)

    def step(self) -> Scalars | None:
        """Loss on the batch, and what the last evaluation found."""
        if self.steps == self.total:
            return None
        self.net.masks = self.config.masks
        lesson = self.net.lesson(self.batch())
        with self.precision():
            loss = self.net.loss(lesson)
        for group in self.optimizer.param_groups:
            group["lr"] = cosine_rate(self.config.learning_rate, self.steps, self.total)
        self.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), LARGEST_GRADIENT)
        self.optimizer.step()
        self.steps += 1
        if self.steps % EVALUATE_EVERY == 0 or self.steps == self.total:
            self.evaluate()
        return {"loss": loss.detach(), "longest": float(self.longest), **self.scalars()}

    @torch.no_grad()
    def evaluate(self) -> None:
        """Validation loss, and texts written to the letter: in a padded batch, and alone."""
        some = self.held_out[:: -(-len(self.held_out) // ALONE)]
        with self.precision():
            loss = self.net.loss(self.net.lesson(self.held_out))
            together = self.net.right(self.held_out).float()
            alone = torch.cat([self.net.right([pair]) for pair in some]).float()
        self.by_words.copy_(together.reshape(-1, EACH).mean(dim=1))
        figures = float(loss), float(together.mean()), float(alone.mean())
        self.figures.copy_(torch.tensor(figures, dtype=torch.float64))
        self.written.copy_(self.net.write([text for text, _ in self.shown], self.most))

    def precision(self) -> torch.autocast:
        """Where products are computed in bfloat16, if they shall be."""
        mixed = self.config.mixed and knows_bfloat16(self.device)
        return torch.autocast(self.device.type, torch.bfloat16, enabled=mixed)

    def scalars(self) -> dict[str, float]:
        """On validation texts."""
        names = "validation_loss", "right", "right_alone"
        return dict(zip(names, self.figures.tolist(), strict=True))

    @torch.no_grad()
    def picture(self) -> Pictures:
        """What it writes now, and whom the letters of one text listen to.

        said: (6,), validation texts and what it writes; good: (k,), which of them are right
        by_words: (words,), share of texts written to the letter, by their number of words
        maps: (layers · heads, rows, columns), of the first text: cross-attention, or all there is;
        a row for each letter to be written, a column for each that is heard
        """
        texts = [text for text, _ in self.shown]
        now = [self.task.alphabet.decode(row) for row in self.written.tolist()]
        good = [i for i, (_, answer) in enumerate(self.shown) if now[i] == answer]
        maps = self.net.maps(self.shown[0])
        return {
            "said": np.array([f"{a} → {b}" for a, b in zip(texts, now, strict=True)]),
            "good": np.array(good, dtype=np.int32),
            "by_words": finite(to_array(self.by_words)),
            "maps": finite(to_array(maps.weights.flatten(0, 1))),
        }

    def backdrop(self) -> Pictures:
        """Names.

        names: (layers · heads,), "layer.head"; counts: (words,), numbers of words
        """
        names = [
            f"{i}.{j}" for i in self.each(self.form.layers) for j in self.each(self.form.heads)
        ]
        counts = [str(count) for count in self.each(self.config.words)]
        return {"names": np.array(names), "counts": np.array(counts)}

    @staticmethod
    def each(count: int) -> range:
        """1 to a count."""
        return range(1, count + 1)

    def words(self) -> str:
        """How many texts it writes to the letter, and what padding does to it."""
        loss, together, alone = self.figures.tolist()
        done = f"Batch {self.steps:,} of {self.total:,}"
        if not math.isfinite(loss):
            return f"{done}: the net has diverged; take a smaller learning rate."
        said = (
            f"{done}, {self.task.unit} in a text now: up to {self.longest}. Of {len(self.held_out)}"
            f" validation texts of up to {self.config.words}, {100 * together:.0f} % are written"
            f" to the letter"
        )
        if abs(together - alone) > DIFFERS:
            return f"{said} in a padded batch, but {100 * alone:.0f} % of those read alone."
        return f"{said}; the loss is {loss:.3f} nats per letter."

    def provenance(self) -> Mapping[str, str]:
        """Where the texts come from, and the net's size."""
        return {
            "data": self.task.data,
            "weights": f"{count(self.net):,}, from seed {self.config.seed}",
        }

    def parts(self) -> Mapping[str, state.Part]:
        """The net and what it was made as, its optimiser, and what was found."""
        return {
            "net": self.net,
            "form": form_of(self.net, self.config.task),
            "optimizer": self.optimizer,
            "source": self.source,
            "figures": self.figures,
            "by_words": self.by_words,
            "written": self.written,
        }
