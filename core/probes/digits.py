"""The judge of drawn digits: a small CNN that learnt from real ones alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, interpolate

from core import checkpoints
from core.config import ConfigError, generator
from core.data import mnist
from core.data.binary_digits import INK
from core.nets.small_cnn import small_cnn

Form = Literal["whole", "half", "black_and_white"]
FORMS: tuple[Form, ...] = ("whole", "half", "black_and_white")


def shown_as(images: Float[Tensor, "n 1 28 28"], form: Form) -> Float[Tensor, "n 1 side side"]:
    """Digits with ink from 0 to 1 as they are, at half size, or so in black and white."""
    if form == "whole":
        return images
    half = avg_pool2d(images, 2)
    return half if form == "half" else (half > INK).float()


class DigitJudge(nn.Module):
    """Reads digits of 28 × 28, and those of 14 × 14 with each pixel doubled."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    @classmethod
    def of(cls, saved: Mapping[str, Tensor]) -> DigitJudge:
        """The `net.` of a run's state, or of shipped weights. Raises ConfigError."""
        net = small_cnn(generator(0))
        mine = {key.removeprefix("net."): saved[key] for key in saved if key.startswith("net.")}
        try:
            net.load_state_dict(mine)
        except RuntimeError:
            raise ConfigError("These weights are no judge's of digits; train one here.") from None
        return cls(net.eval().requires_grad_(False))

    @classmethod
    def shipped(cls) -> DigitJudge:
        """The one that ships."""
        return cls.of(checkpoints.shipped("digit_judge"))

    def forward(self, images: Float[Tensor, "n 1 side side"]) -> Float[Tensor, "n 10"]:
        """Logits of digits with ink from 0 to 1."""
        if images.shape[-1] == 14:
            images = interpolate(images, scale_factor=2.0)
        logits: Tensor = self.net(images)
        return logits


@torch.no_grad()
def accuracies(judge: DigitJudge, split: mnist.Split) -> dict[str, float]:
    """The share of a split's digits that it reads rightly, in each form."""
    digits = mnist.load(split)
    images = torch.from_numpy(digits.images[:, None].copy()).float() / 255
    labels = torch.from_numpy(digits.labels.copy()).long()
    device = next(judge.parameters()).device
    right: dict[str, float] = dict.fromkeys(FORMS, 0.0)
    for part, truth in zip(images.split(1_000), labels.split(1_000), strict=True):
        for form in FORMS:
            taken = judge(shown_as(part.to(device), form)).argmax(1).cpu()
            right[form] += float((taken == truth).sum()) / len(labels)
    return right
