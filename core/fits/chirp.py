"""A curve whose wiggles come closer and closer together: easy to the left, hard to the right."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor

INSIDE, OUTSIDE = 1.0, 1.5  # data lie in [0, INSIDE]; nets are asked as far as OUTSIDE
SPACING = 0.005  # about three places in the shortest wave, which is 1/68 long
GRID = torch.arange(0, OUTSIDE + SPACING / 2, SPACING)  # where nets are asked: 301 places
SHOWN = slice(None, None, 2)  # those of them, 151, at which many nets are drawn
WITHIN = GRID < INSIDE + SPACING / 2
FINE = torch.linspace(0, OUTSIDE, 1501)  # where the curve itself is drawn


def chirp(x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """f(x) = sin(10πx⁴): five whole waves in [0, 1], twenty in [1, 1.5]."""
    return torch.sin(10 * math.pi * x**4)
