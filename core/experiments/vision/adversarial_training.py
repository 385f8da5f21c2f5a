"""A net learns from attacked pictures, and a twin of it from the same pictures unharmed.

Madry et al. (2018): the net minimises the largest loss in the ball, equation 2.1. With one step
of attack from a random point it is the fast method of Wong, Rice and Kolter (2020).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from core import config, state
from core.attacks import input_gradient, pgd
from core.attacks.sweep import under_pgd
from core.config import ConfigError, generator, setting
from core.data import cifar
from core.data.augmentation import Augmentation
from core.data.batches import next_batch
from core.experiment import CPU, Experiment, Pictures, Scalars
from core.nets.cnn import NAMES, build
from core.nets.rivals import knows_bfloat16
from core.probes.rgb import BYTE, about_grey, as_bytes

SHOWN = 6  # pictures
NETS = ("plain", "robust")
MOST_AT_ONCE = 4_000  # pictures × (steps of the attack + 1) in a step, about 7 s on a CPU
MOST_JUDGED = 1_000  # on a CPU
MIRRORED = Augmentation(flip=True)


class AdversarialTraining(Experiment):
    """One step is one batch, for both nets."""

    class Config(config.Config):
        """Settings of the training, and of the attack within it."""

        net: Literal["small", "five"] = setting(
            "small",
            label="Net",
            choices={name: NAMES[name] for name in ("small", "five")},
            help="The deeper one needs three times the work, and more of it stays under attack.",
        )
        epsilon: float = setting(
            8.0,
            label="ε",
            unit="/255",
            ge=0,
            le=32,
            live=True,
            help="How far the attack may change any pixel, in training and when judged.",
        )
        attack_steps: int = setting(
            1,
            label="Steps of the attack",
            ge=1,
            le=10,
            help="On each batch, from a random point. The cost of training grows with them.",
        )
        learning_rate: float = setting(
            0.1,
            label="Learning rate η",
            ge=1e-3,
            le=10,
            scale="log",
            live=True,
            help="At its peak, after two fifths of the run; it rises from 0 and falls to 0.",
        )
        weight_decay: float = setting(
            5e-4,
            label="Weight decay λ",
            ge=0,
            le=1,
            advanced=True,
            help="A small net that is attacked hardly overfits; it learns more with less decay.",
        )
        batch_size: int = setting(
            64, label="Batch size", ge=1, le=1024, scale="log", help="Pictures in one step."
        )
        epochs: int = setting(3, label="Epochs", ge=1, le=200, help="Rounds of the pictures.")
        data: cifar.Data = setting(
            "shipped",
            label="Pictures",
            choices=cifar.DATA,
            help="The whole set needs a download or a data folder, and a GPU or patience.",
        )
        pictures: int = setting(
            50_000,
            label="Training pictures",
            ge=64,
            le=50_000,
            scale="log",
            advanced=True,
            help="At most so many of those there are, from the first on.",
        )
        mixed: bool = setting(
            False,
            label="Half digits",
            advanced=True,
            help="Products in bfloat16, at twice the speed, where the processor knows it.",
        )
        twin: bool = setting(
            True,
            label="A plain twin",
            advanced=True,
            help="A second net that starts alike and learns from the same pictures unharmed.",
        )
        held_out: int = setting(
            200,
            label="Validation pictures",
            ge=50,
            le=5_000,
            scale="log",
            advanced=True,
            help="How many judge the nets, attacked and not.",
        )
        evaluate_every: int = setting(
            30, label="Steps between judgements", ge=1, le=1000, scale="log", advanced=True,
            help="The judging takes time: ten steps of attack on each picture.",
        )  # fmt: skip

        def check_work(self) -> None:
            """Raises ConfigError where a step would keep a CPU for long."""
            if self.batch_size * (self.attack_steps + 1) > MOST_AT_ONCE:
                raise ConfigError(
                    f"Batches of {self.batch_size:,} under {self.attack_steps} steps of attack take"
                    " a CPU too long; make the batches smaller, or the steps fewer."
                )
            if self.held_out > MOST_JUDGED:
                raise ConfigError(
                    f"To judge {self.held_out:,} pictures under attack takes a CPU too long;"
                    f" {MOST_JUDGED:,} validation pictures are the most."
                )

    SMOKE = Config(pictures=64, batch_size=8, epochs=1, held_out=50, evaluate_every=4)
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        if device.type == "cpu":
            config.check_work()
        self.train = cifar.load("train", config.data).first(config.pictures).to(device)
        self.held_out = cifar.load("validation", config.data).first(config.held_out).to(device)
        self.batch_size = min(config.batch_size, len(self.train))
        self.per_epoch = len(self.train) // self.batch_size
        self.total = config.epochs * self.per_epoch
        self.nets = {
            name: build(config.net, generator(config.seed)).to(device)
            for name in NETS
            if name == "robust" or config.twin
        }
        for net in self.nets.values():
            net.to(memory_format=torch.channels_last)
        parameters = [p for net in self.nets.values() for p in net.parameters()]
        self.optimizer = torch.optim.SGD(
            parameters, lr=0.0, momentum=0.9, nesterov=True, weight_decay=config.weight_decay
        )
        self.source = generator(config.seed + 1)  # of the batches
        self.chance = generator(config.seed + 2, device)  # of the attacks
        self.order = torch.randperm(len(self.train), generator=self.source)
        self.figures = torch.zeros(len(NETS), 2, dtype=torch.float64)  # untouched, attacked
        self.evaluate()

    def attacked(self, x: Tensor, target: Tensor) -> Tensor:
        """The pictures as the net minds them most, found in evaluation mode."""
        epsilon, steps = self.config.epsilon / BYTE, self.config.attack_steps
        alpha = epsilon * min(1.25, 2.5 / steps)
        net = self.nets["robust"].eval()
        with self.precision():
            moved = pgd(net, x, target, epsilon, alpha=alpha, steps=steps, source=self.chance)
        net.train()
        return moved

    def batch(self) -> tuple[Tensor, Tensor]:
        """The next pictures, half of them mirrored, in an order that changes with the epoch."""
        index = next_batch(self.order, self.source, self.steps, self.batch_size)
        index = index.to(self.device)
        return MIRRORED(self.train.images[index], self.source), self.train.labels[index]

    def step(self) -> Scalars | None:
        """Attack the batch, then descend: each net on its own pictures."""
        if self.steps == self.total:
            return None
        x, target = self.batch()
        pictures = {"plain": x, "robust": self.attacked(x, target)}
        with self.precision():
            losses = {
                name: cross_entropy(net.train()(channels_last(pictures[name])), target)
                for name, net in self.nets.items()
            }
        self.optimizer.param_groups[0]["lr"] = self.config.learning_rate * self.warmth()
        self.optimizer.zero_grad()
        torch.stack([*losses.values()]).sum().backward()  # each net has its own weights
        self.optimizer.step()
        self.steps += 1
        if self.steps % self.config.evaluate_every == 0 or self.steps == self.total:
            self.evaluate()
        return {f"{name}.loss": loss.detach() for name, loss in losses.items()} | self.scalars()

    def precision(self) -> torch.autocast:
        """Where products are computed in bfloat16, if they shall be."""
        mixed = self.config.mixed and knows_bfloat16(self.device)
        return torch.autocast(self.device.type, torch.bfloat16, enabled=mixed)

    def warmth(self) -> float:
        """The share of the learning rate at this step: up from 0, then down to it."""
        return float(np.interp((self.steps + 0.5) / self.total, (0, 0.4, 1), (0, 1, 0)))

    def evaluate(self) -> None:
        """Both nets on the validation pictures, untouched and under PGD."""
        x, target = cifar.pixels(self.held_out.images), self.held_out.labels
        epsilon = self.config.epsilon / BYTE
        for name, net in self.nets.items():
            source = generator(self.config.seed, self.device)  # alike at every judgement
            alive = under_pgd(
                net.eval(), x, target, (0.0, epsilon), alpha=0.25, steps=10, source=source
            )
            self.figures[NETS.index(name)] = alive.double().mean(1)

    def scalars(self) -> dict[str, float]:
        """Shares of the validation pictures that are right, untouched and attacked."""
        return {
            f"{name}.{what}": float(self.figures[NETS.index(name), column])
            for name in self.nets
            for column, what in enumerate(("accuracy", "attacked"))
        }

    def picture(self) -> Pictures:
        """What both nets look at.

        pictures: (18, 32, 32, 3), validation pictures, and ∂ℓ/∂x of the plain and the robust net
        filters: (64, 3, 3, 3), of the plain net, then of the robust one
        """
        shown = self.held_out.first(SHOWN)
        pictures, filters = [cifar.pixels(shown.images)], []
        for net in (self.nets.get(name, self.nets["robust"]) for name in NETS):
            was_training = net.training
            gradient = input_gradient(net.eval(), pictures[0], shown.labels)
            net.train(was_training)
            pictures.append(about_grey(gradient))
            filters.append(about_grey(net.filters()))
        return {
            "pictures": as_bytes(torch.cat(pictures)),
            "filters": as_bytes(torch.cat(filters)),
        }

    def words(self) -> str:
        """How good the nets are, attacked and not, and whether they are well."""
        epoch = f"Epoch {self.steps / self.per_epoch:.2f} of {self.config.epochs}"
        if not all(p.isfinite().all() for net in self.nets.values() for p in net.parameters()):
            return f"{epoch}: a net has diverged; take a smaller learning rate."
        (plain, broken), (clean, robust) = (100 * self.figures).tolist()
        words = (
            f"{epoch}: of attacked pictures (PGD-10, ε = {self.config.epsilon:g}/255) the net that"
            f" learns from such has {robust:.0f} % right"
        )
        if not self.config.twin:
            return f"{words}, of untouched ones {clean:.0f} %."
        words += f", the plain one {broken:.0f} %; of untouched ones"
        return f"{words} {clean:.0f} and {plain:.0f} %."

    def provenance(self) -> Mapping[str, str]:
        """Which pictures, from what start."""
        data = f"{len(self.train):,} training and {len(self.held_out):,} validation pictures"
        return {
            "data": f"{data} of {cifar.source(self.config.data)}",
            "weights": f"random, seed {self.config.seed}, the same for both nets",
        }

    def parts(self) -> Mapping[str, state.Part]:
        """The nets, what trains them, all chance, the last judgement."""
        return {
            **{("net" if name == "robust" else name): net for name, net in self.nets.items()},
            "optimizer": self.optimizer,
            "source": self.source,
            "chance": self.chance,
            "order": self.order,
            "figures": self.figures,
        }


def channels_last(x: Tensor) -> Tensor:
    """The memory layout in which convolutions are fastest."""
    return x.contiguous(memory_format=torch.channels_last)
