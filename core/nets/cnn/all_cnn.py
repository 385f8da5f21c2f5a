"""All-CNN-T: nothing but convolutions, which halve by their stride (Springenberg et al. 2015).

The variant with batch norm after each ReLU, 96 and 192 filters: 1,667,166 parameters.
"""

from __future__ import annotations

from torch import nn

from core.nets.cnn.classifier import Classifier
from core.nets.cnn.dropout import Dropout


def all_cnn(classes: int = 10) -> Classifier:
    """Dropout of a fifth of the pixels' colours, and of half after each strided convolution."""
    blocks = [
        nn.Sequential(Dropout(0.2), _block(3, 96)),
        _block(96, 96),
        nn.Sequential(_block(96, 96, stride=2), Dropout(0.5)),
        _block(96, 192),
        _block(192, 192),
        nn.Sequential(_block(192, 192, stride=2), Dropout(0.5)),
        _block(192, 192),
        _block(192, 192),
        _block(192, classes, size=1),
    ]
    return Classifier(blocks, nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()))


def _block(inputs: int, outputs: int, size: int = 3, stride: int = 1) -> nn.Module:
    convolution = nn.Conv2d(inputs, outputs, size, stride=stride, padding=size // 2)
    return nn.Sequential(convolution, nn.ReLU(), nn.BatchNorm2d(outputs))
