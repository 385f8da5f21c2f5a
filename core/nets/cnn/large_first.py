"""Five layers, the first of 7 × 7: small enough to train in minutes, with filters worth seeing."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import nn

from core.nets.cnn.classifier import Classifier, start

WIDTHS = (3, 16, 32, 48, 64, 80)


def large_first(source: torch.Generator, classes: int = 10) -> Classifier:
    """Convolutions of 16, 32, 48, 64 and 80 filters, the mean over all places, a linear layer.

    Batch norm follows each, so only the last, as in the reference, has biases. Halved before the
    second, third and fourth: 95,882 parameters, drawn from `source` alone.
    """
    last = len(WIDTHS) - 2
    blocks: list[nn.Module] = []
    with torch.random.fork_rng(devices=[]):  # layers draw from the global generator when made
        for at, (inputs, outputs) in enumerate(pairwise(WIDTHS)):
            size = 3 if at else 7
            halved = [nn.MaxPool2d(2)] if at in (1, 2, 3) else []
            convolution = nn.Conv2d(inputs, outputs, size, padding=size // 2, bias=at == last)
            blocks.append(nn.Sequential(*halved, convolution, nn.BatchNorm2d(outputs), nn.ReLU()))
        head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(WIDTHS[-1], classes))
        net = Classifier(blocks, head)
    start(net, source)
    return net
