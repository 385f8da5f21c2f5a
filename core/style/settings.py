"""What style transfer and feature inversion let one choose alike."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from core.config import generator, setting
from core.saliency.settings import NetSettings, PhotoSettings


class StyleSettings(PhotoSettings, NetSettings):
    """A net, a photo, and how a picture is made to fit it."""

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
        label="Learning rate η",
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

    def noise(self, like: Tensor) -> Float[Tensor, "1 3 height width"]:
        """Pixels at random, evenly from 0 to 1."""
        return torch.rand(like.shape, generator=generator(self.seed)).to(like.device)
