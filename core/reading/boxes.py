"""A path through a table of energies, as boxes around its cells."""

from __future__ import annotations

import numpy as np
from jaxtyping import Int, Int32
from torch import Tensor


def boxes(path: Int[Tensor, " windows"]) -> Int32[np.ndarray, "boxes 4"]:
    """Row, column, rows and columns of a box for each class that a path stays at.

    There are as many boxes as windows, so that their number never changes; unused ones have no
    rows.
    """
    found = np.zeros((len(path), 4), np.int32)
    used = -1
    for window, row in enumerate(path.tolist()):
        if window and row == found[used, 0]:
            found[used, 3] += 1
        else:
            used += 1
            found[used] = row, window, 1, 1
    return found
