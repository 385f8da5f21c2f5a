"""Rates that fall along half a cosine (Loshchilov and Hutter 2017)."""

from __future__ import annotations

import math

WARM_UP = 0.05  # share of the run in which the rate rises


def half_cosine(step: float, total: float) -> float:
    """(1 + cos πt) / 2 at t = step / total: from 1 at the beginning to 0 at the end."""
    return (1 + math.cos(math.pi * step / total)) / 2


def cosine_rate(peak: float, step: int, total: int) -> float:
    """η at `step` of `total`: evenly up to the peak, then down along half a cosine."""
    rise = max(1, round(WARM_UP * total))
    if step < rise:
        return peak * (step + 1) / rise
    return peak * half_cosine(step - rise, max(1, total - rise))
