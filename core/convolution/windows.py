"""Where a window can stand: kernel, padding, stride and dilation, and how many outputs they leave.

Dumoulin and Visin (2016), relationship 6, with dilation as in section 5.1.
"""

from __future__ import annotations

from abc import abstractmethod

import pydantic
import torch
from jaxtyping import Float
from torch import Tensor

from core.config import Config, ConfigError, setting


class WindowSettings(Config):
    """Base of the settings of experiments in which a window walks."""

    padding: int = setting(0, label="Padding p", ge=0, le=6, help="Cells added on every side.")
    stride: int = setting(1, label="Stride s", ge=1, le=6, help="Cells from window to window.")
    dilation: int = setting(
        1,
        label="Dilation d",
        ge=1,
        le=6,
        help="Cells from one of the window's cells to the next; 1: they touch.",
    )

    @property
    @abstractmethod
    def n(self) -> int:
        """Cells of the input's side."""

    @property
    @abstractmethod
    def k(self) -> int:
        """Cells of the window's side."""

    @property
    def outputs(self) -> int:
        """Places of the window along one side."""
        return output_size(self.n, self.k, self.padding, self.stride, self.dilation)

    @pydantic.model_validator(mode="after")
    def _fits(self) -> WindowSettings:
        span, room = window_span(self.k, self.dilation), self.n + 2 * self.padding
        if span > room:
            raise ValueError(
                f"The kernel spans {span} cells and the padded input has {room}: take a smaller"
                " kernel or dilation, or more padding."
            )
        return self

    def formula(self) -> list[str]:
        """The number of outputs along one side: as a formula, with numbers, and worked out."""
        n, k, p, s, d = self.n, self.k, self.padding, self.stride, self.dilation
        inner = n + 2 * p - d * (k - 1) - 1
        return [
            "⌊(n + 2p − d(k − 1) − 1) / s⌋ + 1",
            f"⌊({n} + 2·{p} − {d}·({k} − 1) − 1) / {s}⌋ + 1",
            f"⌊{inner / s:.4g}⌋ + 1",
            f"{self.outputs}",
        ]


def window_span(kernel: int, dilation: int) -> int:
    """Cells from the first to the last that a window covers."""
    return dilation * (kernel - 1) + 1


def output_size(n: int, kernel: int, padding: int, stride: int, dilation: int) -> int:
    """Outputs along a side of n cells: ⌊(n + 2p − d(k − 1) − 1) / s⌋ + 1. Raises ConfigError."""
    room = n + 2 * padding - window_span(kernel, dilation)
    if room < 0:
        raise ConfigError(f"A kernel of {kernel} cells does not fit; make it smaller.")
    return room // stride + 1


def window_at(
    padded: Float[Tensor, "height width"], config: WindowSettings, row: int, column: int
) -> Float[Tensor, "k k"]:
    """The cells under the window that gives the output at a row and a column."""
    span = window_span(config.k, config.dilation)
    top, left = row * config.stride, column * config.stride
    return padded[top : top + span : config.dilation, left : left + span : config.dilation]


def boxes(config: WindowSettings, row: int, column: int) -> Tensor:
    """Row, column, rows and columns of each cell of that window, (k², 4), for outlines."""
    steps = config.dilation * torch.arange(config.k)
    places = torch.cartesian_prod(row * config.stride + steps, column * config.stride + steps)
    return torch.cat([places.reshape(-1, 2), torch.ones(config.k**2, 2, dtype=torch.long)], 1)
