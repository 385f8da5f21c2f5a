"""A small convolutional net: two layers of learnt 5 × 5 filters, then a linear one.

After LeCun et al. (1998), with strides in the place of pooling.
"""

from __future__ import annotations

import torch
from torch import nn


def small_cnn(source: torch.Generator) -> nn.Sequential:
    """(batch, 1, 28, 28) → 16 × 14 × 14 → 32 × 7 × 7 → (batch, 10), with ReLU.

    Weights and biases are U(−1/√inputs, 1/√inputs), PyTorch's own choice, drawn from `source`.
    """
    with torch.random.fork_rng(devices=[]):  # its own start draws from the global generator
        net = nn.Sequential(
            nn.Conv2d(1, 16, 5, stride=2, padding=2),
            nn.ReLU(),
            nn.Conv2d(16, 32, 5, stride=2, padding=2),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(32 * 7 * 7, 10),
        )
    for layer in net:
        if isinstance(layer, nn.Conv2d | nn.Linear):
            bound = layer.weight[0].numel() ** -0.5
            for parameter in layer.parameters():
                nn.init.uniform_(parameter, -bound, bound, generator=source)
    return net
