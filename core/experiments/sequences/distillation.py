"""A small student learns from a trained teacher, beside a twin that learns from data alone."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Literal

import numpy as np
import pydantic
import torch
from jaxtyping import Int
from torch import Tensor, nn

from core import checkpoints, config, state
from core.config import generator, setting
from core.data import own, summaries
from core.data.batches import next_batch
from core.distillation.losses import inner_losses, layer_map, prediction_loss
from core.distillation.trace import attended, trace
from core.experiment import CPU, Experiment, Pictures, Scalars, finite, to_array
from core.experiments.sequences.summary_training import JUDGED, LOST
from core.nets.language import form_of, form_to_tensor
from core.nets.summariser import restored
from core.nets.transformer import EncoderDecoder, Form
from core.optim.cosine import cosine_rate
from core.probes.divergence import refuse_diverged
from core.probes.summaries import LONGEST, MOST, held_out_loss, summarise
from core.text import bpe
from core.text.padded import Padded, masked_loss, pad

EVALUATE_EVERY = 25  # steps
SHOWN = 10  # held-out texts whose summaries are shown
NAMES = ("student", "twin")
Term = Literal["labels", "prediction", "embedding", "hidden", "attention"]
TERMS: dict[Term, str] = {
    "labels": "data",
    "prediction": "answers",
    "embedding": "embeddings",
    "hidden": "hidden states",
    "attention": "attention",
}
MAPS = {"even": "spread evenly", "first": "the first ones", "last": "the last ones"}


class Distillation(Experiment):
    """One step is one batch, the same for the student and its twin."""

    class Config(config.Config):
        """What the student learns from, and how large it is."""

        terms: tuple[Term, ...] = setting(
            tuple(TERMS), label="Learns from", choices=TERMS, help="Each is a term of the loss."
        )
        temperature: float = setting(
            2.0,
            label="Temperature",
            ge=0.5,
            le=10,
            live=True,
            help="Of teacher's and student's answers.",
        )
        layer_map: Literal["even", "first", "last"] = setting(
            "last", label="Layers to match", choices=MAPS, help="Those of the teacher."
        )
        share: float = setting(
            1.0, label="Share of data", ge=0.01, le=1, scale="log", help="Of the pairs, for both."
        )
        example: int = setting(
            3, label="Example", ge=0, le=SHOWN - 1, live=True, help="Of ten held-out texts."
        )
        steps: int = setting(300, label="Batches", ge=10, le=20_000, scale="log", help="Of a run.")
        learning_rate: float = setting(
            0.003, label="Learning rate η", ge=1e-5, le=10, scale="log", live=True, help="Its peak."
        )
        batch_size: int = setting(
            32,
            label="Batch size",
            ge=1,
            le=256,
            scale="log",
            advanced=True,
            help="Pairs in a batch.",
        )
        dim: int = setting(
            64,
            label="Width of the student",
            ge=16,
            le=128,
            scale="log",
            advanced=True,
            help="And twin.",
        )
        layers: int = setting(
            1,
            label="Layers of the student",
            ge=1,
            le=2,
            advanced=True,
            help="At most its teacher's.",
        )
        data: Annotated[str, pydantic.AfterValidator(own.names_data("docstrings"))] = setting(
            "docstrings", label="Data", max_length=32, hidden=True, help="Docstrings, or one's own."
        )
        weights: str = setting(
            "shipped", label="Teacher", max_length=32, hidden=True, help="Shipped, or of a run."
        )

    SMOKE = Config(share=0.02, steps=20, batch_size=4, dim=16)
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        mine = config.weights == "shipped"
        saved = checkpoints.shipped("summariser") if mine else checkpoints.of_run(config.weights)
        self.teacher = restored(saved).requires_grad_(False).to(device)
        refuse_diverged(self.teacher)
        self.tokeniser = bpe.from_bytes(saved["tokeniser"])
        large = form_of(saved["form"])
        pairs = summaries.load(config.data)
        few = pairs.train[: max(1, round(config.share * len(pairs.train)))]
        self.train = pad(self.tokeniser, few, LONGEST, MOST).to(device)
        self.held_out = pad(self.tokeniser, pairs.held_out[:JUDGED], LONGEST, MOST).to(device)
        layers = min(config.layers, large.layers)
        width = max(1, config.dim // large.heads)
        self.form = Form(config.dim, large.heads, layers, width, 2 * config.dim)
        self.layers = layer_map(config.layer_map, layers, large.layers)
        vocabulary = self.tokeniser.get_vocab_size()
        self.student, self.twin = (
            EncoderDecoder(vocabulary, self.form, generator(config.seed)).to(device) for _ in NAMES
        )
        with torch.random.fork_rng(devices=[]):  # modules start from the global generator
            self.maps = [nn.Linear(config.dim, large.dim) for _ in range(2)]
        for at, layer in enumerate(self.maps):
            start = generator(config.seed + 2 + at)
            nn.init.normal_(layer.weight, std=config.dim**-0.5, generator=start)
            nn.init.zeros_(layer.bias)
        self.projections = nn.ModuleList(self.maps).to(device)
        learning = [*self.student.parameters(), *self.twin.parameters()]
        self.optimizer = torch.optim.AdamW(
            [*learning, *self.projections.parameters()], betas=(0.9, 0.95)
        )
        self.source = generator(config.seed + 1)
        self.order = torch.randperm(len(self.train), generator=self.source)
        self.size = min(config.batch_size, len(self.train))
        self.total = config.steps
        self.losses = torch.full((2,), math.nan, dtype=torch.float64)
        self.written = torch.zeros(len(NAMES), SHOWN, MOST, dtype=torch.int64)
        self.taught = held_out_loss(self.teacher, self.held_out)
        self.told = self.summaries(self.teacher)
        self.evaluate()

    def step(self) -> Scalars | None:
        """Each term of the student's loss, and the held-out losses of the last evaluation."""
        if self.steps == self.total:
            return None
        rows = next_batch(self.order, self.source, self.steps, self.size)
        batch = self.train.take(rows.to(self.device))
        target = batch.written[:, 1:]
        terms = self.terms(batch)
        alone = masked_loss(self.twin(batch.read, batch.written[:, :-1], batch.keep), target)
        chosen = [terms[name] for name in self.config.terms]
        for group in self.optimizer.param_groups:
            group["lr"] = cosine_rate(self.config.learning_rate, self.steps, self.total)
        self.optimizer.zero_grad()
        (torch.stack(chosen).sum() + alone).backward()  # weights are apart
        for net in (self.student, self.twin):
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        self.optimizer.step()
        self.steps += 1
        if self.steps % EVALUATE_EVERY == 0 or self.steps == self.total:
            self.evaluate()
        student, twin = self.losses.tolist()
        told: dict[str, float | Tensor] = {str(name): loss.detach() for name, loss in terms.items()}
        held = {"student.held_out": student, "twin.held_out": twin, "teacher.held_out": self.taught}
        return told | {"alone": alone.detach()} | held

    def terms(self, batch: Padded) -> dict[Term, Tensor]:
        """All terms of the student's loss on a batch, those that it does not learn from too."""
        read, written, keep = batch.read, batch.written[:, :-1], batch.keep
        with torch.no_grad():
            teacher = trace(self.teacher, read, written, keep)
        student = trace(self.student, read, written, keep)
        target = batch.written[:, 1:]
        counts = target != bpe.PAD
        pair = student.logits, teacher.logits
        inner = inner_losses(student, teacher, self.maps, self.layers, (keep, counts))
        return {
            "labels": masked_loss(student.logits, target),
            "prediction": prediction_loss(*pair, self.config.temperature, counts),
            "embedding": inner["embedding"],
            "hidden": inner["hidden"],
            "attention": inner["attention"],
        }

    def evaluate(self) -> None:
        """Both small nets on held-out pairs, and what they write of some."""
        for row, net in enumerate((self.student, self.twin)):
            self.losses[row] = held_out_loss(net, self.held_out)
            self.written[row] = self.summaries(net)

    def summaries(self, net: EncoderDecoder) -> Int[Tensor, "shown written"]:
        """What a net writes of the texts that are shown, filled up with [PAD]."""
        told = summarise(net, self.held_out.read[:SHOWN], MOST).cpu()
        filled = torch.full((SHOWN, MOST), bpe.PAD)
        filled[: told.shape[0], : told.shape[1]] = told
        return filled

    @torch.no_grad()
    def picture(self) -> Pictures:
        """Attention of teacher and student on one held-out pair, and what all three wrote of it.

        attention: (2, 24, 64), teacher's and student's on what is read, the layers that match
        pieces: of the text; teacher, student, twin, truth: words
        """
        row = self.config.example % len(self.held_out)
        one = self.held_out.take(torch.tensor([row], device=self.device))
        names = bpe.pieces(self.tokeniser)
        looks = torch.zeros(2, MOST, LONGEST)
        for at, net in enumerate((self.teacher, self.student)):
            found = attended(trace(net, one.read, one.written[:, :-1], one.keep))[0]
            looks[at, : found.shape[0], : found.shape[1]] = found.nan_to_num(0)
        texts = zip(("teacher", *NAMES), (self.told, *self.written), strict=True)
        told = {
            name: bpe.decode(self.tokeniser, written[row]).split() or ["…"]
            for name, written in texts
        }
        return {
            "attention": finite(to_array(looks)),
            "pieces": np.array([names[n].replace(bpe.BLANK, " ") for n in one.read[0].tolist()]),
            "truth": np.array(bpe.decode(self.tokeniser, one.written[0]).split()),
            **{name: np.array(words) for name, words in told.items()},
        }

    def words(self) -> str:
        """How far the student is ahead of its twin, and from its teacher."""
        student, twin = self.losses.tolist()
        if not student + twin < 2 * (math.log(self.tokeniser.get_vocab_size()) + LOST):
            return "A net has diverged; take a smaller learning rate."
        sizes = [sum(p.numel() for p in net.parameters()) for net in (self.student, self.teacher)]
        ahead = "ahead of" if student < twin else "behind"
        return (
            f"On held-out summaries the student has {student:.2f} nats per piece,"
            f" {abs(twin - student):.2f} {ahead} its twin, which learns from the data alone; the"
            f" teacher has {self.taught:.2f} with {sizes[1] / sizes[0]:.1f} times the parameters."
        )

    def provenance(self) -> Mapping[str, str]:
        """Which pairs, whose teacher."""
        whose = "shipped" if self.config.weights == "shipped" else "of a run here"
        return {
            "data": f"{len(self.train):,} {summaries.source(self.config.data)}; a tenth held out",
            "weights": f"teacher {whose}; student and twin random, seed {self.config.seed}",
        }

    def parts(self) -> Mapping[str, state.Part]:
        """The three learners, what trains them, the order of pairs, the last figures."""
        return {
            "student": self.student,
            "twin": self.twin,
            "projections": self.projections,
            "optimizer": self.optimizer,
            "source": self.source,
            "order": self.order,
            "form": form_to_tensor(self.form),
            "losses": self.losses,
            "written": self.written,
        }
