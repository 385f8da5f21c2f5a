"""Nets small enough to check every number of them. Each has three layers with parameters."""

from __future__ import annotations

from typing import Literal

from torch import Generator

from core.backprop.planted_bugs import Kit
from core.nets.layers import (
    BatchNorm,
    Conv,
    Flatten,
    Layer,
    MaxPool,
    Sequential,
    SpatialBatchNorm,
)

NetName = Literal["linear", "batch_norm", "conv"]
LABELS: dict[NetName, str] = {
    "linear": "linear, dropout",
    "batch_norm": "with batch norm",
    "conv": "convolution, max-pool",
}
HIDDEN, CLASSES = 8, 3
SHAPES: dict[NetName, tuple[int, ...]] = {"linear": (4,), "batch_norm": (4,), "conv": (1, 6, 6)}


def build_net(name: NetName, kit: Kit, p: float, source: Generator, precision: str) -> Sequential:
    """The net of that name for inputs of its shape in `SHAPES`, with `p` of its units dropped."""
    features = SHAPES[name][0]
    stack: list[Layer]
    match name:
        case "linear":
            stack = [
                kit.linear(features, HIDDEN, source),
                kit.activation(),
                kit.dropout(p, source),
                kit.linear(HIDDEN, HIDDEN, source),
                kit.activation(),
                kit.linear(HIDDEN, CLASSES, source),
            ]
        case "batch_norm":
            stack = [
                kit.linear(features, HIDDEN, source),
                BatchNorm(HIDDEN),
                kit.activation(),
                kit.dropout(p, source),
                kit.linear(HIDDEN, CLASSES, source),
            ]
        case "conv":
            stack = [
                Conv(features, 3, 3, source, padding=1),
                SpatialBatchNorm(3),
                kit.activation(),
                MaxPool(2),
                Flatten(),
                kit.linear(3 * 3 * 3, CLASSES, source),
            ]
    for layer in stack:
        layer.parameters = {n: values.astype(precision) for n, values in layer.parameters.items()}
    return Sequential(stack)
