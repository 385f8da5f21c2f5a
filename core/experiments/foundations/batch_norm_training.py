"""Deep networks from many initial scales, with and without batch norm, trained as one batch.

Without it a signal shrinks or grows by a factor at every layer; with it every layer starts anew.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

import numpy as np
import torch

from core import state
from core.config import generator, setting
from core.data import mnist
from core.data.small_digits import Descent, small_digits
from core.experiment import CPU, Experiment, Pictures, Scalars, finite, to_array
from core.nets.ensemble import cross_entropies
from core.nets.towers import Outputs, Towers

DEPTHS = (20, 10, 4)
SCALES = tuple(2 ** (half / 2) for half in range(-4, 7))  # 0.25 to 8, √2 among them
EDGES = SCALES[0] / 2**0.25, SCALES[-1] * 2**0.25  # of maps over them, on a log axis
WIDTH = 32
TRAINING, HELD_OUT = 500, 50  # digits of each class
EVALUATE_EVERY = 20
CHANCE = math.log(mnist.CLASSES)  # the loss of saying that all digits are as likely
LEAST = 1e-12  # a smaller spread is drawn as this
LEARNT = 0.5  # the accuracy of a network that learns
KINDS = ("plain", "normalised")


class BatchNormTraining(Experiment):
    """One step is one batch of digits for 66 networks: 3 depths, 11 scales, with and without."""

    class Config(Descent):
        """Settings of the sweep."""

        depth: Literal[4, 10, 20] = setting(
            20,
            label="Layers",
            live=True,
            help="Which networks to look at; all of them are trained.",
        )
        scale: float = setting(
            1.0,
            label="Scale looked at",
            ge=SCALES[0],
            le=SCALES[-1],
            scale="log",
            live=True,
            help="Initial weights are this times N(0, 1) / √inputs; √2 is He's choice for ReLU.",
        )
        batch_size: int = setting(
            64,
            label="Batch size",
            ge=2,
            le=256,
            scale="log",
            live=True,
            help="Batch norm measures μ and σ² on so many digits.",
        )

    SMOKE = Config(max_steps=5, batch_size=8)
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        self.total = config.max_steps
        self.train_set = small_digits("train", TRAINING, device)
        self.held_out = small_digits("validation", HELD_OUT, device)
        self.source = generator(config.seed)
        sizes = self.train_set[0].shape[1], WIDTH, mnist.CLASSES
        self.nets = {
            kind: Towers(sizes, DEPTHS, SCALES, kind == "normalised", generator(config.seed)).to(
                device
            )
            for kind in KINDS
        }
        self.optimizer = torch.optim.SGD(
            [parameter for net in self.nets.values() for parameter in net.parameters()]
        )
        members = len(self.nets["plain"].depths)
        # Of the last batch and the last evaluation, for pictures.
        self.moments = torch.zeros(2, 2, members, max(DEPTHS))  # kind; mean, spread; member; layer
        self.losses = torch.zeros(2, members)
        self.accuracies = torch.zeros(3, members)  # plain; normalised by running means, by batch
        with torch.no_grad():
            for kind, net in enumerate(self.nets.values()):
                self.remember(kind, net(self.train_set[0][: config.batch_size], remember=False))
        self.evaluate()

    def step(self) -> Scalars | None:
        """Train all networks on the same batch; scalars are validation losses, median over scales.

        <kind>.<layers>, such as plain.20.
        """
        config = self.config
        if self.steps >= config.max_steps:
            return None
        images, labels = self.train_set
        index = torch.randint(len(labels), (config.batch_size,), generator=self.source)
        index = index.to(self.device)
        self.optimizer.param_groups[0]["lr"] = config.learning_rate
        self.optimizer.zero_grad()
        for kind, net in enumerate(self.nets.values()):
            outputs = net.train()(images[index])
            # Each network descends on its own loss alone: no loss depends on another's weights.
            cross_entropies(outputs.logits, labels[index]).sum().backward()
            self.remember(kind, outputs)
        self.optimizer.step()
        self.steps += 1
        if self.steps % EVALUATE_EVERY == 0 or self.steps == config.max_steps:
            self.evaluate()
        return self._scalars()

    def initial(self) -> Scalars:
        """The losses of networks that have learnt nothing."""
        return self._scalars()

    def remember(self, kind: int, outputs: Outputs) -> None:
        """Keep what a picture shows of a batch."""
        self.moments[kind] = torch.stack([outputs.means, outputs.spreads]).detach().cpu()

    @torch.no_grad()
    def evaluate(self) -> None:
        """Loss and accuracy on digits that are not trained on."""
        images, labels = self.held_out
        plain, normalised = self.nets.values()
        ways = [plain.eval()(images), normalised.eval()(images)]
        ways.append(normalised.train()(images, remember=False))
        for way, outputs in enumerate(ways):
            if way < 2:
                self.losses[way] = cross_entropies(outputs.logits, labels).cpu()
            # NaN is no digit's logit, yet argmax would take the first.
            right = (outputs.logits.argmax(-1) == labels) & outputs.logits.isfinite().all(-1)
            self.accuracies[way] = right.float().mean(-1).cpu()

    def picture(self) -> Pictures:
        """The networks of the depth looked at, those of the scale looked at among them.

        plain, normalised: (scales,), validation losses; scale: (1,), the one looked at
        plain_spreads, normalised_spreads: (layers, scales), log₁₀ σ
        extent: (4,), of both as maps over scales and layers
        layers: (layers,); <kind>_mean, <kind>_low, <kind>_high: (layers,), activations at the scale
        accuracies: (3,), plain, normalised by running means, normalised by its own batch
        """
        depth, rows, at = self.config.depth, self.rows(), self.looked_at()
        pictures = {
            "scale": np.array([SCALES[at]], np.float32),
            "extent": np.array([*EDGES, 0.5, depth + 0.5], np.float32),
            "layers": np.arange(1, depth + 1, dtype=np.float32),
            "accuracies": to_array(self.accuracies[:, rows][:, at]),
        }
        for kind, moments, found in zip(KINDS, self.moments, self.losses, strict=True):
            means, spreads = moments[:, rows, :depth]
            mean, spread = means[at], spreads[at]
            pictures |= {
                kind: finite(to_array(found[rows])),
                f"{kind}_spreads": finite(to_array(spreads.clamp(min=LEAST).log10().T)),
                f"{kind}_mean": finite(to_array(mean)),
                f"{kind}_low": finite(to_array(mean - spread)),
                f"{kind}_high": finite(to_array(mean + spread)),
            }
        return pictures

    def backdrop(self) -> Pictures:
        """scales: (11,); chance: (1,), the loss of equal chances; ways: names of the accuracies."""
        ways = ["without", "with, running means", "with, its own batch"]
        return {
            "scales": np.array(SCALES, np.float32),
            "chance": np.array([CHANCE], np.float32),
            "ways": np.array(ways),
        }

    def words(self) -> str:
        """At how many scales the networks learn, and what becomes of the signal."""
        depth, at, rows = self.config.depth, self.looked_at(), self.rows()
        plain, normalised = (int((a[rows] > LEARNT).sum()) for a in self.accuracies[:2])
        first, *_, last = self.moments[0, 1, rows][at][:depth].tolist()
        course = f"is {amount(first)} in layer 1 and {amount(last)} in layer {depth}"
        if not math.isfinite(first):
            course = f"is {amount(first)} from layer 1 on"
        signal = f"At scale {SCALES[at]:.2g} without it, the spread {course}."
        lost = int((~self.losses.isfinite()).sum())
        diverged = f" {lost} of 66 networks have diverged." if lost else ""
        return (
            f"Of {len(SCALES)} scales at {depth} layers, {normalised} learn with batch norm and"
            f" {plain} without (over half of the digits right). {signal}{diverged}"
        )

    def provenance(self) -> Mapping[str, str]:
        """Which digits, and where all networks start."""
        count = len(self.train_set[1])
        return {
            "data": f"{count:,} digits of MNIST at 14 × 14, {len(self.held_out[1])} for validation",
            "weights": f"random, seed {self.config.seed}",
        }

    def parts(self) -> Mapping[str, state.Part]:
        """The networks, the source of batches, and the last measurements."""
        return {
            **self.nets,
            "source": self.source,
            "moments": self.moments,
            "losses": self.losses,
            "accuracies": self.accuracies,
        }

    def rows(self) -> slice:
        """The members of the depth looked at, from small to large scales."""
        start = len(SCALES) * DEPTHS.index(self.config.depth)
        return slice(start, start + len(SCALES))

    def looked_at(self) -> int:
        """The scale nearest to the setting."""
        return min(range(len(SCALES)), key=lambda s: abs(math.log(SCALES[s] / self.config.scale)))

    def _scalars(self) -> dict[str, float]:
        losses_by_depth = self.losses.nan_to_num(math.inf).view(2, len(DEPTHS), len(SCALES))
        medians = losses_by_depth.median(-1).values.tolist()
        return {
            f"{kind}.{depth}": value
            for kind, row in zip(KINDS, medians, strict=True)
            for depth, value in zip(DEPTHS, row, strict=True)
        }


def amount(value: float) -> str:
    """For words: two figures."""
    return f"{value:.2g}" if math.isfinite(value) else "beyond all numbers"
