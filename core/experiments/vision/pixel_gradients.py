"""What each pixel does to the loss: gradients of pictures that a net has right and has wrong."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from core import config, state
from core.attacks import input_gradient
from core.attacks.balls import length
from core.config import setting
from core.data import cifar
from core.experiment import CPU, Experiment, Pictures, Scalars, to_array
from core.experiments.vision.attack_picture import MODELS, Model
from core.nets.cnn.trained import classifier, provenance
from core.probes.rgb import about_grey, as_bytes

SHOWN = 5  # right and wrong ones each


class PixelGradients(Experiment):
    """One step is a few pictures more."""

    class Config(config.Config):
        """Which net, which pictures, how drawn."""

        model: Model = setting(
            "cifar_small",
            label="Net",
            choices=MODELS,
            help="The same architecture, trained as usual or on attacked pictures.",
        )
        pictures: int = setting(
            500,
            label="Pictures",
            ge=10,
            le=5_000,
            scale="log",
            help="Of the 5,000 test pictures that ship, from the first on.",
        )
        batch_size: int = setting(
            5, label="Pictures in a step", ge=1, le=500, scale="log", help="Looked at together."
        )
        own_scale: bool = setting(
            False,
            label="Each at its own scale",
            live=True,
            help="Gradients are drawn over the largest value of all ten, or each over its own.",
        )

    SMOKE = Config(pictures=20, batch_size=2)
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        self.test = cifar.load("test").first(config.pictures).to(device)
        self.total = -(-len(self.test) // config.batch_size)
        self.net = classifier(config.model).to(device)
        count = len(self.test)
        self.truth = torch.zeros(count)  # the probability of the true class
        self.lengths = torch.zeros(count)  # of ∂ℓ/∂x
        self.taken = torch.full((count,), -1)  # the class it is taken for; −1: not seen yet

    def step(self) -> Scalars | None:
        """The gradients of the next pictures."""
        if self.steps == self.total:
            return None
        batch = slice(self.steps * self.config.batch_size, self.seen(self.steps + 1))
        images, labels = cifar.pixels(self.test.images[batch]), self.test.labels[batch]
        with torch.no_grad():
            p = self.net(images).softmax(1)
        self.truth[batch] = p.gather(1, labels[:, None])[:, 0].cpu()
        self.taken[batch] = p.argmax(1).cpu()
        self.lengths[batch] = length(input_gradient(self.net, images, labels)).flatten().cpu()
        self.steps += 1
        right, wrong = self.medians()
        return {"right": right, "wrong": wrong}

    def seen(self, steps: int) -> int:
        """How many pictures so many steps take."""
        return min(steps * self.config.batch_size, len(self.test))

    def is_right(self) -> Tensor:
        """Of all pictures; those not seen yet are neither this nor `is_wrong`."""
        return self.taken == self.test.labels.cpu()

    def is_wrong(self) -> Tensor:
        """Seen, and taken for something else."""
        return (self.taken >= 0) & ~self.is_right()

    def medians(self) -> tuple[float, float]:
        """Lengths of the gradients of right and of wrong pictures; NaN where there are none."""
        found = [self.lengths[who] for who in (self.is_right(), self.is_wrong())]
        right, wrong = (float(each.median()) if len(each) else math.nan for each in found)
        return right, wrong

    def picture(self) -> Pictures:
        """The last five right and wrong pictures with their gradients, and all seen as points.

        images, gradients: (10, 32, 32, 3), first the right ones; captions: (10,)
        right, wrong: (pictures, 2), the true class's probability and the gradient's length
        """
        chosen = [who.nonzero().flatten()[-SHOWN:] for who in (self.is_right(), self.is_wrong())]
        index = torch.cat(chosen).to(self.device)
        rows = [row * SHOWN + at for row, who in enumerate(chosen) for at in range(len(who))]
        x = cifar.pixels(self.test.images[index])
        gradient = input_gradient(self.net, x, self.test.labels[index])
        common = rows and not self.config.own_scale
        largest = gradient.abs().amax().reshape(1, 1, 1, 1) if common else None
        images = np.full((2, 2 * SHOWN, cifar.SIDE, cifar.SIDE, 3), 127, np.uint8)
        images[0, rows], images[1, rows] = as_bytes(x), as_bytes(about_grey(gradient, largest))
        captions = [""] * (2 * SHOWN)
        for row, at in zip(rows, index.tolist(), strict=True):
            captions[row] = self.caption(at)
        return {
            "images": images[0].copy(),
            "gradients": images[1].copy(),
            "captions": np.array(captions),
            "right": self.points(self.is_right()),
            "wrong": self.points(self.is_wrong()),
        }

    def caption(self, index: int) -> str:
        """Such as "cat", or "cat as dog" where the net is wrong."""
        truth, taken = int(self.test.labels[index]), int(self.taken[index])
        name = cifar.SHORT[truth]
        return name if taken == truth else f"{name} as {cifar.SHORT[taken]}"

    def points(self, who: Tensor) -> np.ndarray:
        """(pictures, 2), NaN where `who` is not."""
        points = torch.stack([self.truth, self.lengths.clamp(min=1e-6)], 1)
        return to_array(torch.where(who[:, None], points, torch.nan))

    def words(self) -> str:
        """How long the gradients are."""
        right, wrong = int(self.is_right().sum()), int(self.is_wrong().sum())
        if not right or not wrong:
            return f"{self.seen(self.steps)} of {len(self.test):,} pictures seen."
        short, long = self.medians()
        return (
            f"Of {right + wrong:,} pictures {right:,} are right and {wrong:,} wrong; half of the"
            f" right ones have a gradient of less than {short:.2g}, half of the wrong ones of more"
            f" than {long:.2g}, {long / max(short, 1e-6):.0f} times as long."
        )

    def provenance(self) -> Mapping[str, str]:
        """Which pictures, which net."""
        data = f"{len(self.test):,} test pictures of {cifar.source()}"
        return {"data": data, "weights": provenance(self.config.model)}

    def parts(self) -> Mapping[str, state.Part]:
        """What is known of each picture."""
        return {"truth": self.truth, "lengths": self.lengths, "taken": self.taken}
