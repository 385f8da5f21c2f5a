"""Five state outlines as points: 1,000 per state, uniform by arc length along all its rings.

Outlines in degrees of longitude and latitude, from the US Census Bureau (public domain).
"""

from __future__ import annotations

import json

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from core import assets
from core.config import generator

OUTLINES = assets.ASSETS / "data" / "us_states" / "five_states.json"

Outline = list[list[list[float]]]  # closed rings of [longitude, latitude]


def outlines() -> dict[str, Outline]:
    """The rings of each state, largest first."""
    states: dict[str, Outline] = json.loads(assets.read(OUTLINES))
    return states


def along(outline: Outline, places: Float[np.ndarray, " points"]) -> Float[np.ndarray, "points 2"]:
    """The points at `places` in [0, 1) of the way round all rings, one ring after the other."""
    starts = np.concatenate([ring[:-1] for ring in outline])
    ends = np.concatenate([ring[1:] for ring in outline])
    lengths = np.linalg.norm(ends - starts, axis=1)
    before = np.concatenate([[0.0], np.cumsum(lengths)])
    metres = places * before[-1]
    edge = np.searchsorted(before, metres, side="right") - 1
    share = (metres - before[edge]) / lengths[edge]
    points: np.ndarray = starts[edge] + share[:, None] * (ends - starts)[edge]
    return points


def sample_states(
    per_state: int = 1000, seed: int = 0
) -> tuple[Float[Tensor, "points 2"], Int[Tensor, " points"], tuple[str, ...]]:
    """Points on the outlines in degrees, the state of each (0..4), and the states' names."""
    states = outlines()
    source = generator(seed)
    drawn = [
        along(rings, torch.rand(per_state, generator=source, dtype=torch.float64).numpy())
        for rings in states.values()
    ]
    labels = torch.arange(len(states)).repeat_interleave(per_state)
    return torch.from_numpy(np.concatenate(drawn)), labels, tuple(states)
