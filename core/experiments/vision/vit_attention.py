"""A trained vision transformer reads pictures, layer by layer: where each of its heads looks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import numpy as np
import pydantic
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from core import checkpoints, config, state
from core.config import ConfigError, setting
from core.data import own
from core.data.cifar import CLASSES, SIDE, load, pixels, source
from core.data.cifar import Pictures as Album
from core.data.pictures import SHIPPED, load_photo, square
from core.experiment import CPU, Experiment, Pictures, Scalars, finite, to_array
from core.nets.vit import VisionTransformer, rearrange
from core.probes.attention import distances, rollout, spread
from core.probes.divergence import refuse_diverged
from core.probes.spotlight import spotlight

MEASURED = 200  # validation pictures, for how far heads look on average
WALK = 20  # pictures in a run


class VitAttention(Experiment):
    """One step is one layer on one picture; after the last layer comes the next picture."""

    class Config(config.Config):
        """Which picture, and whose attention."""

        picture: int = setting(
            6,
            label="First picture",
            ge=0,
            le=999,
            when=("photo", "cifar"),
            help="Of the 1,000 validation pictures; the next ones follow.",
        )
        asks: int = setting(
            0,
            label="Who asks",
            ge=0,
            le=64,
            live=True,
            help="0 is [CLS]; 1 is the patch at the top left, and so on, row by row.",
        )
        photo: Annotated[str, pydantic.AfterValidator(own.names_data("cifar", *SHIPPED))] = setting(
            "cifar", label="Photo", max_length=32, hidden=True, help="CIFAR-10, or one's own."
        )
        weights: str = setting(
            "shipped", label="Weights", max_length=32, hidden=True, help="Shipped, or of a run."
        )

    SMOKE = Config()
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        saved = self.saved()
        try:
            self.vit = VisionTransformer.of(saved).to(device)
        except (KeyError, RuntimeError):
            raise ConfigError(
                "These weights are no vision transformer's; train one here."
            ) from None
        refuse_diverged(self.vit)
        self.pictures = self.album()
        if "places" in saved:  # a net that learnt from shuffled pictures reads such
            images = rearrange(self.pictures.images, self.vit.patch, saved["places"])
            self.pictures = Album(images, self.pictures.labels)
        self.pictures = self.pictures.to(device)
        self.depth, self.heads = self.vit.depth, self.vit.heads
        self.total = self.depth * min(WALK, len(self.pictures))
        with torch.no_grad():
            _, weights = self.vit.watch(pixels(self.pictures.first(MEASURED).images))
            self.distances = distances(torch.stack(weights, dim=1)).mean(dim=0)
            self.x = self.vit.embed(pixels(self.image))
        tokens = self.x.shape[1]
        self.weights = torch.zeros(self.depth, self.heads, tokens, tokens, device=device)

    def saved(self) -> Mapping[str, Tensor]:
        """The shipped weights, or the state of a run. Raises ConfigError."""
        if self.config.weights == "shipped":
            return checkpoints.shipped("cifar_vit")
        return checkpoints.of_run(self.config.weights)

    def album(self) -> Album:
        """The validation pictures, or the one photo. Raises ConfigError."""
        if self.config.photo == "cifar":
            return load("validation")
        small = square(load_photo(self.config.photo).pixels, SIDE)
        return Album(torch.from_numpy(small).permute(2, 0, 1)[None], torch.zeros(1).long())

    @property
    def layer(self) -> int:
        """How many layers have read the picture."""
        return (self.steps - 1) % self.depth + 1 if self.steps else 0

    @property
    def index(self) -> int:
        """Which validation picture is read."""
        return (self.config.picture + max(0, self.steps - 1) // self.depth) % len(self.pictures)

    @property
    def image(self) -> UInt8[Tensor, "1 3 32 32"]:
        """The picture that is read."""
        return self.pictures.images[self.index][None]

    @torch.no_grad()
    def step(self) -> Scalars | None:
        """One layer reads; of the token that asks: how many patches it hears, and how far off."""
        if self.steps == self.total:
            return None
        self.steps += 1
        if self.layer == 1:
            self.x = self.vit.embed(pixels(self.image))
            self.weights.zero_()
        self.x, (weights,) = self.vit.blocks[self.layer - 1](self.x)
        self.weights[self.layer - 1] = weights[0]
        return {"heard": self.heard(), "sure": float(self.says().max())}

    @torch.no_grad()
    def says(self) -> Float[Tensor, " classes"]:
        """Probabilities of the classes, if [CLS] were read now."""
        return self.vit.read(self.x)[0].softmax(dim=0)

    @property
    def asks(self) -> int:
        """The token that asks; the last one, where there are not so many."""
        return min(self.config.asks, self.weights.shape[-1] - 1)

    def heard(self) -> float:
        """Among how many tokens the attention of this layer is spread, mean over heads."""
        return float(spread(self.weights[self.layer - 1, :, self.asks]).mean())

    @torch.no_grad()
    def picture(self) -> Pictures:
        """Where the token that asks looks.

        picture: (1, 32, 32, 3)
        heads: (layers read · heads, 32, 32, 3), lit by each head
        flow: (1, 32, 32, 3), lit by the rollout over all layers so far
        says: (10,), probabilities if [CLS] were read now
        """
        image, asks = self.image, self.asks
        rows = self.weights[: self.layer, :, asks, 1:].flatten(0, 1)
        flow = rollout(self.weights[: self.layer])[asks, 1:]
        return {
            "picture": to_array(image.permute(0, 2, 3, 1)),
            "heads": to_array(spotlight(image.expand(len(rows), -1, -1, -1), rows)),
            "flow": to_array(spotlight(image, flow[None])),
            "says": finite(to_array(self.says())),
        }

    def backdrop(self) -> Pictures:
        """How far heads look, and their names.

        distances: (layers · heads, 2), layer and mean distance in pixels
        names: (layers · heads,), "layer.head"
        evenly: (1,), the distance of a head that listens to all patches alike
        """
        layers = torch.arange(1, self.depth + 1, device=self.device).repeat_interleave(self.heads)
        distance = self.vit.patch * self.distances.flatten()
        alike = self.vit.patch * distances(torch.ones(1, 1, 1, *2 * [1 + self.vit.side**2]))
        names = [f"{i}.{j}" for i in range(1, self.depth + 1) for j in range(1, self.heads + 1)]
        return {
            "distances": to_array(torch.stack([layers, distance], dim=1)),
            "names": np.array(names),
            "evenly": to_array(alike.flatten()),
        }

    def words(self) -> str:
        """What is read, what [CLS] would say of it now, how widely the asking token listens."""
        shown = self.shown()
        if not self.layer:
            return f"{shown}, cut into {self.vit.side**2} patches. The first layer comes next."
        says = self.says()
        best = int(says.argmax())
        who = "[CLS]" if self.asks == 0 else f"Patch {self.asks}"
        return (
            f"{shown}, after layer {self.layer} of {self.depth}: read now, [CLS] would say"
            f" {CLASSES[best]} ({100 * float(says[best]):.0f} %). {who} listens to"
            f" {self.heard():.0f} of {self.weights.shape[-1]} tokens."
        )

    def shown(self) -> str:
        """What is read, in words."""
        if self.config.photo != "cifar":
            return "The photo"
        return f"Picture {self.index}, {CLASSES[int(self.pictures.labels[self.index])]}"

    def provenance(self) -> Mapping[str, str]:
        """Which picture; whose weights, and how good they are."""
        data = f"validation pictures of {source()}"
        if self.config.photo != "cifar":
            data = f"{load_photo(self.config.photo).source}, made {SIDE} × {SIDE}"
        if self.config.weights != "shipped":
            return {"data": data, "weights": "of a run here"}
        right = checkpoints.about("cifar_vit")["figures"]["test_accuracy"]
        return {
            "data": data,
            "weights": f"shipped; right on {100 * right:.1f} % of 5,000 test pictures",
        }

    def parts(self) -> Mapping[str, state.Part]:
        """What the tokens are now, and whom they listened to."""
        return {"x": self.x, "weights": self.weights}
