"""Classifiers of pictures, ready trained, as chains of named layers from pixels to scores.

All of them take pixels in [0, 1] and normalise them themselves. Nothing is fetched unless its
name was chosen; then torchvision keeps it in the user's cache.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from core.config import ConfigError
from core.data import cifar
from core.nets.cnn import trained

if TYPE_CHECKING:
    from torchvision.models import SqueezeNet, WeightsEnum

Name = Literal["cifar_small", "cifar_robust", "squeezenet1_1", "vgg16", "squeezenet1_0"]
NAMES: dict[Name, str] = {
    "cifar_small": "small net, CIFAR-10",
    "cifar_robust": "robust five-layer net, CIFAR-10",
    "squeezenet1_1": "SqueezeNet 1.1, ImageNet (fetches 5 MB once)",
    "vgg16": "VGG-16, ImageNet (fetches 528 MB once)",
    "squeezenet1_0": "SqueezeNet 1.0, ImageNet (from GLASSBOX_DATA)",
}
ON_CIFAR: tuple[Name, ...] = ("cifar_small", "cifar_robust")
ON_IMAGENET: tuple[Name, ...] = ("squeezenet1_1", "vgg16", "squeezenet1_0")
LOCAL = Path("local", "squeezenet", "squeezenet10_dc_fp16.npz")  # in GLASSBOX_DATA
IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))  # mean and std, red, green, blue
CAFFE = ((123 / 255, 117 / 255, 104 / 255), (1 / 255, 1 / 255, 1 / 255))
SIDE = 224  # pixels of ImageNet's pictures
FIRES = (3, 4, 5, 7, 8, 9, 10, 12)  # where SqueezeNet 1.0 keeps fire2 to fire9


@dataclass(frozen=True)
class Pretrained:
    """A net that is shared: neither train it nor hook onto it."""

    net: nn.Sequential
    stages: tuple[str, ...]  # layers worth looking at, from the pixels on
    classes: tuple[str, ...]
    side: int  # of the pictures it was trained on, in pixels
    weights: str  # what they are and whose

    def layer(self, number: int) -> str:
        """The name of a stage, 1 nearest to the pixels; the last where there are not so many."""
        return self.stages[min(number, len(self.stages)) - 1]


class Normalise(nn.Module):
    """(x − mean) / std, colour by colour."""

    mean: Tensor
    std: Tensor

    def __init__(self, mean: tuple[float, ...], std: tuple[float, ...]) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean)[:, None, None])
        self.register_buffer("std", torch.tensor(std)[:, None, None])

    def forward(
        self, x: Float[Tensor, "pictures 3 height width"]
    ) -> Float[Tensor, "pictures 3 height width"]:
        """Pixels in [0, 1] as the next layer was taught to see them."""
        return (x - self.mean) / self.std


@cache
def load(name: Name, device: torch.device) -> Pretrained:
    """The net of that name. Raises ConfigError where its weights cannot be had."""
    match name:
        case "squeezenet1_1":
            made = squeezenet1_1()
        case "vgg16":
            made = vgg16()
        case "squeezenet1_0":
            made = squeezenet1_0()
        case _:
            made = on_cifar(name)
    made.net.eval().requires_grad_(False).to(device)
    return made


def on_cifar(name: trained.Shipped) -> Pretrained:
    """One of the project's own, trained on CIFAR-10."""
    model = trained.classifier(name)
    blocks = {f"conv{number}": block for number, block in enumerate(model.blocks, 1)}
    net = chain({"normalise": model.normalise, **blocks, "scores": model.head})
    return Pretrained(net, tuple(blocks), cifar.CLASSES, cifar.SIDE, trained.provenance(name))


def squeezenet1_1() -> Pretrained:
    """SqueezeNet 1.1 (Iandola et al. 2016), torchvision's weights."""
    from torchvision.models import SqueezeNet1_1_Weights, squeezenet1_1

    weights = SqueezeNet1_1_Weights.IMAGENET1K_V1
    model = squeezenet1_1()
    model.load_state_dict(_fetch(weights))
    return _squeezenet(model, IMAGENET, "SqueezeNet 1.1, ImageNet, torchvision's weights")


def squeezenet1_0() -> Pretrained:
    """SqueezeNet 1.0 with its authors' weights from a file in GLASSBOX_DATA.

    They were made for blue, green, red in 0 … 255: the first layer's are turned around.
    """
    from torchvision.models import squeezenet1_0

    path = Path(os.environ.get("GLASSBOX_DATA", ""), LOCAL)
    if "GLASSBOX_DATA" not in os.environ or not path.is_file():
        raise ConfigError(f"GLASSBOX_DATA names no folder with {LOCAL}; choose another net.")
    names = {"conv1": "features.0", "conv_final": "classifier.1"}
    for number, at in enumerate(FIRES, 2):
        for theirs, ours in (
            ("conv1x1_1", "squeeze"), ("conv1x1_2", "expand1x1"), ("conv3x3_2", "expand3x3")
        ):  # fmt: skip
            names[f"fire{number}/{theirs}"] = f"features.{at}.{ours}"
    with np.load(path) as arrays:
        state = {
            f"{ours}.{kind}": torch.from_numpy(arrays[f"{theirs}.{kind}"].astype(np.float32))
            for theirs, ours in names.items()
            for kind in ("weight", "bias")
        }
    state["features.0.weight"] = state["features.0.weight"].flip(1)
    model = squeezenet1_0()
    model.load_state_dict(state)
    return _squeezenet(model, CAFFE, "SqueezeNet 1.0, ImageNet, its authors' weights")


def vgg16() -> Pretrained:
    """VGG-16 (Simonyan and Zisserman 2015), torchvision's weights."""
    from torchvision.models import VGG16_Weights, vgg16

    weights = VGG16_Weights.IMAGENET1K_V1
    with torch.device("meta"):  # 138 million weights need no start of their own
        model = vgg16()
    model.load_state_dict(_fetch(weights), assign=True)
    layers: dict[str, nn.Module] = {"normalise": Normalise(*IMAGENET)}
    block = place = 1
    for layer in model.features:
        match layer:
            case nn.Conv2d():
                conv = layer
            case nn.ReLU():
                layers[f"conv{block}_{place}"] = nn.Sequential(conv, layer)
                place += 1
            case _:
                layers[f"pool{block}"] = layer
                block, place = block + 1, 1
    layers["scores"] = nn.Sequential(model.avgpool, nn.Flatten(), *model.classifier)
    stages = ("conv1_2", "conv2_2", "conv3_3", "conv4_3", "conv5_3")
    words = "VGG-16, ImageNet, torchvision's weights"
    return Pretrained(chain(layers), stages, _categories(), SIDE, words)


def _squeezenet(model: SqueezeNet, colours: Any, words: str) -> Pretrained:
    first, relu, *rest = model.features
    layers = {"normalise": Normalise(*colours), "conv1": nn.Sequential(first, relu)}
    fires, pools = count(2), count(1)
    for layer in rest:
        pool = isinstance(layer, nn.MaxPool2d)
        layers[f"pool{next(pools)}" if pool else f"fire{next(fires)}"] = layer
    layers["scores"] = nn.Sequential(*model.classifier, nn.Flatten())
    stages = ("conv1", "fire3", "fire5", "fire7", "fire9")
    return Pretrained(chain(layers), stages, _categories(), SIDE, words)


def _fetch(weights: WeightsEnum) -> Mapping[str, Tensor]:
    try:
        state: Mapping[str, Tensor] = weights.get_state_dict(progress=False, check_hash=True)
    except (OSError, RuntimeError):  # URLError is an OSError; a wrong sum is a RuntimeError
        raise ConfigError(
            f"{weights.url} could not be fetched; go online, or choose another net."
        ) from None
    return state


@cache
def _categories() -> tuple[str, ...]:
    """Names of ImageNet's thousand classes, in the order of the scores."""
    from torchvision.models import SqueezeNet1_1_Weights

    return tuple(SqueezeNet1_1_Weights.IMAGENET1K_V1.meta["categories"])


def chain(layers: Mapping[str, nn.Module]) -> nn.Sequential:
    """Named layers, one after another."""
    return nn.Sequential(OrderedDict(layers))
