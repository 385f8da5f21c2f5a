"""A small CNN learns to read digits of several sizes, so that it can judge drawn ones."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from core import config, state
from core.config import generator, setting
from core.data import mnist
from core.data.batches import next_batch
from core.experiment import CPU, Experiment, Pictures, Scalars, to_array
from core.nets.small_cnn import small_cnn
from core.optim.cosine import cosine_rate
from core.probes.confusion import confusion, misread
from core.probes.digits import FORMS, DigitJudge, shown_as

EVALUATE_EVERY = 100  # steps
SAID = {"whole": "28 × 28", "half": "14 × 14", "black_and_white": "black and white"}


class DigitJudgeTraining(Experiment):
    """One step is one batch; each digit is shown in all its forms."""

    class Config(config.Config):
        """Settings of the judge's training."""

        learning_rate: float = setting(
            3e-3,
            label="Learning rate η",
            ge=1e-5,
            le=10,
            scale="log",
            live=True,
            help="Of Adam, at its highest.",
        )
        batch_size: int = setting(64, label="Batch size", ge=2, le=512, help="Digits in a batch.")
        updates: int = setting(
            400, label="Updates", ge=10, le=10_000, scale="log", help="Where the run ends."
        )

    SMOKE = Config(batch_size=8, updates=12)
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        self.train = mnist.load("train")
        self.held_out = mnist.load("validation").per_class(100)
        self.net = small_cnn(generator(config.seed)).to(device)
        self.optimizer = torch.optim.Adam(self.net.parameters(), fused=True)
        self.source = generator(config.seed + 1)
        self.order = torch.randperm(len(self.train), generator=self.source)
        self.total = config.updates
        self.taken = torch.zeros(len(self.held_out), dtype=torch.int64)
        self.figures = torch.zeros(len(FORMS), dtype=torch.float64)
        self.evaluate()

    def ink(self, images: np.ndarray) -> Tensor:
        """Digits (n, 1, 28, 28) from 0 (paper) to 1 (ink)."""
        return torch.from_numpy(images[:, None].copy()).to(self.device).float() / 255

    def step(self) -> Scalars | None:
        """The loss on the batch, and what the last evaluation found."""
        if self.steps == self.total:
            return None
        index = next_batch(self.order, self.source, self.steps, self.config.batch_size).numpy()
        images, judge = self.ink(self.train.images[index]), DigitJudge(self.net)
        target = torch.from_numpy(self.train.labels[index]).to(self.device).long()
        logits = [judge(shown_as(images, form)) for form in FORMS]
        loss = cross_entropy(torch.cat(logits), target.repeat(len(FORMS)))
        rate = cosine_rate(self.config.learning_rate, self.steps, self.total)
        self.optimizer.param_groups[0]["lr"] = rate
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.steps += 1
        if self.steps % EVALUATE_EVERY == 0 or self.steps == self.total:
            self.evaluate()
        return {"loss": loss.detach(), **dict(zip(FORMS, self.figures.tolist(), strict=True))}

    @torch.no_grad()
    def evaluate(self) -> None:
        """How often it is right on held-out digits, in each form."""
        images, judge = self.ink(self.held_out.images), DigitJudge(self.net)
        truth = torch.from_numpy(self.held_out.labels).long()
        taken = [judge(shown_as(images, form)).argmax(1).cpu() for form in FORMS]
        self.taken.copy_(taken[0])
        self.figures.copy_(torch.stack([(each == truth).double().mean() for each in taken]))

    def picture(self) -> Pictures:
        """What held-out digits of 28 × 28 are taken for.

        confusion: (10, 10), truth by row; misread: (10, 28, 28); captions: (10,), what for what
        shares: (3,), read rightly in each form
        """
        images, mistakes = misread(self.held_out, self.taken.to(torch.uint8))
        return {
            "confusion": to_array(confusion(self.held_out.labels, self.taken)),
            "misread": images,
            "captions": mistakes,
            "shares": to_array(self.figures),
        }

    def backdrop(self) -> Pictures:
        """names: (10,), the digits; forms: (3,), in which they are shown."""
        return {
            "names": np.array([str(digit) for digit in range(10)]),
            "forms": np.array([SAID[form] for form in FORMS]),
        }

    def words(self) -> str:
        """How often it is right."""
        if not all(math.isfinite(float(p.detach().sum())) for p in self.net.parameters()):
            return "The judge has diverged; take a smaller learning rate."
        whole, half, ink = (f"{100 * share:.1f} %" for share in self.figures.tolist())
        return (
            f"After {self.steps:,} batches it reads {whole} of 1,000 held-out digits of 28 × 28"
            f" rightly, {half} at 14 × 14, {ink} so in black and white."
        )

    def provenance(self) -> Mapping[str, str]:
        """Which digits, from what start."""
        return {
            "data": f"{len(self.train):,} training digits of {mnist.SOURCE}",
            "weights": f"random, seed {self.config.seed}",
        }

    def parts(self) -> Mapping[str, state.Part]:
        """The net, what trains it, the order of the digits, the last evaluation."""
        return {
            "net": self.net,
            "optimizer": self.optimizer,
            "source": self.source,
            "order": self.order,
            "taken": self.taken,
            "figures": self.figures,
        }
