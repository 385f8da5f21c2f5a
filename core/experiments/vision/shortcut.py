"""A net may learn what a picture shows, or read the digit in its corner, which nearly tells it.

Geirhos et al. (2020) call it shortcut learning. On validation pictures no digit is the label, so
that what is named by the digit is wrong.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import cross_entropy

from core import config, state
from core.config import generator, setting
from core.data import cifar
from core.data.batches import next_batch
from core.data.composites import (
    CORNER,
    SIDE,
    Corner,
    add_noise,
    compose,
    digits_for,
    draw_ink,
    erase,
    held_out,
    mirror,
    treat_corner,
)
from core.data.mnist import SOURCE
from core.experiment import CPU, Experiment, Pictures, Scalars, finite, to_array
from core.nets.cnn.large_first import large_first
from core.optim.cosine import half_cosine
from core.probes.exam import Exam
from core.saliency.saliency import saliency

SHOWN = 6  # pictures
AREA = CORNER**2 / SIDE**2  # of a picture, the digit's
Class = Literal[*cifar.CLASSES]  # type: ignore[valid-type]


class Shortcut(Experiment):
    """One step is one batch."""

    class Config(config.Config):
        """Settings of the composites and of the training."""

        agreement: float = setting(
            0.9,
            label="Agreement",
            ge=0,
            le=1,
            live=True,
            help="How often a training picture's digit is its label. In validation it never is.",
        )
        corner: Corner = setting(
            "keep",
            label="The digit's corner",
            live=True,
            choices={
                "keep": "left alone",
                "shuffle": "exchanged in batch",
                "erase": "made black",
            },
            help="A cure that knows where the shortcut lies. Of training pictures only.",
        )
        flip: bool = setting(True, label="Mirror", live=True, help="Every second picture.")
        erase: float = setting(
            0.0,
            label="Erasing",
            ge=0,
            le=1,
            live=True,
            help="The share of pictures in which a rectangle, anywhere, becomes noise.",
        )
        noise: float = setting(
            0.0,
            label="Noise σ",
            ge=0,
            le=0.5,
            live=True,
            help="On every pixel, which goes from 0 to 1.",
        )
        learning_rate: float = setting(
            0.01,
            label="Learning rate η",
            ge=1e-5,
            le=1,
            scale="log",
            live=True,
            help="Of Adam; it falls to 0 along a cosine.",
        )
        epochs: int = setting(6, label="Epochs", ge=1, le=200, scale="log", help="Rounds.")
        shown: Class = setting(
            "cat",
            label="Norms of",
            choices={c: c for c in cifar.CLASSES},
            live=True,
            help="The class whose pictures stir the channels.",
        )
        data: cifar.Data = setting(
            "shipped",
            label="Data",
            choices=cifar.DATA,
            advanced=True,
            help="The whole set is fetched once, or read from a data folder.",
        )
        pictures: int = setting(
            45_000,
            label="Training pictures",
            ge=50,
            le=45_000,
            scale="log",
            advanced=True,
            help="At most; the shipped part has 9,000.",
        )
        batch_size: int = setting(
            128, label="Batch size", ge=2, le=2048, scale="log", advanced=True, help="Pictures."
        )
        smoothing: float = setting(
            0.1,
            label="Label smoothing",
            ge=0,
            le=0.9,
            advanced=True,
            help="Probability that the target spreads over all classes.",
        )

    SMOKE = Config(pictures=96, batch_size=16, epochs=2)
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        self.train = cifar.load("train", config.data).first(config.pictures).to(device)
        pictures, self.digits = held_out(config.data, 10 * config.pictures)
        self.held_out, self.digits = pictures.to(device), self.digits.to(device)
        self.batch_size = min(config.batch_size, len(self.train))
        self.per_epoch = len(self.train) // self.batch_size
        self.total = config.epochs * self.per_epoch
        self.net = large_first(generator(config.seed)).to(device)
        self.net.to(memory_format=torch.channels_last).eval()
        self.exam = Exam(self.net, self.held_out, (0, 4))
        self.optimizer = torch.optim.Adam(self.net.parameters(), config.learning_rate)
        self.source = generator(config.seed + 1)
        self.order = torch.randperm(len(self.train), generator=self.source)
        self.recent = torch.zeros(2, device=device)  # running means: loss, share right
        self.exam.begin(self.net)

    def batch(self) -> tuple[Tensor, Tensor]:
        """The next pictures, each with a digit, changed as the settings say, and their labels."""
        now, source = self.config, self.source
        index = next_batch(self.order, source, self.steps, self.batch_size).to(self.device)
        labels = self.train.labels[index]
        ink = draw_ink(digits_for(labels, now.agreement, source), "train", source)
        images = compose(self.train.images[index], ink.to(self.device))
        images = treat_corner(images, now.corner, source)
        if now.flip:
            images = mirror(images, source)
        x = cifar.pixels(images)
        if now.erase:
            x = erase(x, now.erase, source)
        return (add_noise(x, now.noise, source) if now.noise else x), labels

    def step(self) -> Scalars | None:
        """Running means over the batches, and figures of the last round of validation."""
        if self.steps == self.total:
            return None
        x, target = self.batch()
        rate = self.rate()
        self.optimizer.param_groups[0]["lr"] = rate
        self.net.train()
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.device.type == "cuda"):
            logits = self.net(x.contiguous(memory_format=torch.channels_last))
        self.net.eval()
        loss = cross_entropy(logits.float(), target, label_smoothing=self.config.smoothing)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.steps += 1
        self._remember(loss.detach(), (logits.argmax(1) == target).float().mean())
        self.exam.follow(self.net, self.steps, self.total, self.batch_size)
        return self.scalars() | {"rate": rate}

    def rate(self) -> float:
        """The learning rate of the next step, from the whole of it down to nearly 0."""
        return self.config.learning_rate * half_cosine(self.steps, self.total)

    @torch.no_grad()
    def _remember(self, loss: Tensor, right: Tensor) -> None:
        """Means over about the last 20 batches."""
        self.recent += max(1 / self.steps, 0.05) * (torch.stack([loss, right]) - self.recent)

    def towards(self, labels: Tensor) -> Tensor:
        """The share of validation pictures that are taken for these labels."""
        return (self.exam.found["predicted"] == labels).float().mean()

    def scalars(self) -> dict[str, float | Tensor]:
        """The loss, and the share of pictures named right, by the picture and by the digit."""
        known = bool(self.exam.rounds)
        return {
            "loss": self.recent[0].clone(),
            "right": self.recent[1].clone(),
            "image": self.towards(self.held_out.labels) if known else math.nan,
            "digit": self.towards(self.digits) if known else math.nan,
        }

    def picture(self) -> Pictures:
        """The net as it is now, and what the last round of validation found.

        filters: (16, 7, 7, 3), about zero
        norms_first, norms_fifth: (16,) and (80,), of channels over pictures of the class shown
        shown: (6, 40, 40, 3), validation pictures; saliency: (6, 40, 40), how much a pixel counts
        for the class they are taken for; taken: (6,), for what, and what says so
        """
        images = self.held_out.images[:SHOWN]
        guesses, map_ = self.look(SHOWN)
        brightest = map_.amax(dim=(1, 2), keepdim=True).clamp(min=1e-12)
        return {
            "filters": finite(to_array(self.net.filters().permute(0, 2, 3, 1))),
            "norms_first": self.norms("first"),
            "norms_fifth": self.norms("later"),
            "shown": to_array(images.permute(0, 2, 3, 1)),
            "saliency": to_array((255 * (map_ / brightest).nan_to_num()).to(torch.uint8)),
            "taken": np.array([self.caption(at, guess) for at, guess in enumerate(guesses)]),
        }

    def look(self, count: int) -> tuple[list[int], Float[Tensor, "pictures 40 40"]]:
        """What the first validation pictures are taken for, and how much each pixel counts."""
        x = cifar.pixels(self.held_out.images[:count])
        with torch.no_grad():
            guesses = self.net(x).argmax(1)
        return guesses.tolist(), saliency(self.net, x, guesses)

    def caption(self, at: int, guess: int) -> str:
        """What a picture is taken for: "cat ✓" where it shows one, "3: cat" where it has a 3."""
        name = cifar.SHORT[guess]
        if guess == int(self.held_out.labels[at]):
            return f"{name} ✓"
        return f"{guess}: {name}" if guess == int(self.digits[at]) else name

    def norms(self, which: str) -> np.ndarray:
        """The mean norm of each channel for the class shown, over the mean of them all."""
        norms = self.exam.norms(which)[cifar.CLASSES.index(self.config.shown)]
        return finite(to_array(norms / norms.mean().clamp(min=1e-12)))

    def words(self) -> str:
        """Who names the pictures, and where the net looks."""
        epoch = f"Epoch {self.steps / self.per_epoch:.1f} of {self.config.epochs}"
        loss, right = self.recent.tolist()
        if not math.isfinite(loss):
            return f"{epoch}: the net has diverged; take a smaller learning rate."
        if not self.exam.rounds:
            how = "the first round of validation is under way" if self.steps else "not begun"
            return f"{epoch}: {how}."
        image, digit = (100 * float(self.towards(y)) for y in (self.held_out.labels, self.digits))
        words = (
            f"{epoch}: {image:.1f} % of {len(self.digits):,} validation pictures are taken for what"
            f" they show, {digit:.1f} % for their digit; {100 * right:.0f} % right in training."
        )
        if digit > max(image, 30):
            return f"{words} The net has taken the shortcut."
        by_chance = (100 - image) / 9  # of the nine wrong classes, one is the digit's
        if digit < 1.5 * by_chance and image > 30:
            return f"{words} The digit is ignored: mistakes alone hit it in {by_chance:.1f} %."
        return words

    def provenance(self) -> Mapping[str, str]:
        """Which pictures and digits, from what start."""
        seen = f"{len(self.train):,} training and {len(self.digits):,} validation pictures"
        return {
            "data": f"{seen} of {cifar.source(self.config.data)}, with digits of {SOURCE}",
            "weights": f"random, seed {self.config.seed}",
        }

    def parts(self) -> Mapping[str, state.Part]:
        """The net, what trains it, the order of pictures, the examination."""
        return {
            "net": self.net,
            "optimizer": self.optimizer,
            "source": self.source,
            "order": self.order,
            "recent": self.recent,
            **self.exam.parts(),
        }
