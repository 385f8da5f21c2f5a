"""One picture and what augmentation makes of it, with what a trained net takes each for."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pydantic
import torch
from torch import Tensor
from torch.nn.functional import softmax

from core import config, state
from core.config import generator, setting
from core.data import cifar, own
from core.data.augmentation import Augmentation
from core.data.pictures import load_photo, square
from core.experiment import CPU, Experiment, Pictures, Scalars, to_array
from core.nets.cnn.trained import classifier, provenance

VARIANTS = 12


class CNNAugmentation(Experiment):
    """One step makes twelve variants."""

    class Config(config.Config):
        """Settings of the variants."""

        shown: int = setting(
            3, label="Picture", ge=0, le=999, live=True, help="Of the validation pictures."
        )
        photo: str = setting("", label="Own picture", hidden=True, help="Its key.")
        flip: bool = setting(True, label="Mirror", live=True, help="Every second picture.")
        shift: int = setting(
            4, label="Shift", ge=0, le=16, unit="px", live=True, help="At most, reflecting edges."
        )
        jitter: float = setting(
            0.3,
            label="Colour jitter",
            ge=0,
            le=1,
            live=True,
            help="Brightness, contrast and saturation change by at most this share.",
        )
        rounds: int = setting(
            100, label="Rounds", ge=1, le=1000, advanced=True, help="Of twelve variants each."
        )

        _kept = pydantic.field_validator("photo")(own.names_data(""))

    SMOKE = Config(rounds=4)
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        self.total = config.rounds
        self.net = classifier("cifar_small").to(device)
        self.pictures = cifar.load("validation")
        self.source = generator(config.seed)
        self.variants = torch.zeros(VARIANTS, 3, cifar.SIDE, cifar.SIDE)
        self.likely = torch.zeros(VARIANTS, len(cifar.CLASSES))
        self.sum = torch.zeros(3, cifar.SIDE, cifar.SIDE)  # of the variants since `since`
        self.since = torch.tensor(0)  # the first round of this picture with these settings
        self.key = self.settings()

    def settings(self) -> tuple[object, ...]:
        """What, when it changes, makes the mean begin anew."""
        c = self.config
        return c.shown, c.flip, c.shift, c.jitter

    @torch.no_grad()
    def step(self) -> Scalars | None:
        """The share of variants that are taken for the same as the picture itself."""
        if self.steps == self.total:
            return None
        if self.settings() != self.key:
            self.key = self.settings()
            self.since.fill_(self.steps)
            self.sum.zero_()
        config = self.config
        augment = Augmentation(config.flip, config.shift, config.jitter)
        batch = self.chosen().expand(VARIANTS, -1, -1, -1)
        self.variants.copy_(augment(batch, self.source))
        self.sum += self.variants.sum(dim=0)
        self.likely.copy_(self.judge(self.variants))
        self.steps += 1
        same = self.likely.argmax(1) == self.judge(cifar.pixels(self.chosen())).argmax(1)
        return {"same": float(same.float().mean())}

    def chosen(self) -> Tensor:
        """The picture: (1, 3, 32, 32), bytes."""
        if self.config.photo:
            pixels = square(load_photo(self.config.photo).pixels, cifar.SIDE)
            return torch.from_numpy(pixels).permute(2, 0, 1)[None]
        return self.pictures.images[self.config.shown :][:1]

    @torch.no_grad()
    def judge(self, x: Tensor) -> Tensor:
        """Probabilities of the ten classes by the shipped net."""
        return softmax(self.net(x.to(self.device)), dim=1).cpu()

    def picture(self) -> Pictures:
        """The picture, its variants, their mean.

        picture, mean: (1, 32, 32, 3); variants: (12, 32, 32, 3)
        verdicts: (12,) and verdict: (1,), what each is taken for and how surely
        """
        count = max(1, VARIANTS * (self.steps - int(self.since)))
        chosen = self.chosen()
        return {
            "picture": to_array(chosen.permute(0, 2, 3, 1)),
            "verdict": verdicts(self.judge(cifar.pixels(chosen))),
            "variants": bytes_of(self.variants),
            "verdicts": verdicts(self.likely),
            "mean": bytes_of(self.sum[None] / count),
        }

    def words(self) -> str:
        """What the net takes the picture and its variants for."""
        likely = self.judge(cifar.pixels(self.chosen()))[0]
        verdict = cifar.CLASSES[int(likely.argmax())]
        first = f"The shipped net takes it for: {verdict}, {100 * float(likely.max()):.0f} %."
        if not self.config.photo:
            first = f"This is: {cifar.CLASSES[self.pictures.labels[self.config.shown]]}. " + first
        if not self.steps:
            return first
        same = int((self.likely.argmax(1) == likely.argmax()).sum())
        return f"{first} So it does {same} of these {VARIANTS} variants."

    def provenance(self) -> Mapping[str, str]:
        """Which picture, and who judges."""
        source = "a picture of your own" if self.config.photo else cifar.source()
        return {"data": source, "weights": provenance("cifar_small")}

    def parts(self) -> Mapping[str, state.Part]:
        """The last variants, their sum, the source of chance."""
        return {
            "source": self.source,
            "variants": self.variants,
            "likely": self.likely,
            "sum": self.sum,
            "since": self.since,
        }


def verdicts(likely: Tensor) -> np.ndarray:
    """Such as "cat 93 %", for each row of probabilities; blank for rows of zeros."""
    best, at = likely.max(dim=1)
    pairs = zip(best.tolist(), at.tolist(), strict=True)
    return np.array([f"{cifar.CLASSES[i]} {100 * p:.0f} %" if p else "" for p, i in pairs])


def bytes_of(x: Tensor) -> np.ndarray:
    """Pixels (n, 3, h, w) from 0 to 1 as (n, h, w, 3) bytes."""
    return to_array((255 * x).round().to(torch.uint8).permute(0, 2, 3, 1))
