"""Is a gradient right? Move one number a little both ways and look at what the loss does."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np
from jaxtyping import Float

FLOOR = 1e-4  # smaller slopes are compared as if they were this large: differences are no finer


Value = TypeVar("Value", float, np.ndarray)


def centred_difference(
    loss: Callable[[], Value],
    parameter: Float[np.ndarray, "..."],
    index: tuple[int, ...],
    h: float,
) -> Value:
    """(L(θ + h) − L(θ − h)) / 2h for one entry θ of a parameter, which is put back after.

    It is off by h² L‴/6, because the loss is curved, and by about 10⁻¹⁶ L/h in float64, because
    its last digits are rounded: h near 10⁻⁵ makes both small.
    """
    kept = parameter[index]
    parameter[index] = kept + h
    above = loss()
    parameter[index] = kept - h
    below = loss()
    parameter[index] = kept
    slope: Value = (above - below) / (2 * h)
    return slope


def relative_error(
    analytic: Float[np.ndarray, "*shape"], numeric: Float[np.ndarray, "*shape"]
) -> Float[np.ndarray, "*shape"]:
    """|a − n| / max(|a|, |n|, 10⁻⁴): 0 where they agree, 1 where one is far less, 2 if opposite."""
    size = np.maximum(np.abs(analytic), np.abs(numeric))
    error: np.ndarray = np.abs(analytic - numeric) / np.maximum(size, FLOOR)
    return error
