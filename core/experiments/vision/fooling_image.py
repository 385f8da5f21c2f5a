"""A picture is changed, hardly visibly, until a net takes it for whatever one likes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from core import state
from core.config import setting
from core.data import cifar
from core.experiment import CPU, Experiment, Pictures, Scalars, to_array
from core.nets.pretrained import ON_CIFAR, ON_IMAGENET
from core.saliency.fooling import fooling_step
from core.saliency.settings import Class, ClassSettings, PictureSettings, to_bytes

GUESSES = 5  # of the net at first, whose probabilities are shown
SHOWN = 112  # pixels of a side, at most
MOST_STEPS = 500


class FoolingImage(Experiment):
    """One step is a short step up the slope of the wrong class's score."""

    class Config(PictureSettings, ClassSettings):
        """Settings of the climb."""

        target: Class = setting(
            "ship",
            label="Wrong class",
            choices={name: name for name in cifar.CLASSES},
            when=("net", ON_CIFAR),
            help="What the net shall take the picture for.",
        )
        imagenet_target: str = setting(
            "goldfish",
            label="Wrong class",
            max_length=40,
            when=("net", ON_IMAGENET),
            help="One of ImageNet's thousand, by name.",
        )
        step_size: float = setting(
            0.2,
            label="Step",
            unit="of 255",
            ge=0.01,
            le=20,
            scale="log",
            live=True,
            help="Root mean square of what a step changes, in shades of 255.",
        )
        certainty: float = setting(
            0.95,
            label="Until certain",
            ge=0.1,
            le=0.999,
            live=True,
            help="The probability of the wrong class at which the climb ends.",
        )

    SMOKE = Config(step_size=0.05)
    config: Config

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        self.model = config.load_net(device)
        x, self.source = config.load_picture(self.model.side)
        self.original = x.to(device)
        self.x = self.original.clone()
        chances = self.model.net(self.x).softmax(1)[0].cpu()
        self.answer = int(chances.argmax())
        wrong = config.find_class(self.model.classes, self.answer)
        self.target = torch.tensor([wrong], device=device)
        guesses = [index for index in chances.topk(GUESSES).indices.tolist() if index != wrong]
        self.shown = [wrong, *guesses]
        self.chances = chances[self.shown]

    def step(self) -> Scalars | None:
        """Probabilities of the wrong class and of the first answer; root mean square change."""
        fooled = float(self.chances[0]) >= self.config.certainty
        if fooled or self.steps == MOST_STEPS or self.shown[0] == self.answer:
            return None
        length = self.config.step_size / 255
        self.x.copy_(fooling_step(self.model.net, self.x, self.target, length))
        self.chances.copy_(self.model.net(self.x).softmax(1)[0, self.shown])
        self.steps += 1
        return self.scalars()

    def initial(self) -> Scalars:
        """Of the picture as it is."""
        return self.scalars()

    def change(self) -> Tensor:
        """What was added to the picture, in shades of 255."""
        return 255 * (self.x - self.original)

    def scalars(self) -> dict[str, float]:
        """How far the net is fooled, and how far the picture is changed."""
        wrong, *guesses = self.chances.tolist()
        return {
            "wrong": wrong,
            "answer": guesses[0] if self.shown[0] != self.answer else wrong,
            "change": float(self.change().square().mean().sqrt()),
        }

    def picture(self) -> Pictures:
        """now and change: (1, h, w, 3), the latter about grey and magnified; chances: (≤ 6,)."""
        change = self.change()
        largest = float(change.abs().max().clamp_min(1e-12))
        factor = 127 / largest if self.steps else 1.0
        return {
            "now": to_bytes(self.x, SHOWN),
            "change": to_bytes(0.5 + change * factor / 255, SHOWN),
            "magnified": np.array([f"× {factor:.0f}"]),
            "chances": to_array(self.chances),
        }

    def backdrop(self) -> Pictures:
        """The picture as it was, (1, h, w, 3), and the names of the classes shown."""
        return {
            "before": to_bytes(self.original, SHOWN),
            "classes": np.array([self.model.classes[index] for index in self.shown]),
        }

    def words(self) -> str:
        """What the net takes the picture for, and how much of it is changed."""
        wrong, answer = (self.model.classes[index] for index in (self.shown[0], self.answer))
        if self.shown[0] == self.answer:
            return f"The net says “{answer}” already; choose a class that is wrong."
        now = self.scalars()
        if self.steps == 0:
            return (
                f"The net says “{answer}” with {100 * now['answer']:.1f} %, and “{wrong}” with"
                f" {100 * now['wrong']:.2g} %."
            )
        steps = "1 step" if self.steps == 1 else f"{self.steps} steps"
        words = (
            f"After {steps}, {now['change']:.2f} shades of 255 away (root mean"
            f" square), the net says “{wrong}” with {100 * now['wrong']:.1f} %, “{answer}” with"
            f" {100 * now['answer']:.1f} %."
        )
        if now["wrong"] >= self.config.certainty:
            words += " It is fooled."
        elif self.steps == MOST_STEPS:
            words += " It was not to be fooled so; take a longer step."
        return words

    def provenance(self) -> Mapping[str, str]:
        """Which picture, which net."""
        return {"data": self.source, "weights": self.model.weights}

    def parts(self) -> Mapping[str, state.Part]:
        """The picture as it is now, and what the net says of it."""
        return {"x": self.x, "chances": self.chances}
