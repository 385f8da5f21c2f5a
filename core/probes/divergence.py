"""When a training run is lost: its parameters have left every useful range, or are no numbers."""

from __future__ import annotations

import numpy as np
from torch import nn

from core.config import ConfigError
from core.nets.layers import Layer

FAR = 1e6


def has_diverged(layer: Layer) -> bool:
    """Whether a parameter is beyond ±`FAR` or not a number."""
    return not all((np.abs(values) <= FAR).all() for values in layer.parameters.values())


def refuse_diverged(net: nn.Module) -> None:
    """Raises ConfigError where a parameter is beyond ±`FAR` or not a number."""
    if not all(bool((values.abs() <= FAR).all()) for values in net.parameters()):
        raise ConfigError("These weights have diverged; train with a smaller learning rate.")
