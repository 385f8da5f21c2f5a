"""Style transfer: a picture that shows one thing in the manner of another (Gatys et al. 2016)."""

from __future__ import annotations

import math
from typing import Annotated, Literal

import pydantic
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from core.config import setting
from core.data import own
from core.data.paintings import PAINTINGS, paint
from core.data.pictures import Pixels, load_photo, shrink
from core.experiment import CPU, Pictures
from core.nets.chain import collect
from core.saliency.settings import to_bytes, to_tensor
from core.style.content import content_loss
from core.style.gram import Gram, gram, style_loss
from core.style.pixel_descent import SIDE, PixelDescent
from core.style.settings import StyleSettings
from core.style.total_variation import total_variation

LEAST = 32  # pixels of the shorter side of the smallest picture that styles are compared on
Number = Literal["1", "2", "3", "4", "5"]


class StyleTransfer(PixelDescent):
    """Content and style: 0 is alike, 1 as far off as an empty picture."""

    class Config(StyleSettings):
        """Settings of the picture."""

        style: Literal["swirls", "glass", "hatching", "flower"] = setting(
            "swirls",
            label="Style",
            choices=PAINTINGS | {"flower": "the flower photo"},
            when=("style_photo", ""),
            help="Painted here by rule, or a photo; or your own below.",
        )
        style_photo: Annotated[str, pydantic.AfterValidator(own.names_data(""))] = setting(
            "", label="Own style", max_length=32, hidden=True, help="One's own painting."
        )
        style_weight: float = setting(
            20.0, label="Weight of style", ge=0, le=1e4, scale="log", live=True,
            help="Content has weight 1.",
        )  # fmt: skip
        content_layer: int = setting(
            3, label="Content layer", ge=1, le=5,
            help="1 is nearest to the pixels. A net of fewer layers takes its last.",
        )  # fmt: skip
        style_layers: tuple[Number, ...] = setting(
            ("1", "2", "3", "4"),
            label="Style layers",
            choices={number: number for number in "12345"},
            help="Whose Gram matrices shall be those of the style. For layers that a net does not "
            "have, it takes its last, once.",
        )
        scales: int = setting(
            3, label="Sizes of style", ge=1, le=4,
            help="The style is compared on the picture and on as many halvings of it, so that a "
            "shallow net sees large strokes too.",
        )  # fmt: skip
        start: Literal["content", "noise"] = setting(
            "content",
            label="Start from",
            choices={"content": "the photo", "noise": "noise"},
            help="The first picture.",
        )

    SMOKE = Config(size=48, updates=14)
    config: Config
    losses_of = ("content", "style", "variation")

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        manner, style_source = self.load_style()
        self.manner = to_tensor(shrink(manner, config.size)).to(device)
        self.source += f"; style: {style_source}"
        self.content_layer = self.model.layer(config.content_layer)
        self.style_layers = sorted({self.model.layer(int(n)) for n in config.style_layers})
        least = min(*self.photo.shape[2:], *self.manner.shape[2:])
        self.scales = min(config.scales, max(1, int(math.log2(least / LEAST)) + 1))
        _, self.style_grams = self.look(self.manner)
        self.content_maps, _ = self.look(self.photo)
        self.begin(self.photo if config.start == "content" else config.noise(self.photo))

    def load_style(self) -> tuple[Pixels, str]:
        """The picture whose manner is taken, and where it is from."""
        name = self.config.style_photo or self.config.style
        if name in PAINTINGS:
            return paint(name), f"{PAINTINGS[name]}, painted here by rule"
        photo = load_photo(name)
        return photo.pixels, photo.source

    def look(self, x: Tensor) -> tuple[Tensor, list[Gram]]:
        """The maps of the content layer, and the Gram matrices of the style layers, by size."""
        wanted = [*self.style_layers, self.content_layer]
        maps = collect(self.model.net, x, wanted)
        content = maps[self.content_layer]
        grams = [gram(maps[layer]) for layer in self.style_layers]
        for _ in range(1, self.scales):
            x = avg_pool2d(x, 2)
            maps = collect(self.model.net, x, self.style_layers)
            grams += [gram(maps[layer]) for layer in self.style_layers]
        return content, grams

    def measure(self) -> tuple[Tensor, Tensor, Tensor]:
        """The three losses of the picture as it is."""
        maps, grams = self.look(self.x)
        return (
            content_loss(maps, self.content_maps),
            style_loss(grams, self.style_grams),
            total_variation(self.x),
        )

    def total_loss(self, *measured: Tensor) -> Tensor:
        """Their weighted sum; content has weight 1."""
        content, style, roughness = measured
        return content + self.config.style_weight * style + self.config.tv_weight * roughness

    def backdrop(self) -> Pictures:
        """What is to be shown and in what manner, (1, h, w, 3) each."""
        return {**super().backdrop(), "manner": to_bytes(self.manner, SIDE)}

    def words(self) -> str:
        """How near it is to both."""
        content, style, roughness = self.losses.tolist()
        layers = ", ".join(self.style_layers)
        return (
            f"Step {self.steps:,} of {self.total:,}: {100 * content:.0f} % of the content of"
            f" {self.content_layer} is missing, and {100 * style:.1f} % of the style of {layers}."
            f" Total variation {roughness:.4f}."
        )
