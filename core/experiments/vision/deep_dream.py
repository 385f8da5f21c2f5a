"""DeepDream: a photo is changed so that a layer sees more of what it sees, octave by octave."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from core import state
from core.config import generator, setting
from core.data.pictures import shrink
from core.experiment import CPU, Experiment, Pictures, Scalars
from core.nets.chain import split
from core.saliency.deep_dream import dream_step, octave_sizes, resize
from core.saliency.settings import NetSettings, PhotoSettings, jitter_setting, to_bytes, to_tensor

LEAST = 32  # pixels of the shorter side of the smallest octave


class DeepDream(Experiment):
    """One step is one step up a layer's mean square."""

    class Config(PhotoSettings, NetSettings):
        """Settings of the dream."""

        size: int = setting(
            256, label="Size", unit="pixels", ge=64, le=512, help="The photo's longer side."
        )
        layer: int = setting(
            3,
            label="Layer",
            ge=1,
            le=5,
            live=True,
            help="1 is nearest to the pixels. A net of fewer layers takes its last.",
        )
        octaves: int = setting(4, label="Octaves", ge=1, le=8, help="Sizes to dream in.")
        scale: float = setting(
            1.4,
            label="Ratio of octaves",
            ge=1.1,
            le=2,
            advanced=True,
            help="Each octave is so many times as large as the one before.",
        )
        each: int = setting(20, label="Steps in each", ge=1, le=200, scale="log", help="Octave.")
        step_size: float = setting(
            1.5,
            label="Step",
            unit="of 255",
            ge=0.1,
            le=20,
            scale="log",
            live=True,
            help="Mean change of a pixel, in shades of 255.",
        )
        jitter: int = jitter_setting(8)

    SMOKE = Config(size=64, octaves=2, each=7)
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        self.model = config.load_net(device)
        photo = config.load_photo()
        self.data = photo.source
        self.original = to_tensor(shrink(photo.pixels, config.size)).to(device)
        height, width = self.original.shape[2:]
        self.sizes = octave_sizes(height, width, config.octaves, config.scale, LEAST)
        self.total = len(self.sizes) * config.each
        self.source = generator(config.seed)
        # The picture stands in the corner of one of full size, so that its shape stays the same.
        self.canvas = torch.zeros_like(self.original)
        self.put(resize(self.original, self.sizes[0]))
        self.strength = torch.zeros((), dtype=torch.float64)

    @property
    def octave(self) -> int:
        """Which size is being dreamt on, from 0."""
        return min(max(self.steps - 1, 0) // self.config.each, len(self.sizes) - 1)

    def now(self) -> Tensor:
        """The picture as it is, in the size of its octave."""
        height, width = self.sizes[self.octave]
        return self.canvas[:, :, :height, :width]

    def put(self, x: Tensor) -> None:
        """Keep a picture."""
        self.canvas[:, :, : x.shape[2], : x.shape[3]] = x

    def step(self) -> Scalars | None:
        """The layer's mean square before this step, and the change so far in shades of 255."""
        if self.steps == self.total:
            return None
        x = self.now()
        self.steps += 1
        if (size := self.sizes[self.octave]) != x.shape[2:]:
            # What was dreamt is enlarged; the detail that a small picture cannot hold comes back.
            lost = resize(self.original, size) - resize(resize(self.original, size_of(x)), size)
            x = (resize(x, size) + lost).clamp(0, 1)
        reach = self.config.jitter
        down, across = torch.randint(-reach, reach + 1, (2,), generator=self.source).tolist()
        layer = split(self.model.net, self.model.layer(self.config.layer))[0]
        x, strength = dream_step(layer, x, self.config.step_size / 255, (down, across))
        self.put(x)
        self.strength.fill_(strength)
        return self.scalars()

    def scalars(self) -> dict[str, float]:
        """How strong the layer is, and how far the dream is from the photo."""
        now = self.now()
        change = (now - resize(self.original, size_of(now))).square().mean().sqrt()
        return {"strength": float(self.strength), "change": 255 * float(change)}

    def picture(self) -> Pictures:
        """dream: (1, h, w, 3), in the photo's size."""
        return {"dream": to_bytes(resize(self.now(), size_of(self.original)))}

    def backdrop(self) -> Pictures:
        """The photo, (1, h, w, 3)."""
        return {"before": to_bytes(self.original)}

    def words(self) -> str:
        """Which octave, and how strongly the layer answers."""
        height, width = self.sizes[self.octave]
        place = f"octave {self.octave + 1} of {len(self.sizes)}, {width} × {height} pixels"
        layer = self.model.layer(self.config.layer)
        if self.steps == 0:
            return f"The dream of {layer} begins on {place}."
        change = self.scalars()["change"]
        return (
            f"Dreaming on {place}: {layer} answers with a mean square of"
            f" {float(self.strength):.3g}. The photo is changed by {change:.0f} shades of 255."
        )

    def provenance(self) -> Mapping[str, str]:
        """Which photo, which net."""
        return {"data": self.data, "weights": self.model.weights}

    def parts(self) -> Mapping[str, state.Part]:
        """The picture, the source of jitter, and how strongly the layer answered."""
        return {"canvas": self.canvas, "source": self.source, "strength": self.strength}


def size_of(x: Tensor) -> tuple[int, int]:
    """Height and width."""
    height, width = x.shape[2:]
    return height, width
