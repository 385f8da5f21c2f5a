"""A small convolutional net in NumPy, every gradient by hand, and its PyTorch twin beside it.

28 × 28 pixels → 8 filters on patches of 4 × 4 → 7 × 7 × 8 → 10 logits. Both start from the same
weights and see the same batches, so that they can differ by rounding alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from core import config, state
from core.config import generator, setting
from core.data.batches import next_batch
from core.data.mnist import CLASSES, SOURCE, Digits, load
from core.experiment import CPU, Experiment, Pictures, Scalars, finite, to_array
from core.nets.layers import (
    SGD,
    Conv,
    Flatten,
    Linear,
    ReLU,
    Sequential,
    SoftmaxCrossEntropy,
    as_in_torch,
    build_twin,
)
from core.probes.confusion import confusion, misread

FILTERS, PATCH, PLACES, SIDE = 8, 4, 7, 28  # 7 × 7 patches of 4 × 4 pixels, 8 numbers from each
EVALUATE_EVERY = 50  # steps


class DigitsScratch(Experiment):
    """One step is one batch of stochastic gradient descent, in NumPy and in PyTorch."""

    class Config(config.Config):
        """Settings of the twins."""

        learning_rate: float = setting(
            0.1, label="Learning rate η", ge=1e-3, le=10, scale="log", live=True, help="Of both."
        )
        batch_size: int = setting(
            32, label="Batch size", ge=1, le=512, scale="log", help="Digits in one step."
        )
        epochs: int = setting(2, label="Epochs", ge=1, le=20, help="Rounds of 50,000 digits.")
        relu_on_logits: bool = setting(
            False,
            label="ReLU on the logits",
            help="A common mistake: a rectifier after the last layer too.",
        )
        precision: Literal["float64", "float32"] = setting(
            "float64",
            label="Numbers",
            choices={"float64": "64 bits", "float32": "32 bits"},
            help="With how many bits both nets compute.",
        )
        digit: int = setting(3, label="Digit shown", ge=0, le=9, live=True, help="To the filters.")

    SMOKE = Config(batch_size=512, epochs=1)
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, CPU)
        self.dtype = np.dtype(config.precision)
        self.train = load("train")
        self.held_out = load("validation").per_class(200, config.seed)
        self.held_out_x = self.pixels(self.held_out)
        self.per_epoch = len(self.train) // config.batch_size
        self.total = config.epochs * self.per_epoch

        self.net = self.build(generator(config.seed))
        self.loss = SoftmaxCrossEntropy()
        self.optimiser = SGD(self.net, config.learning_rate)

        self.twin = build_twin(self.net, getattr(torch, config.precision))
        self.twin_optimiser = torch.optim.SGD(self.twin.parameters(), config.learning_rate)

        self.source = generator(config.seed + 1)
        self.order = torch.randperm(len(self.train), generator=self.source)
        self.predicted = torch.zeros(len(self.held_out), dtype=torch.int64)
        self.dead = torch.zeros(CLASSES, dtype=torch.bool)  # at 0 or below for all their own digits
        self.accuracies = torch.zeros(2, dtype=torch.float64)
        self.evaluate()

    def build(self, source: torch.Generator) -> Sequential:
        """The net in NumPy."""
        layers = [
            Conv(1, FILTERS, PATCH, source, stride=PATCH),
            ReLU(),
            Flatten(),
            Linear(FILTERS * PLACES**2, CLASSES, source),
        ]
        if self.config.relu_on_logits:
            layers.append(ReLU())
        for layer in layers:
            layer.parameters = {k: p.astype(self.dtype) for k, p in layer.parameters.items()}
        return Sequential(layers)

    def pixels(self, digits: Digits) -> Float[np.ndarray, "digits 1 28 28"]:
        """From 0 (paper) to 1 (ink)."""
        return (digits.images[:, None] / 255).astype(self.dtype)

    def batch(self) -> Digits:
        """The next digits, in an order that changes from epoch to epoch."""
        index = next_batch(self.order, self.source, self.steps, self.config.batch_size)
        return Digits(self.train.images[index.numpy()], self.train.labels[index.numpy()])

    def step(self) -> Scalars | None:
        """Train both nets on one batch. Accuracies are those of the last evaluation."""
        if self.steps == self.total:
            return None
        digits = self.batch()
        x, target = self.pixels(digits), digits.labels.astype(np.int64)
        losses = {"numpy.loss": self.train_numpy(x, target)}
        losses["torch.loss"] = self.train_torch(torch.from_numpy(x), torch.from_numpy(target))
        self.steps += 1
        if self.steps % EVALUATE_EVERY == 0 or self.steps == self.total:
            self.evaluate()
        return losses | self.scalars()

    def train_numpy(self, x: np.ndarray, target: np.ndarray) -> float:
        """One step by hand: forward, loss, backward, update."""
        loss = self.loss.forward(self.net.forward(x), target)
        self.net.backward(self.loss.backward())
        self.optimiser.learning_rate = self.config.learning_rate
        self.optimiser.step()
        return loss

    def train_torch(self, x: Tensor, target: Tensor) -> float:
        """The same step by autograd."""
        loss = nn.functional.cross_entropy(self.twin(x), target)
        self.twin_optimiser.zero_grad()
        loss.backward()
        self.twin_optimiser.param_groups[0]["lr"] = self.config.learning_rate
        self.twin_optimiser.step()
        return float(loss.detach())

    def scalars(self) -> dict[str, float]:
        """The largest difference between the nets' weights, and what both get right."""
        ours, twins = self.accuracies.tolist()
        return {"difference": self.difference(), "numpy.accuracy": ours, "torch.accuracy": twins}

    def difference(self) -> float:
        """max |θ − θ′| over all weights of the twins."""
        theirs = dict(self.twin.named_parameters())
        apart = [
            (as_in_torch(torch.from_numpy(values)) - theirs[name].detach()).abs().max()
            for name, values in self.net.parameters.items()
        ]
        return float(torch.stack(apart).max())

    def evaluate(self) -> None:
        """Both nets on the held-out digits."""
        logits = self.net.forward(self.held_out_x)
        with torch.no_grad():
            twins = self.twin(torch.from_numpy(self.held_out_x)).numpy()
        right = [(scores.argmax(1) == self.held_out.labels).mean() for scores in (logits, twins)]
        self.accuracies.copy_(torch.tensor(right))
        self.predicted.copy_(torch.from_numpy(logits.argmax(1)))
        own = [logits[self.held_out.labels == digit, digit] for digit in range(CLASSES)]
        self.dead.copy_(torch.tensor([(scores <= 0).all() for scores in own]))

    def picture(self) -> Pictures:
        """The NumPy net's weights and what its filters make of one held-out digit.

        filters: (8, 4, 4); maps: (8, 7, 7), of the digit, after the ReLU
        weights: (10, 28, 28), each class's weights carried back through the filters to pixels
        confusion: (10, 10), truth by prediction, of the last evaluation
        misread: (10, 28, 28), digits it takes for another; mistakes: (10,), what for what
        """
        filters = self.net.parameters["0.weight"][:, 0]
        by_class = self.net.parameters["3.weight"].T.reshape(CLASSES, FILTERS, PLACES, PLACES)
        carried = np.einsum("cfij,fuv->ciujv", by_class, filters).reshape(CLASSES, SIDE, SIDE)
        images, mistakes = misread(self.held_out, self.predicted)
        index = int((self.held_out.labels == self.config.digit).argmax())
        return {
            "filters": finite(filters),
            "maps": finite(self.maps(self.held_out_x[[index]])[0]),
            "weights": finite(carried),
            "confusion": to_array(confusion(self.held_out.labels, self.predicted)),
            "misread": images,
            "mistakes": mistakes,
        }

    def maps(self, x: Float[np.ndarray, "digits 1 28 28"]) -> Float[np.ndarray, "digits 8 7 7"]:
        """What the filters answer, after the ReLU, by the twin: it keeps nothing."""
        with torch.no_grad():
            answers: np.ndarray = self.twin[:2](torch.from_numpy(x)).numpy()
        return answers

    def words(self) -> str:
        """How good the net is, how far the twins are apart, and what has died."""
        accuracy, apart = float(self.accuracies[0]), self.difference()
        if not math.isfinite(apart):
            return "The weights have diverged; take a smaller learning rate."
        count = f"{len(self.held_out):,} digits it was not trained on"
        right = f"right on {100 * accuracy:.1f} % of {count}"
        if self.steps == 0:
            return f"Untaught, the net is {right}; its twin has the same weights."
        sentence = f"The net is {right}; no weight of its twin differs by more than {apart:.1g}."
        if self.config.relu_on_logits and self.dead.any():
            named = ", ".join(map(str, self.dead.nonzero().flatten().tolist()))
            return f"{sentence} Dead outputs, at zero even for their own digits: {named}."
        if accuracy < 1.5 / CLASSES and self.steps >= EVALUATE_EVERY:
            dead = "" if self.maps(self.held_out_x).any() else ": the filters are dead"
            return f"{sentence} That is chance{dead}; take a smaller learning rate."
        return sentence

    def provenance(self) -> Mapping[str, str]:
        """Which digits, from what start."""
        data = f"{len(self.train):,} training and {len(self.held_out):,} validation digits"
        return {"data": f"{data} of {SOURCE}", "weights": f"random, seed {self.config.seed}"}

    def parts(self) -> Mapping[str, state.Part]:
        """Both nets (plain SGD remembers nothing), the order of digits, the last evaluation."""
        ours = {f"numpy.{k}": torch.from_numpy(p) for k, p in self.net.parameters.items()}
        return ours | {
            "twin": self.twin,
            "source": self.source,
            "order": self.order,
            "predicted": self.predicted,
            "dead": self.dead,
            "accuracies": self.accuracies,
        }
