"""Units that have stopped saying anything: no input moves them, so no gradient passes them."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from core.nets.layers import Sequential


def dead_units(net: Sequential, x: Float[np.ndarray, "batch inputs"]) -> list[float]:
    """After each layer of the net, the share of units that are the same for every row of x."""
    shares = []
    for layer in net.layers:
        x = layer.forward(x)
        shares.append(float((np.ptp(x, axis=0) == 0).mean()))
    return shares
