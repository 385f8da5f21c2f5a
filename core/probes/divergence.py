"""When a training run is lost: its parameters have left every useful range, or are no numbers."""

from __future__ import annotations

import numpy as np

from core.nets.layers import Layer

FAR = 1e6


def has_diverged(layer: Layer) -> bool:
    """Whether a parameter is beyond ±`FAR` or not a number."""
    return not all((np.abs(values) <= FAR).all() for values in layer.parameters.values())
