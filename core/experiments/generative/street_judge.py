"""A classifier learns to read street numbers, so that it can judge drawn ones."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from core import config, state
from core.config import generator, setting
from core.data.batches import next_batch
from core.data.cifar import pixels
from core.data.street_numbers import CLASSES, DATA, Data, load, source
from core.experiment import CPU, Experiment, Pictures, Scalars, to_array
from core.nets.cnn import build
from core.probes.confusion import confusion
from core.probes.judge import loss_and_accuracy

EVALUATE_EVERY = 10  # steps
MISREAD = 10  # pictures shown


class StreetJudge(Experiment):
    """One step is one batch."""

    class Config(config.Config):
        """Settings of the judge's training."""

        data: Data = setting("composed", label="Street numbers", choices=DATA, help="Real ones.")
        learning_rate: float = setting(
            3e-3, label="Learning rate η", ge=1e-5, le=1, scale="log", live=True, help="Of Adam."
        )
        batch_size: int = setting(64, label="Batch size", ge=2, le=512, help="Pictures in a batch.")
        updates: int = setting(
            400, label="Updates", ge=1, le=10_000, advanced=True, help="Where the run ends."
        )

    SMOKE = Config(batch_size=8, updates=12)
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        self.train = load("train", config.data).to(device)
        self.held_out = load("validation", config.data).first(1_000).to(device)
        self.net = build("small", generator(config.seed)).to(device)
        self.optimizer = torch.optim.Adam(self.net.parameters(), fused=True)
        self.source = generator(config.seed + 1)
        self.order = torch.randperm(len(self.train), generator=self.source)
        self.total = config.updates
        self.taken = torch.zeros(len(self.held_out), dtype=torch.int64, device=device)
        self.figures = torch.zeros(2, dtype=torch.float64)  # loss and accuracy, held out
        self.evaluate()

    def step(self) -> Scalars | None:
        """Loss and right answers on the batch; those of the last evaluation."""
        if self.steps == self.total:
            return None
        size = self.config.batch_size
        index = next_batch(self.order, self.source, self.steps, size).to(self.device)
        self.net.train()
        logits = self.net(pixels(self.train.images[index]))
        target = self.train.labels[index]
        self.optimizer.param_groups[0]["lr"] = self.config.learning_rate
        self.optimizer.zero_grad()
        cross_entropy(logits, target).backward()
        self.optimizer.step()
        self.steps += 1
        if self.steps % EVALUATE_EVERY == 0 or self.steps == self.total:
            self.evaluate()
        loss, right = loss_and_accuracy(logits.detach(), target)
        held_out = dict(zip(("validation_loss", "accuracy"), self.figures.tolist(), strict=True))
        return {"loss": loss, "training": right, **held_out}

    @torch.no_grad()
    def evaluate(self) -> None:
        """What it takes held-out street numbers for."""
        self.net.eval()
        logits = self.net(pixels(self.held_out.images))
        self.taken.copy_(logits.argmax(dim=1))
        figures = loss_and_accuracy(logits, self.held_out.labels)
        self.figures.copy_(torch.stack(figures))

    def picture(self) -> Pictures:
        """What held-out pictures are taken for.

        confusion: (10, 10), truth by row; misread: (10, 16, 16, 3), black where there are fewer
        captions: (10,), "4 as 9"
        """
        truth = self.held_out.labels
        wrong = (self.taken != truth).nonzero()[:MISREAD, 0]
        misread = torch.zeros(MISREAD, *self.held_out.images.shape[1:], dtype=torch.uint8)
        misread[: len(wrong)] = self.held_out.images[wrong].cpu()
        said = [f"{int(truth[i])} as {int(self.taken[i])}" for i in wrong]
        return {
            "confusion": to_array(confusion(truth.cpu().numpy(), self.taken)),
            "misread": to_array(misread.permute(0, 2, 3, 1)),
            "captions": np.array(said + [""] * (MISREAD - len(said))),
        }

    def backdrop(self) -> Pictures:
        """names: (10,), the digits."""
        return {"names": np.array([str(digit) for digit in range(CLASSES)])}

    def words(self) -> str:
        """How often it is right."""
        loss, right = self.figures.tolist()
        if not math.isfinite(loss):
            return "The judge has diverged; take a smaller learning rate."
        return (
            f"After {self.steps:,} batches it reads {100 * right:.1f} % of {len(self.held_out):,}"
            " held-out street numbers rightly."
        )

    def provenance(self) -> Mapping[str, str]:
        """Which street numbers, from what start."""
        return {
            "data": f"{len(self.train):,} {source(self.config.data)}",
            "weights": f"random, seed {self.config.seed}",
        }

    def parts(self) -> Mapping[str, state.Part]:
        """The net, what trains it, the order of the pictures, the last evaluation."""
        return {
            "net": self.net,
            "optimizer": self.optimizer,
            "source": self.source,
            "order": self.order,
            "taken": self.taken,
            "figures": self.figures,
        }
