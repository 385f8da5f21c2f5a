"""What style transfer and feature inversion let one choose alike."""

from __future__ import annotations

from typing import Annotated, Literal

import pydantic
import torch
from jaxtyping import Float
from torch import Tensor

from core.config import generator, setting
from core.data import own
from core.data.pictures import SHIPPED, Photo, load_photo
from core.saliency.settings import NetSettings


class StyleSettings(NetSettings):
    """A net, a photo, and how a picture is made to fit it."""

    content: Literal["china", "flower"] = setting(
        "china", label="Photo", choices=SHIPPED, when=("photo", ""), help="What is to be shown."
    )
    photo: Annotated[str, pydantic.AfterValidator(own.names_data(""))] = setting(
        "", label="Own photo", max_length=32, hidden=True, help="One's own picture."
    )
    size: int = setting(
        256,
        label="Size",
        unit="pixels",
        ge=48,
        le=512,
        advanced=True,
        help="The picture's longer side.",
    )
    updates: int = setting(
        200, label="Steps", ge=10, le=5000, scale="log", help="Of gradient descent (Adam)."
    )
    learning_rate: float = setting(
        0.03,
        label="Learning rate",
        ge=1e-4,
        le=1,
        scale="log",
        live=True,
        help="How far, about, a pixel moves in a step, where 1 is from black to white.",
    )

    tv_weight: float = setting(
        1.0,
        label="Weight of smoothness",
        ge=0,
        le=1e3,
        scale="log",
        live=True,
        help="Of the total variation.",
    )

    def load_content(self) -> Photo:
        """The photo. Raises ConfigError where one's own is no longer here."""
        return load_photo(self.photo or self.content)

    def noise(self, like: Tensor) -> Float[Tensor, "1 3 height width"]:
        """Pixels at random, evenly from 0 to 1."""
        return torch.rand(like.shape, generator=generator(self.seed)).to(like.device)
