"""The multilayer perceptron: linear layers with a nonlinearity between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import nn


def mlp(
    sizes: Sequence[int],
    source: torch.Generator,
    activation: Callable[[], nn.Module] = nn.ReLU,
) -> nn.Sequential:
    """`mlp([3, 256, 2], source)` is linear 3-256, activation, linear 256-2.

    Weights and biases are U(−1/√inputs, 1/√inputs), PyTorch's own choice, drawn from `source`.
    """
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(sizes):
        with torch.random.fork_rng(devices=[]):  # its own start draws from the global generator
            linear = nn.Linear(inputs, outputs)
        for parameter in linear.parameters():
            nn.init.uniform_(parameter, -(inputs**-0.5), inputs**-0.5, generator=source)
        layers += [linear, activation()]
    return nn.Sequential(*layers[:-1])
