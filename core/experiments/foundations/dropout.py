"""Dropout with and without rescaling: three networks from one start, on the same digits.

Srivastava et al. (2014). One has no dropout. The other two leave out the same units: the one
("inverted") divides those that stay by 1 − p, the other ("plain") leaves them as they are, and so
meets larger sums in evaluation, when nothing is left out, than it was trained on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from core import state
from core.config import generator, setting
from core.data import mnist
from core.data.small_digits import Descent, small_digits
from core.experiment import CPU, Experiment, Pictures, Scalars, to_array
from core.nets.ensemble import cross_entropies, ensemble

KINDS = ("without", "inverted", "plain")
WIDTH, HIDDEN = 256, 2
BATCH = 50
HELD_OUT = 100  # digits of each class
EVALUATE_EVERY = 10
BINS = 61
REACH = 40.0  # of the histogram of logits, either way
FAR = 1e4  # nats; a blind guess costs 2.3


class Passed(NamedTuple):
    """One pass of the three networks."""

    logits: Float[Tensor, "3 batch classes"]
    means: Float[Tensor, "3 parts"]  # mean activation of each hidden layer, mean |logit|


def drop(
    h: Float[Tensor, "3 batch width"], p: float, source: torch.Generator
) -> Float[Tensor, "3 batch width"]:
    """Leave out each unit with probability p: in two of three networks, rescaled in one."""
    kept = (torch.rand(h.shape[1:], generator=source).to(h.device) >= p).float()
    without, inverted, plain = h
    return torch.stack([without, inverted * kept / (1 - p), plain * kept])


class Dropout(Experiment):
    """One step is one batch of 50 digits for all three."""

    class Config(Descent):
        """Settings of the three networks."""

        p: float = setting(
            0.5,
            label="Dropout p",
            ge=0,
            le=0.9,
            live=True,
            help="The probability of being left out.",
        )
        per_class: int = setting(
            100,
            label="Digits of each class",
            ge=5,
            le=500,
            scale="log",
            help="Few to learn from invite learning by heart.",
        )

    SMOKE = Config(max_steps=12)
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        self.total = config.max_steps
        self.train_set = small_digits("train", config.per_class, device, config.seed)
        self.held_out = small_digits("validation", HELD_OUT, device)
        self.source = generator(config.seed)
        sizes = (self.train_set[0].shape[1], *[WIDTH] * HIDDEN, mnist.CLASSES)
        # The same seed for each: one start.
        self.net = ensemble(sizes, [generator(config.seed + 1) for _ in KINDS]).to(device)
        self.optimizer = torch.optim.SGD(self.net.parameters())
        # Of the last evaluation: in training (units left out) and in evaluation (none).
        self.means = torch.zeros(2, len(KINDS), HIDDEN + 1)
        self.histograms = torch.zeros(2, len(KINDS), BINS)
        self.losses = torch.zeros(len(KINDS))  # these two in evaluation
        self.accuracies = torch.zeros(len(KINDS))
        self.evaluate()

    def forward(self, x: Float[Tensor, "batch pixels"], source: torch.Generator | None) -> Passed:
        """All three on one batch; units are left out by `source`, none without it."""
        h = x.expand(len(KINDS), *x.shape)
        means = []
        for layer in self.net[:-1]:
            h = layer(h)
            if isinstance(layer, torch.nn.ReLU):
                h = h if source is None else drop(h, self.config.p, source)
                means.append(h.detach().mean((1, 2)))
        logits = self.net[-1](h)
        return Passed(logits, torch.stack([*means, logits.detach().abs().mean((1, 2))], dim=1))

    def step(self) -> Scalars | None:
        """Train on one batch. <kind>.loss and <kind>.accuracy are those of the held-out digits."""
        config = self.config
        if self.steps >= config.max_steps:
            return None
        images, labels = self.train_set
        index = torch.randint(len(labels), (BATCH,), generator=self.source).to(self.device)
        self.optimizer.param_groups[0]["lr"] = config.learning_rate
        self.optimizer.zero_grad()
        logits = self.forward(images[index], self.source).logits
        cross_entropies(logits, labels[index]).sum().backward()
        self.optimizer.step()
        self.steps += 1
        if self.steps % EVALUATE_EVERY == 0 or self.steps == config.max_steps:
            self.evaluate()
        return self._scalars()

    def initial(self) -> Scalars:
        """Networks that have learnt nothing."""
        return self._scalars()

    @torch.no_grad()
    def evaluate(self) -> None:
        """The held-out digits in both modes; which units are left out does not change the run."""
        images, labels = self.held_out
        for mode, source in enumerate((generator(self.steps), None)):
            logits, means = self.forward(images, source)
            self.means[mode] = means.cpu()
            for kind, values in enumerate(logits.cpu()):
                counts = torch.histc(values, BINS, -REACH, REACH)  # leaves out what is beyond
                self.histograms[mode, kind] = counts / values.numel()
        self.losses.copy_(cross_entropies(logits, labels))
        self.accuracies.copy_((logits.argmax(-1) == labels).float().mean(-1))

    def picture(self) -> Pictures:
        """Both modes of the last evaluation, on the held-out digits.

        inverted_shift, plain_shift: (3,), mean activations of the hidden layers and mean |logit|,
        evaluation ÷ training
        <those>_training, <those>_evaluation: (61,), shares of the logits in bins
        """
        shift = self.shift()
        pictures: dict[str, np.ndarray] = {}
        for kind, name in enumerate(KINDS):
            if name != "without":  # whose modes are the same
                pictures |= {
                    f"{name}_shift": to_array(shift[kind]),
                    f"{name}_training": to_array(self.histograms[0, kind]),
                    f"{name}_evaluation": to_array(self.histograms[1, kind]),
                }
        return pictures

    def backdrop(self) -> Pictures:
        """logits: (61,), the middles of the bins; parts: names."""
        return {
            "logits": np.linspace(-REACH, REACH, BINS, dtype=np.float32),
            "parts": np.array([*(f"layer {i + 1}" for i in range(HIDDEN)), "|logits|"]),
        }

    def words(self) -> str:
        """What dropout is worth, and by what factor logits grow when all units are in."""
        diverged = ~self.means.isfinite().all(2).all(0) | (self.losses > FAR)
        if diverged.any():
            lost = ", ".join(k for k, gone in zip(KINDS, diverged, strict=True) if gone)
            return f"Diverged: {lost}. Take a smaller learning rate or a smaller p."
        right = [f"{100 * share:.1f} %" for share in self.accuracies.tolist()]
        losses = [f"{loss:.2f}" for loss in self.losses.tolist()]
        factors = [f"{factor:.2f}" for factor in self.shift()[1:, -1].tolist()]
        return (
            f"Held-out digits right: {right[0]} without dropout, {right[1]} with it (inverted),"
            f" {right[2]} with it unscaled (plain); losses {', '.join(losses)}. With all units in,"
            f" the logits are {factors[0]} (inverted) and {factors[1]} (plain) times as large as"
            f" in training; 1 / (1 − p) = {1 / (1 - self.config.p):.2f}."
        )

    def provenance(self) -> Mapping[str, str]:
        """Which digits, and where all three start."""
        train, held_out = len(self.train_set[1]), len(self.held_out[1])
        return {
            "data": f"{train:,} digits of MNIST at 14 × 14, {held_out:,} for validation",
            "weights": f"random, seed {self.config.seed}",
        }

    def parts(self) -> Mapping[str, state.Part]:
        """The networks, the source of batches and masks, and the last measurements."""
        return {
            "net": self.net,
            "source": self.source,
            "means": self.means,
            "histograms": self.histograms,
            "losses": self.losses,
            "accuracies": self.accuracies,
        }

    def shift(self) -> Float[Tensor, "3 parts"]:
        """Mean activations in evaluation, divided by those in training.

        1 where both are none, NaN where they are beyond all numbers.
        """
        training, evaluation = self.means
        factors = torch.where(training == evaluation, 1.0, evaluation / training)
        return factors.where(factors.isfinite(), torch.nan)

    def _scalars(self) -> dict[str, float]:
        scalars = {}
        for kind, loss, accuracy in zip(KINDS, self.losses, self.accuracies, strict=True):
            scalars[f"{kind}.loss"] = float(loss)
            scalars[f"{kind}.accuracy"] = float(accuracy)
        return scalars
