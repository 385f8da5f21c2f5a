"""A net that learns CIFAR-10, looked into: one picture's feature maps, and what stirs a channel."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pydantic
import torch
from jaxtyping import Float, UInt8
from torch import Tensor
from torch.nn.functional import softmax

from core.config import setting
from core.data import cifar, own
from core.data.pictures import load_photo, square
from core.experiment import Pictures, finite, to_array
from core.experiments.vision.cnn_training import MOST_SHOWN, CNNTraining, to_bytes
from core.nets.cnn.settings import TrainingConfig

Order = Literal["channel", *cifar.CLASSES]  # type: ignore[valid-type]


class CNNInside(CNNTraining):
    """One step is one batch, as in the training itself."""

    class Config(TrainingConfig):
        """Settings of the training, and what is looked at."""

        shown: int = setting(
            0, label="Picture", ge=0, le=999, live=True, help="Which validation picture to look at."
        )
        photo: str = setting("", label="Own picture", hidden=True, live=True, help="Its key.")
        layer: int = setting(
            1,
            label="Maps of layer",
            ge=1,
            le=18,
            live=True,
            help="At most the last one.",
        )
        order: Order = setting(
            "channel",
            label="Channels by",
            live=True,
            choices={"channel": "their number"}
            | {c: f"their liking for {c}" for c in cifar.CLASSES},
            help="The order of channels in the table of norms.",
        )
        _kept = pydantic.field_validator("photo")(own.names_data(""))

    SMOKE = Config(pictures=96, held_out=60, batch_size=16, epochs=2)
    config: Config

    def picture(self) -> Pictures:
        """The net as it is now, and what the last round of validation found.

        filters: (≤ 64, k, k, 3), the first layer's, each from its least to its largest weight
        picture: (1, 32, 32, 3); maps: (≤ 64, h, w), what the layer chosen makes of it
        classes: (10,), how probable each class is for it
        first, later: (10, channels), norms by class, over their mean over the classes
        """
        chosen = self.chosen()
        with torch.no_grad():
            outputs = self.net.activations(cifar.pixels(chosen))
            likely = softmax(self.net.head(outputs[-1]).float(), dim=1)[0]
        maps = outputs[min(self.config.layer, len(outputs)) - 1][0]
        return {
            "filters": super().picture()["filters"],
            "picture": to_array(chosen.permute(0, 2, 3, 1)),
            "maps": to_bytes(maps[:MOST_SHOWN]),
            "classes": finite(to_array(likely)),
            "first": self.norms("first"),
            "later": self.norms("later"),
        }

    def chosen(self) -> UInt8[Tensor, "1 3 32 32"]:
        """The picture looked at."""
        if self.config.photo:
            pixels = square(load_photo(self.config.photo).pixels, cifar.SIDE)
            return torch.from_numpy(pixels).permute(2, 0, 1)[None].to(self.device)
        at = self.config.shown % len(self.held_out)
        return self.held_out.images[at : at + 1]

    def norms(self, which: str) -> Float[np.ndarray, "classes channels"]:
        """Above 0 where a class stirs a channel more than classes do on average."""
        norms = to_array(self.exam.norms(which))
        mean = norms.mean(axis=0)
        over = np.where(mean > 0, norms / np.where(mean > 0, mean, 1), 1) - 1
        if self.config.order != "channel":
            liking = over[cifar.CLASSES.index(self.config.order)]
            over = over[:, np.argsort(-liking, kind="stable")]
        return finite(over)
