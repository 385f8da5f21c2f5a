"""Inverted dropout: units are left out at random, the others stand in for them.

Srivastava et al. (2014). "Inverted": the rescaling is done in training, so that evaluation does
nothing.
"""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float
from torch import Generator

from core.nets.layers.layer import Layer


class Dropout(Layer):
    """y = x m, each m being 0 with probability p and 1 / (1 − p) otherwise; in evaluation y = x."""

    def __init__(self, p: float, source: Generator) -> None:
        super().__init__()
        if not 0 <= p < 1:
            raise ValueError(f"Dropout leaves out a share from 0 to below 1, not {p}.")
        self.p = p
        self.source = source

    def forward(self, x: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
        """y = x m, so that E[y] = x"""
        self.mask = np.ones_like(x)
        if self.training:
            drawn = torch.rand(x.shape, dtype=torch.float64, generator=self.source).numpy()
            self.mask = ((drawn >= self.p) / (1 - self.p)).astype(x.dtype)
        return x * self.mask

    def backward(self, dy: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
        """dx = dy m"""
        return dy * self.mask
