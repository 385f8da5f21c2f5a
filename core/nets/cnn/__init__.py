"""Convolutional classifiers of pictures, one architecture per file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import torch
from torch import Tensor

from core.config import generator
from core.nets.cnn.all_cnn import all_cnn
from core.nets.cnn.classifier import Classifier, start
from core.nets.cnn.five import five
from core.nets.cnn.resnet import resnet18, resnet34, resnet50
from core.nets.cnn.small import small

Name = Literal["small", "five", "all_cnn", "resnet18", "resnet34", "resnet50"]
NAMES: dict[Name, str] = {
    "small": "small: 32, 64, 128",
    "five": "five layers",
    "all_cnn": "All-CNN-T",
    "resnet18": "ResNet-18",
    "resnet34": "ResNet-34",
    "resnet50": "ResNet-50",
}
WORK: dict[Name, float] = {  # millions of multiplications for a picture, forward
    "small": 10.3,
    "five": 29.2,
    "all_cnn": 300,
    "resnet18": 555,
    "resnet34": 1159,
    "resnet50": 1298,
}
_NETS: dict[Name, Callable[[int], Classifier]] = {
    "small": small,
    "five": five,
    "all_cnn": all_cnn,
    "resnet18": resnet18,
    "resnet34": resnet34,
    "resnet50": resnet50,
}


def build(name: Name, source: torch.Generator, classes: int = 10) -> Classifier:
    """An untrained net on the CPU, its weights drawn from `source` alone."""
    with torch.random.fork_rng(devices=[]):  # layers draw from the global generator when made
        net = _NETS[name](classes)
    start(net, source)
    return net


def restore(name: Name, saved: Mapping[str, Tensor]) -> Classifier:
    """A net with the `net.` tensors of a run's state, in evaluation mode.

    Raises RuntimeError where they are those of another net.
    """
    net = build(name, generator(0))
    prefix = "net."
    net.load_state_dict({k.removeprefix(prefix): saved[k] for k in saved if k.startswith(prefix)})
    return net.eval()
