"""Feature inversion: what a layer still knows of a picture (Mahendran and Vedaldi 2015).

From noise, a picture is sought that gives the same maps. What comes back the layer has kept; what
does not it has thrown away.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import torch
from torch import Tensor

from core import state
from core.config import setting
from core.data.pictures import shrink
from core.experiment import CPU, Experiment, Pictures, Scalars
from core.nets.chain import collect
from core.saliency.settings import to_bytes, to_tensor
from core.style.content import content_loss
from core.style.settings import StyleSettings
from core.style.total_variation import total_variation


class FeatureInversion(Experiment):
    """One step is one step of Adam on the pixels."""

    class Config(StyleSettings):
        """Settings of the search."""

        layer: int = setting(
            2,
            label="Layer",
            ge=1,
            le=5,
            help="1 is nearest to the pixels. A net of fewer layers takes its last.",
        )
        tv_weight: float = setting(
            1.0,
            label="Weight of smoothness",
            ge=0,
            le=1e3,
            scale="log",
            live=True,
            help="Of the total variation. The maps have weight 1.",
        )
        start: Literal["noise", "grey"] = setting(
            "noise",
            label="Start from",
            choices={"noise": "noise", "grey": "grey"},
            help="The first picture.",
        )

    SMOKE = Config(size=48, updates=14)
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        self.total = config.updates
        self.model = config.load_net(device)
        self.layer = self.model.layer(config.layer)
        photo = config.load_content()
        self.source = photo.source
        self.photo = to_tensor(shrink(photo.pixels, config.size)).to(device)
        self.wanted = self.maps(self.photo)
        grey = torch.full_like(self.photo, 0.5)
        start = config.noise(self.photo) if config.start == "noise" else grey
        self.x = start.requires_grad_()
        self.optimizer = torch.optim.Adam([self.x], config.learning_rate)
        self.losses = torch.stack(self.measure()).detach().double().cpu()

    def maps(self, x: Tensor) -> Tensor:
        """What the layer makes of a picture."""
        return collect(self.model.net, x, [self.layer])[self.layer]

    def measure(self) -> tuple[Tensor, Tensor, Tensor]:
        """Both losses of the picture as it is, and its root mean square distance to the photo."""
        return (
            content_loss(self.maps(self.x), self.wanted),
            total_variation(self.x),
            255 * (self.x - self.photo).square().mean().sqrt(),
        )

    def step(self) -> Scalars | None:
        """Both losses before this step, without weights; the distance to the photo in shades."""
        if self.steps == self.total:
            return None
        losses = self.measure()
        self.optimizer.zero_grad()
        (losses[0] + self.config.tv_weight * losses[1]).backward()
        self.optimizer.param_groups[0]["lr"] = self.config.learning_rate
        self.optimizer.step()
        with torch.no_grad():
            self.x.clamp_(0, 1)
        self.losses.copy_(torch.stack(losses).detach())
        self.steps += 1
        return self.scalars()

    def scalars(self) -> dict[str, float]:
        """The maps' loss is 0 where they are alike, 1 as far off as an empty picture's."""
        return dict(zip(("maps", "variation", "distance"), self.losses.tolist(), strict=True))

    def picture(self) -> Pictures:
        """now: (1, h, w, 3)."""
        return {"now": to_bytes(self.x)}

    def backdrop(self) -> Pictures:
        """The photo, (1, h, w, 3)."""
        return {"photo": to_bytes(self.photo, 192)}

    def words(self) -> str:
        """How much of the maps is there, and of the photo."""
        maps, _, distance = self.losses.tolist()
        channels, height, width = self.wanted.shape[1:]
        return (
            f"Step {self.steps} of {self.total}: {100 * maps:.1f} % of {self.layer} is missing, of"
            f" {channels} maps of {width} × {height}; the pixels are {distance:.0f} shades of 255"
            " off."
        )

    def provenance(self) -> Mapping[str, str]:
        """Which photo, which net."""
        return {"data": self.source, "weights": self.model.weights}

    def parts(self) -> Mapping[str, state.Part]:
        """The picture, what changes it, its losses."""
        return {"x": self.x, "optimizer": self.optimizer, "losses": self.losses}
