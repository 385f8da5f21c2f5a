"""A convolutional net learns CIFAR-10."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from core import checkpoints, state
from core.config import generator
from core.data import cifar
from core.data.batches import next_batch
from core.experiment import CPU, Experiment, Pictures, Scalars, to_array
from core.nets.cnn import build
from core.nets.cnn.dropout import Dropout
from core.nets.cnn.settings import TrainingConfig
from core.probes.confusion import confusion
from core.probes.exam import Exam

MOST_SHOWN = 64
LATER = 4  # the fifth block, or the last where there are fewer


class CNNTraining(Experiment):
    """One step is one batch."""

    Config = TrainingConfig
    SMOKE = Config(pictures=96, held_out=60, batch_size=16, epochs=2)
    config: TrainingConfig
    total: int

    def __init__(self, config: TrainingConfig, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        if device.type == "cpu":
            config.check_work()
        self.train = cifar.load("train", config.data).first(config.pictures).to(device)
        self.held_out = cifar.load("validation", config.data).first(config.held_out).to(device)
        self.batch_size = min(config.batch_size, len(self.train))
        self.per_epoch = len(self.train) // self.batch_size
        self.total = config.epochs * self.per_epoch
        self.net = build(config.net, generator(config.seed))
        if config.weights != "random":
            saved = checkpoints.shipped(config.weights)
            self.net.load_state_dict({k.removeprefix("net."): v for k, v in saved.items()})
        self.net.to(device).to(memory_format=torch.channels_last)
        self.watched = (0, min(LATER, len(self.net.blocks) - 1))
        self.exam = Exam(self.net, self.held_out, self.watched)
        self.optimizer = config.optimize(self.net)
        self.source = generator(config.seed + 1)
        self.noise = generator(config.seed + 2, device)
        for module in self.net.modules():
            if isinstance(module, Dropout):
                module.source = self.noise
        self.order = torch.randperm(len(self.train), generator=self.source)
        self.recent = torch.zeros(2, device=device)  # running means: loss, share right
        self.exam.begin(self.net)

    def batch(self) -> tuple[Tensor, Tensor]:
        """The next pictures, changed as the settings say, and their labels."""
        index = next_batch(self.order, self.source, self.steps, self.batch_size).to(self.device)
        images = self.config.augmentation()(self.train.images[index], self.source)
        return images, self.train.labels[index]

    def step(self) -> Scalars | None:
        """Running means over the batches, and figures of the last round of validation."""
        if self.steps == self.total:
            return None
        x, target = self.batch()
        done = (self.steps + 1) / self.total
        self.config.set_rate(self.optimizer, done)
        self.net.train()
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.device.type == "cuda"):
            logits = self.net(x)
        self.net.eval()
        loss = cross_entropy(logits.float(), target)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.steps += 1
        self._remember(loss.detach(), (logits.argmax(1) == target).float().mean())
        self.exam.follow(self.net, self.steps, self.total, self.batch_size)
        return self.scalars() | {"rate": self.config.rate(done)}

    @torch.no_grad()
    def _remember(self, loss: Tensor, right: Tensor) -> None:
        """Means over about the last 20 batches."""
        self.recent += max(1 / self.steps, 0.05) * (torch.stack([loss, right]) - self.recent)

    def scalars(self) -> dict[str, float | Tensor]:
        """Losses and shares that are right."""
        known = bool(self.exam.rounds)
        return {
            "loss": self.recent[0].clone(),
            "right": self.recent[1].clone(),
            "validation_loss": self.exam.loss() if known else math.nan,
            "accuracy": self.exam.accuracy() if known else math.nan,
        }

    def picture(self) -> Pictures:
        """The filters as they are now, and what the last round of validation found.

        filters: (≤ 64, k, k, 3), the first layer's, each from its least to its largest weight
        confusion: (10, 10), truth by prediction
        """
        counts = confusion(self.held_out.labels.cpu().numpy(), self.exam.found["predicted"])
        return {
            "filters": to_bytes(self.net.filters()[:MOST_SHOWN]).transpose(0, 2, 3, 1),
            "confusion": to_array(counts * self.exam.rounds.clamp(max=1)),
        }

    def words(self) -> str:
        """How far it is, and whether the net is well."""
        epoch = f"Epoch {self.steps / self.per_epoch:.1f} of {self.config.epochs}"
        loss, right = self.recent.tolist()
        if not math.isfinite(loss):
            return f"{epoch}: the net has diverged; take a smaller learning rate."
        if not self.exam.rounds:
            how = "the first round of validation is under way" if self.steps else "not begun"
            return f"{epoch}: {how}."
        accuracy = float(self.exam.accuracy())
        words = (
            f"{epoch}: {100 * accuracy:.1f} % of {len(self.held_out):,} validation pictures right,"
            f" {100 * right:.1f} % of the last training pictures."
        )
        if right > max(0.9, accuracy + 0.1):
            words += " It knows its training pictures by heart."
        return words + self._dead_words()

    def _dead_words(self) -> str:
        counts = zip(self.exam.dead(), self.exam.channels, strict=True)
        dead = [(n, many, at) for at, (many, n) in enumerate(counts, 1) if many]
        if not dead:
            return ""
        said = ", ".join(f"{many} of {n} in layer {at}" for n, many, at in dead[:3])
        return f" Dead, silent on every picture: {said}{' …' if len(dead) > 3 else ''}."

    def provenance(self) -> Mapping[str, str]:
        """Which pictures, from what start."""
        seen = f"{len(self.train):,} training and {len(self.held_out):,} validation pictures"
        start = f"random, seed {self.config.seed}"
        if self.config.weights != "random":
            start = "the small net's, shipped"
        return {"data": f"{seen} of {cifar.source(self.config.data)}", "weights": start}

    def parts(self) -> Mapping[str, state.Part]:
        """The net, what trains it, the order of pictures, the examination."""
        return {
            "net": self.net,
            "optimizer": self.optimizer,
            "source": self.source,
            "noise": self.noise,
            "order": self.order,
            "recent": self.recent,
            **self.exam.parts(),
        }


def to_bytes(planes: Tensor) -> np.ndarray:
    """Each of (n, ...) from its least value, 0, to its largest, 255; 0 where they are the same."""
    array = np.nan_to_num(to_array(planes), posinf=0.0, neginf=0.0)
    axes = tuple(range(1, array.ndim))
    low, high = (f(array, axis=axes, keepdims=True) for f in (np.min, np.max))
    scaled: np.ndarray = np.divide(
        255 * (array - low), high - low, out=np.zeros_like(array), where=high > low
    )
    return scaled.astype(np.uint8)
