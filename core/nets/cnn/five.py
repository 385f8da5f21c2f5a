"""The five-layer net: five convolutions with batch norm, then the mean over all places."""

from __future__ import annotations

from itertools import pairwise

from torch import nn

from core.nets.cnn.classifier import Classifier


def five(classes: int = 10) -> Classifier:
    """Convolutions of 32, 32, 64, 64 and 128 filters, halved before the third and the fifth."""
    widths = (3, 32, 32, 64, 64, 128)
    blocks: list[nn.Module] = []
    for at, (inputs, outputs) in enumerate(pairwise(widths)):
        halved = [nn.MaxPool2d(2)] if at in (2, 4) else []
        convolution = nn.Conv2d(inputs, outputs, 3, padding=1)
        blocks.append(nn.Sequential(*halved, convolution, nn.BatchNorm2d(outputs), nn.ReLU()))
    head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(128, classes))
    return Classifier(blocks, head)
