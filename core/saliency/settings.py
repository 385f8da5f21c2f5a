"""What all experiments on a net and a picture let one choose: the net, the picture, the class."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import numpy as np
import pydantic
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from core import config
from core.config import ConfigError, clip, setting
from core.data import cifar, own
from core.data.pictures import SHIPPED, Photo, load_photo, square
from core.nets import pretrained
from core.nets.pretrained import ON_CIFAR, ON_IMAGENET, Pretrained

Class = Literal[
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
]  # fmt: skip
Target = Literal["answer", Class]


class NetSettings(config.Config):
    """Which net."""

    net: pretrained.Name = setting(
        "cifar_small",
        label="Net",
        choices=pretrained.NAMES,
        help="Two come with the laboratory; those of torchvision are fetched when chosen.",
    )

    def load_net(self, device: torch.device) -> Pretrained:
        """The net. Raises ConfigError where its weights cannot be had."""
        return pretrained.load(self.net, device)


class ClassSettings(NetSettings):
    """A net, and one of its classes."""

    target: Target = setting(
        "answer",
        label="Class",
        choices={"answer": "the net's own answer"} | {name: name for name in cifar.CLASSES},
        when=("net", ON_CIFAR),
        help="Whose score is asked for.",
    )
    imagenet_target: str = setting(
        "",
        label="Class",
        max_length=40,
        when=("net", ON_IMAGENET),
        help="One of ImageNet's thousand by name, such as goldfish; empty: the net's own answer.",
    )

    def find_class(self, classes: Sequence[str], answer: int) -> int:
        """The index of the class asked for; `answer`, the net's, if none. Raises ConfigError."""
        if self.net in ON_IMAGENET:
            name = self.imagenet_target.strip()
            return find_class(classes, name) if name else answer
        return answer if self.target == "answer" else classes.index(self.target)


class PictureSettings(config.Config):
    """Which picture a classifier looks at."""

    picture: Literal["cifar", "china", "flower"] = setting(
        "cifar",
        label="Picture",
        choices={"cifar": "CIFAR-10, validation"} | SHIPPED,
        when=("photo", ""),
        help="A photo is cut square and made as small as the net's own pictures.",
    )
    index: int = setting(
        0,
        label="Which",
        ge=0,
        le=999,
        when=("picture", "cifar"),
        help="Of the first thousand validation pictures.",
    )
    photo: Annotated[str, pydantic.AfterValidator(own.names_data(""))] = setting(
        "", label="Photo", max_length=32, hidden=True, help="One's own picture."
    )

    def load_picture(self, side: int) -> tuple[Float[Tensor, "1 3 side side"], str]:
        """The picture in [0, 1], and where it is from."""
        if self.photo or self.picture != "cifar":
            photo = load_photo(self.photo or self.picture)
            return to_tensor(square(photo.pixels, side)), photo.source
        shown = cifar.load("validation")
        image = shown.images[self.index].permute(1, 2, 0).numpy()
        name = cifar.CLASSES[int(shown.labels[self.index])]
        words = f"{name}: validation picture {self.index} of {cifar.source()}"
        return to_tensor(square(image, side)), words


class PhotoSettings(config.Config):
    """Which photo is changed."""

    picture: Literal["china", "flower"] = setting(
        "china", label="Photo", choices=SHIPPED, when=("photo", ""), help="What is begun with."
    )
    photo: Annotated[str, pydantic.AfterValidator(own.names_data(""))] = setting(
        "", label="Own photo", max_length=32, hidden=True, help="One's own picture."
    )

    def load_photo(self) -> Photo:
        """The photo. Raises ConfigError where one's own is no longer here."""
        return load_photo(self.photo or self.picture)


def jitter_setting(pixels: int) -> Any:
    """The setting of how far a climb shifts its picture, with its default."""
    return setting(
        pixels,
        label="Jitter",
        unit="pixels",
        ge=0,
        le=32,
        live=True,
        help="How far, at most, the picture is shifted before each step, around its edges.",
    )


def find_class(classes: Sequence[str], name: str) -> int:
    """By its name, or by a word of it. Raises ConfigError that names what is like it."""
    lower = [known.lower() for known in classes]
    wanted = name.lower()
    if wanted in lower:
        return lower.index(wanted)
    if holding := [index for index, known in enumerate(lower) if wanted in known.split()]:
        return holding[0]
    near = difflib.get_close_matches(wanted, lower, 3, 0) or lower[:3]
    raise ConfigError(f"The net knows no class “{clip(name)}”; try {', '.join(near)}.")


def to_tensor(pixels: UInt8[np.ndarray, "rows columns 3"]) -> Float[Tensor, "1 3 rows columns"]:
    """Bytes as a batch of one picture in [0, 1]."""
    return torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].contiguous().float() / 255


def to_bytes(
    x: Float[Tensor, "pictures 3 rows columns"], side: int = 256
) -> UInt8[np.ndarray, "pictures _ _ 3"]:
    """Pictures in [0, 1] for the stage, averaged down to at most `side` where they are larger."""
    x = x.detach()
    if (factor := -(-max(x.shape[-2:]) // side)) > 1:
        x = torch.nn.functional.avg_pool2d(x, factor)
    bytes_ = (x * 255).round().clamp(0, 255).to("cpu", torch.uint8)
    return np.ascontiguousarray(bytes_.permute(0, 2, 3, 1).numpy())
