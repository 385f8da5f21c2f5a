"""A map of the plane in cells: what is known there, and what a net says where something is."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from jaxtyping import Bool, Float
from scipy import ndimage

COLUMNS = 84
MARGIN = 0.02  # of the width, around the outermost points
NEAR = 2  # cells from the nearest point: beyond, nothing is drawn


class PlaceMap:
    """Square cells over the points; row 0 is at the bottom."""

    def __init__(
        self, points: Float[np.ndarray, "points 2"], values: Float[np.ndarray, " points"]
    ) -> None:
        low, high = points.min(axis=0), points.max(axis=0)
        low, high = low - MARGIN * (high - low), high + MARGIN * (high - low)
        width, height = high - low
        rows = int(np.clip(round(COLUMNS * height / width), COLUMNS // 4, COLUMNS))
        self.extent = np.array([low[0], high[0], low[1], high[1]])
        self.x, self.y = (
            np.linspace(low[axis], high[axis], cells, endpoint=False)
            + (high - low)[axis] / cells / 2
            for axis, cells in enumerate((COLUMNS, rows))
        )
        box = [(low[1], high[1]), (low[0], high[0])]
        place = points[:, 1], points[:, 0]
        counts, *_ = np.histogram2d(*place, bins=(rows, COLUMNS), range=box)
        sums, *_ = np.histogram2d(*place, bins=(rows, COLUMNS), range=box, weights=values)
        self.known: Float[np.ndarray, "rows columns"] = np.full(counts.shape, np.nan)
        self.known[counts > 0] = sums[counts > 0] / counts[counts > 0]
        self.value_range = around(np.nanmin(self.known), np.nanmax(self.known))
        self.near: Bool[np.ndarray, "rows columns"] = ndimage.binary_dilation(
            counts > 0, iterations=NEAR
        )

    def draw(
        self, function: Callable[[Float[np.ndarray, "some 2"]], Float[np.ndarray, " some"]]
    ) -> Float[np.ndarray, "rows columns"]:
        """The function at the middle of every cell near a point, NaN elsewhere."""
        drawn = np.full(self.near.shape, np.nan)
        x, y = np.meshgrid(self.x, self.y)
        drawn[self.near] = function(np.stack([x[self.near], y[self.near]], axis=1))
        return drawn


def around(low: float, high: float) -> Float[np.ndarray, "2"]:
    """The nearest numbers outside of one digit, such as 0 and 700 for 1.1 and 687."""
    unit = 10.0 ** math.floor(math.log10(high - low or 1))
    outside: np.ndarray = unit * np.array([math.floor(low / unit), math.floor(high / unit) + 1])
    return outside
