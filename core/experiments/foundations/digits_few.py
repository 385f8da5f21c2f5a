"""Few digits or many: hand-made features against learnt ones, taught with the same digits.

With so many digits of each class, one step teaches a support vector machine on raw pixels, one on
Gabor responses, or a small convolutional net, to which it gives at most 300 batches.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from core import config, state
from core.config import generator, setting
from core.data.mnist import SOURCE, Digits, load
from core.experiment import CPU, Experiment, Pictures, Scalars, to_array
from core.features.digits import answers, pixels, reduce, scale
from core.features.gabor import as_pictures, gabor_bank
from core.nets.small_cnn import small_cnn
from core.svm import fit_svm

SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500)  # of each class
LEARNERS = {"raw": "raw pixels", "gabor": "Gabor", "net": "learnt"}
COMPONENTS = 100
BATCH = 64
ROUND = 300  # batches that the net learns from in one step
SHOWN = 30  # training digits


class DigitsFew(Experiment):
    """Size by size, each a few times with other digits, each time all three learners."""

    class Config(config.Config):
        """Settings of the contest."""

        largest: int = setting(
            200,
            label="Most digits per class",
            ge=10,
            le=500,
            scale="log",
            help="The last and slowest training sets.",
        )
        repeats: int = setting(
            3, label="Repeats", ge=1, le=10, help="With other digits each time, drawn at random."
        )
        orientations: int = setting(
            4, label="Orientations", ge=1, le=4, help="Directions of the Gabor filters' waves."
        )
        c: float = setting(
            10.0,
            label="C",
            ge=1e-2,
            le=1e4,
            scale="log",
            advanced=True,
            help="How dearly the machines pay for digits on the wrong side.",
        )
        gamma_raw: float = setting(
            1.0, label="γ on pixels", ge=1e-3, le=1e2, scale="log", advanced=True, help="Kernel."
        )
        gamma_gabor: float = setting(
            0.3, label="γ on Gabor", ge=1e-3, le=1e2, scale="log", advanced=True, help="Kernel."
        )
        batches: int = setting(
            300,
            label="Batches for the net",
            ge=10,
            le=3000,
            scale="log",
            help="Of 64 digits, or of all where there are fewer.",
        )
        learning_rate: float = setting(
            2e-3,
            label="Learning rate η",
            ge=1e-4,
            le=1,
            scale="log",
            advanced=True,
            help="Of Adam.",
        )
        held_out: int = setting(
            200,
            label="Validation digits per class",
            ge=20,
            le=200,
            advanced=True,
            help="All learners are judged on these and never see them.",
        )

    SMOKE = Config(largest=10, repeats=1, batches=10, held_out=20, orientations=1)
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, CPU)
        self.sizes = tuple(size for size in SIZES if size <= config.largest)
        self.rounds = math.ceil(config.batches / ROUND)
        self.turns = len(LEARNERS) - 1 + self.rounds  # steps on one training set
        self.total = len(self.sizes) * config.repeats * self.turns
        self.held_out = load("validation").per_class(config.held_out, config.seed)
        self.bank = gabor_bank(config.orientations)
        self.held_out_answers = answers(self.held_out, self.bank)
        shape = len(self.sizes), config.repeats, len(LEARNERS)
        self.accuracy = torch.full(shape, torch.nan, dtype=torch.float64)
        self.digits = torch.zeros(SHOWN, 28, 28, dtype=torch.uint8)  # of the last training set
        self.begin(0, self.train(self.sizes[0], 0))

    def train(self, size: int, repeat: int) -> Digits:
        """The digits to learn from: other ones each time."""
        return load("train").per_class(size, self.config.seed + repeat)

    def begin(self, cell: int, train: Digits) -> None:
        """A new net for a new training set, whose first digits are shown."""
        self.digits.zero_()
        self.digits[: len(train)] = torch.from_numpy(train.images[:SHOWN])
        self.source = generator(self.config.seed + cell)
        self.net = small_cnn(self.source)
        self.optimizer = torch.optim.Adam(self.net.parameters(), self.config.learning_rate)

    def step(self) -> Scalars | None:
        """Teach the next learner; `accuracy` is its own, on the held-out digits."""
        if self.steps == self.total:
            return None
        cell, turn = divmod(self.steps, self.turns)
        size, repeat = divmod(cell, self.config.repeats)
        train = self.train(self.sizes[size], repeat)
        if turn == 0:
            self.begin(cell, train)
        learner = min(turn, len(LEARNERS) - 1)
        predicted = [self.raw, self.gabor, self.learnt][learner](train)
        accuracy = float((predicted == self.held_out.labels).mean())
        if turn in (0, 1, self.turns - 1):  # the net only when it has learnt
            self.accuracy[size, repeat, learner] = accuracy
        self.steps += 1
        return {"accuracy": accuracy}

    def raw(self, train: Digits) -> np.ndarray:
        """Predictions of a machine that sees 196 pixels."""
        x, held_out = scale(pixels(train), pixels(self.held_out))
        machine = fit_svm(x, train.labels, self.config.c, self.config.gamma_raw)
        return np.asarray(machine.predict(held_out))

    def gabor(self, train: Digits) -> np.ndarray:
        """Predictions of a machine that sees what hand-made filters answer."""
        (x, held_out), _ = reduce(answers(train, self.bank), self.held_out_answers, COMPONENTS)
        machine = fit_svm(x, train.labels, self.config.c, self.config.gamma_gabor)
        return np.asarray(machine.predict(held_out))

    def learnt(self, train: Digits) -> np.ndarray:
        """Predictions of a net that has to find its filters by itself, after the next batches."""
        images, labels = as_images(train), torch.from_numpy(train.labels.astype(np.int64))
        before = ROUND * (self.steps % self.turns - 2)
        for _ in range(min(ROUND, self.config.batches - before)):
            index = torch.randperm(len(labels), generator=self.source)[:BATCH]
            loss = cross_entropy(self.net(images[index]), labels[index])
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
        with torch.no_grad():
            return np.asarray(self.net(as_images(self.held_out)).argmax(1))

    def means(self) -> Tensor:
        """(sizes, learners), over the repeats so far; NaN where there is none."""
        return self.accuracy.nanmean(dim=1)

    def picture(self) -> Pictures:
        """Accuracy by the number of digits, and what one has learnt to look for.

        raw, gabor, net: (sizes,), mean accuracy; raw_runs, …: (runs so far, 2), size and accuracy
        digits: (30, 28, 28), of those learnt from, blank where fewer
        learnt: (16, 5, 5), the net's filters
        """
        sizes = torch.tensor(self.sizes).double()[:, None].expand(self.accuracy.shape[:2])
        pictures = {
            "digits": to_array(self.digits),
            "learnt": to_array(next(self.net.parameters())[:, 0]),
        }
        for index, name in enumerate(LEARNERS):
            runs = torch.stack([sizes, self.accuracy[:, :, index]], dim=-1).flatten(0, 1)
            pictures[name] = to_array(self.means()[:, index])
            pictures[f"{name}_runs"] = to_array(runs[~runs[:, 1].isnan()])
        return pictures

    def backdrop(self) -> Pictures:
        """sizes: (sizes,), digits per class; filters: (filters, 13, 13), made by hand."""
        return {
            "sizes": np.array(self.sizes, np.float32),
            "filters": as_pictures(self.bank),
        }

    def words(self) -> str:
        """The last size that all have learnt from, and how far behind the net is."""
        means = self.means()
        done = means[~means.isnan().any(dim=1)]
        if not len(done):
            return f"Three learners, {len(self.held_out):,} held-out digits to judge them on."
        raw, gabor, net = (100 * done[-1]).tolist()
        now = (
            f"From {self.sizes[len(done) - 1]} of each class: Gabor {gabor:.1f} %, raw pixels"
            f" {raw:.1f} %, learnt {net:.1f} % right on held-out digits."
        )
        passed = done[:, 1] >= done[-1, 2]
        sooner = [size for size, better in zip(self.sizes, passed, strict=False) if better]
        if sooner and sooner[0] < self.sizes[len(done) - 1]:
            now += f" Gabor had passed the net's figure with {sooner[0]} of each."
        return now

    def provenance(self) -> Mapping[str, str]:
        """Which digits, and where the learners come from."""
        data = f"up to {10 * self.config.largest:,} training, {len(self.held_out):,} validation"
        return {
            "data": f"{data} digits of {SOURCE}",
            "weights": f"fitted here; the net's start random, seed {self.config.seed}",
        }

    def parts(self) -> Mapping[str, state.Part]:
        """What was found so far, the digits shown, and the net with what teaches it."""
        return {
            "accuracy": self.accuracy,
            "digits": self.digits,
            "net": self.net,
            "optimizer": self.optimizer,
            "source": self.source,
        }


def as_images(digits: Digits) -> Tensor:
    """(digits, 1, 28, 28), from 0 (paper) to 1 (ink)."""
    return torch.from_numpy(digits.images[:, None] / np.float32(255))
