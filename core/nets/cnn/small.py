"""The small net: three convolutions of 32, 64 and 128 filters with batch norm, pooled by halves."""

from __future__ import annotations

from itertools import pairwise

from torch import nn

from core.nets.cnn.classifier import Classifier


def small(classes: int = 10) -> Classifier:
    """32 × 32 → 16 × 16 → 8 × 8 → 4 × 4, then a linear layer: 114,186 parameters."""
    widths = (3, 32, 64, 128)
    blocks: list[nn.Module] = []
    for inputs, outputs in pairwise(widths):
        halved = [nn.MaxPool2d(2)] if blocks else []
        convolution = nn.Conv2d(inputs, outputs, 3, padding=1)
        blocks.append(nn.Sequential(*halved, convolution, nn.BatchNorm2d(outputs), nn.ReLU()))
    # For 32 × 32 this halves 8 × 8 once more; larger pictures come down to 4 × 4 as well.
    head = nn.Sequential(nn.AdaptiveMaxPool2d(4), nn.Flatten(), nn.Linear(16 * 128, classes))
    return Classifier(blocks, head)
