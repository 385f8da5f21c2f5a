"""The rate rises evenly, then falls along half a cosine (Loshchilov and Hutter 2017)."""

from __future__ import annotations

import math

WARM_UP = 0.05  # share of the run in which the rate rises


def cosine_rate(peak: float, step: int, total: int) -> float:
    """η at `step` of `total`: up to the peak, then peak · (1 + cos πt) / 2 with t from 0 to 1."""
    rise = max(1, round(WARM_UP * total))
    if step < rise:
        return peak * (step + 1) / rise
    return peak * (1 + math.cos(math.pi * (step - rise) / max(1, total - rise))) / 2
