"""The whole of MNIST: softmax regression and a two-layer perceptron learn from the same batches.

Both descend on the cross-entropy plus an L2 penalty, λ/2 Σ W², with momentum 0.9.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import avg_pool2d, cross_entropy

from core import config, state
from core.config import generator, setting
from core.data.batches import next_batch
from core.data.mnist import CLASSES, SOURCE, Split, load
from core.experiment import CPU, Experiment, Pictures, Scalars, finite, to_array
from core.functions.activations import activation
from core.nets.mlp import mlp
from core.probes.confusion import confusion, misread
from core.probes.units import dead

PIXELS = 28 * 28
EVALUATE_EVERY = 50  # steps
SHOWN = 20  # hidden units
Name = Literal["softmax", "mlp"]
NAMES: dict[Name, str] = {"softmax": "softmax regression", "mlp": "two-layer perceptron"}


class DigitsWhole(Experiment):
    """One step is one batch, for both nets."""

    class Config(config.Config):
        """Settings of both nets."""

        hidden: int = setting(
            256, label="Hidden units", ge=1, le=1024, scale="log", help="Of the perceptron."
        )
        learning_rate: float = setting(
            0.1,
            label="Learning rate η",
            ge=1e-4,
            le=10,
            scale="log",
            live=True,
            help="Of both nets.",
        )
        l2: float = setting(
            1e-4,
            label="L2 penalty λ",
            ge=0,
            le=1,
            scale="log",
            live=True,
            help="How dearly weights are paid for; biases are free.",
        )
        batch_size: int = setting(
            128, label="Batch size", ge=1, le=1024, scale="log", help="Digits in one step."
        )
        epochs: int = setting(6, label="Epochs", ge=1, le=50, help="Rounds of 50,000 digits.")
        confusions: Name = setting(
            "mlp", label="Confusions of", live=True, choices=NAMES, help="Whose mistakes to count."
        )

    SMOKE = Config(hidden=16, batch_size=1024, epochs=1)
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        self.images, self.labels = self.data("train")
        self.held_out, self.truth = self.data("validation")
        self.per_epoch = len(self.labels) // config.batch_size
        self.total = config.epochs * self.per_epoch
        start = generator(config.seed)
        self.nets = {
            "softmax": mlp([PIXELS, CLASSES], start).to(device),
            "mlp": mlp([PIXELS, config.hidden, CLASSES], start).to(device),
        }
        parameters = [p for net in self.nets.values() for p in net.parameters()]
        groups = [[p for p in parameters if p.ndim == d] for d in (2, 1)]  # weights, biases
        self.optimizer = torch.optim.SGD(
            [{"params": group} for group in groups], lr=config.learning_rate, momentum=0.9
        )
        self.source = generator(config.seed + 1)
        self.order = torch.randperm(len(self.labels), generator=self.source)
        self.figures = torch.zeros(len(NAMES), 2, dtype=torch.float64)  # loss, accuracy
        self.tested = torch.zeros(len(NAMES), dtype=torch.float64)
        self.dead = torch.zeros((), dtype=torch.float64)  # share of the hidden units
        self.predicted = torch.zeros(len(NAMES), len(self.truth), dtype=torch.uint8)
        self.evaluate()

    def data(self, split: Split) -> tuple[Tensor, Tensor]:
        """Images (digits, 784) as bytes and labels, on the device."""
        digits = load(split)
        images = torch.from_numpy(digits.images.reshape(-1, PIXELS).copy())
        labels = torch.from_numpy(digits.labels.astype(np.int64))
        return images.to(self.device), labels.to(self.device)

    def batch(self) -> tuple[Tensor, Tensor]:
        """The next digits, in an order that changes from epoch to epoch."""
        index = next_batch(self.order, self.source, self.steps, self.config.batch_size)
        index = index.to(self.device)
        return pixels(self.images[index]), self.labels[index]

    def step(self) -> Scalars | None:
        """Losses on the batch, without the penalty; validation figures of the last evaluation."""
        if self.steps == self.total:
            return None
        x, target = self.batch()
        losses = {name: cross_entropy(net(x), target) for name, net in self.nets.items()}
        for group, decay in zip(self.optimizer.param_groups, (self.config.l2, 0.0), strict=True):
            group["lr"], group["weight_decay"] = self.config.learning_rate, decay
        self.optimizer.zero_grad()
        torch.stack([*losses.values()]).sum().backward()  # each net has its own weights
        self.optimizer.step()
        self.steps += 1
        if self.steps % EVALUATE_EVERY == 0 or self.steps == self.total:
            self.evaluate()
        return {f"{name}.loss": loss.detach() for name, loss in losses.items()} | self.scalars()

    @torch.no_grad()
    def evaluate(self) -> None:
        """Both nets on the validation digits; after the last step, once, on the test digits."""
        x = pixels(self.held_out)
        for index, net in enumerate(self.nets.values()):
            logits = net(x)
            predicted = logits.argmax(1)
            self.figures[index, 0] = cross_entropy(logits, self.truth)
            self.figures[index, 1] = (predicted == self.truth).double().mean()
            self.predicted[index] = predicted
            if self.steps == self.total:
                images, labels = self.data("test")
                self.tested[index] = (net(pixels(images)).argmax(1) == labels).double().mean()
        slopes = activation("relu").derivative(self.nets["mlp"][0](x).cpu().numpy())
        self.dead.fill_(dead(slopes).mean())

    def scalars(self) -> dict[str, float]:
        """Loss and accuracy on the validation digits."""
        return {
            f"{name}.{what}": float(self.figures[index, column])
            for index, name in enumerate(NAMES)
            for column, what in enumerate(("validation_loss", "accuracy"))
        }

    def picture(self) -> Pictures:
        """Weights as pictures, and mistakes.

        softmax: (10, 28, 28), the weights of each class
        hidden: (≤ 20, 14, 14), those of the perceptron's first units, averaged 2 × 2
        confusion: (10, 10), truth by prediction, of the net chosen
        misread: (10, 28, 28), digits it takes for another; mistakes: (10,), what for what
        """
        held_out = load("validation")
        predicted = self.predicted[list(NAMES).index(self.config.confusions)]
        images, mistakes = misread(held_out, predicted)
        softmax, hidden = (next(net.parameters()).detach() for net in self.nets.values())
        return {
            "softmax": finite(to_array(softmax.reshape(-1, 28, 28))),
            "hidden": finite(to_array(avg_pool2d(hidden[:SHOWN].reshape(-1, 28, 28), 2))),
            "confusion": to_array(confusion(held_out.labels, predicted)),
            "misread": images,
            "mistakes": mistakes,
        }

    def words(self) -> str:
        """How good both are, and whether they are well."""
        epoch = f"Epoch {self.steps / self.per_epoch:.2f} of {self.config.epochs}"
        (soft_loss, soft), (loss, deep) = self.figures.tolist()
        if not math.isfinite(soft_loss + loss):
            return f"{epoch}: a net has diverged; take a smaller learning rate."
        words = (
            f"{epoch}: {100 * soft:.1f} % of the validation digits by softmax,"
            f" {100 * deep:.1f} % by two layers."
        )
        if self.dead > 0.1:
            dead = f"{100 * float(self.dead):.0f} % of the hidden units"
            words += f" {dead} are dead: no digit wakes them."
        if self.steps == self.total:
            softs, deeps = (f"{100 * share:.1f} %" for share in self.tested.tolist())
            words += f" On the 10,000 test digits, opened only now: {softs} and {deeps}."
        return words

    def provenance(self) -> Mapping[str, str]:
        """Which digits, from what start."""
        data = f"{len(self.labels):,} training and {len(self.truth):,} validation digits"
        return {"data": f"{data} of {SOURCE}", "weights": f"random, seed {self.config.seed}"}

    def parts(self) -> Mapping[str, state.Part]:
        """The nets, what trains them, the order of digits, the last evaluation."""
        return {
            **self.nets,
            "optimizer": self.optimizer,
            "source": self.source,
            "order": self.order,
            "figures": self.figures,
            "tested": self.tested,
            "dead": self.dead,
            "predicted": self.predicted,
        }


def pixels(images: Tensor) -> Float[Tensor, "digits 784"]:
    """From 0 (paper) to 1 (ink)."""
    return images.float() / 255
