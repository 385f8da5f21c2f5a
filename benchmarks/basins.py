"""The map of basins: 10,000 starts as one batch against a Python loop over starts.

Both walk the spiral with the same gradient and the same optimiser and both stop when they have
arrived, so they take the same steps; the results of the loop are compared with those of the batch.
"""

from __future__ import annotations

import time

import numpy as np
import torch

from core.descent.walkers import FAR
from core.experiments.foundations.basins import Basins
from core.surfaces import grid

CONFIG = Basins.Config(surface="spiral", optimiser="sgd", side=100)
LOOPED = 50  # starts the loop is timed on


def measure() -> float:
    """Time of a start in the loop ÷ time of a start in the batch."""
    torch.set_num_threads(1)
    began = time.perf_counter()
    basins = Basins(CONFIG)
    while basins.step():
        pass
    batch = (time.perf_counter() - began) / CONFIG.side**2

    starts = grid(basins.surface.extent, CONFIG.side).flatten(0, 1)
    chosen = torch.randperm(len(starts), generator=torch.Generator().manual_seed(0))[:LOOPED]
    began = time.perf_counter()
    steps = [descend(start) for start in starts[chosen]]
    loop = (time.perf_counter() - began) / LOOPED

    batched = np.nan_to_num(basins.picture()["steps"].flatten()[chosen.numpy()], nan=-1)
    assert steps == batched.tolist()
    print(f"a start in a loop {1e6 * loop:.0f} µs, in a batch {1e6 * batch:.1f} µs")
    return loop / batch


def descend(point: torch.Tensor) -> int:
    """The steps one start takes to converge, as one would write it; -1 if it does not."""
    surface, optimiser = CONFIG.build_surface(), CONFIG.build_optimiser(CONFIG.optimiser)
    state = optimiser.start(point)
    for step in range(1, CONFIG.max_steps + 1):
        point, state = optimiser.step(point, surface.gradient(point), state)
        if not (point.abs() <= FAR).all():
            return -1
        if surface.value(point) < CONFIG.tolerance:
            return step
    return -1


if __name__ == "__main__":
    print(f"{measure():.0f} times faster")
