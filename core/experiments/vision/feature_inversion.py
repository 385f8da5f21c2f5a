"""Feature inversion: what a layer still knows of a picture (Mahendran and Vedaldi 2015).

From noise, a picture is sought that gives the same maps. What comes back the layer has kept; what
does not it has thrown away.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from core.config import setting
from core.experiment import CPU
from core.nets.chain import collect
from core.style.content import content_loss
from core.style.pixel_descent import PixelDescent
from core.style.settings import StyleSettings
from core.style.total_variation import total_variation


class FeatureInversion(PixelDescent):
    """The maps' loss is 0 where they are alike, 1 as far off as an empty picture's."""

    class Config(StyleSettings):
        """Settings of the search."""

        layer: int = setting(
            2,
            label="Layer",
            ge=1,
            le=5,
            help="1 is nearest to the pixels. A net of fewer layers takes its last.",
        )
        start: Literal["noise", "grey"] = setting(
            "noise",
            label="Start from",
            choices={"noise": "noise", "grey": "grey"},
            help="The first picture.",
        )

    SMOKE = Config(size=48, updates=14)
    config: Config
    losses_of = ("maps", "variation", "distance")

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        self.layer = self.model.layer(config.layer)
        self.wanted = self.maps(self.photo)
        grey = torch.full_like(self.photo, 0.5)
        self.begin(config.noise(self.photo) if config.start == "noise" else grey)

    def maps(self, x: Tensor) -> Tensor:
        """What the layer makes of a picture."""
        return collect(self.model.net, x, [self.layer])[self.layer]

    def measure(self) -> tuple[Tensor, Tensor, Tensor]:
        """Both losses, and the root mean square distance to the photo in shades of 255."""
        return (
            content_loss(self.maps(self.x), self.wanted),
            total_variation(self.x),
            255 * (self.x - self.photo).square().mean().sqrt(),
        )

    def total_loss(self, *measured: Tensor) -> Tensor:
        """The maps' loss and the weighted roughness; the distance is only watched."""
        maps, roughness, _ = measured
        return maps + self.config.tv_weight * roughness

    def words(self) -> str:
        """How much of the maps is there, and of the photo."""
        maps, _, distance = self.losses.tolist()
        channels, height, width = self.wanted.shape[1:]
        return (
            f"Step {self.steps:,} of {self.total:,}: {100 * maps:.1f} % of {self.layer} is missing,"
            f" of {channels} maps of {width} × {height}; the pixels are {distance:.0f} shades of"
            " 255 off."
        )
