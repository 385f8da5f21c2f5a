"""What all layers and losses share: forward keeps what backward needs, backward is by hand."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
import torch
from jaxtyping import Float
from torch import Generator

Arrays = dict[str, np.ndarray]


class Layer(ABC):
    """y = f(x). Parameters and buffers are changed in place, so that others may hold on to them."""

    def __init__(self) -> None:
        self.parameters: Arrays = {}
        self.gradients: Arrays = {}  # of the loss by each parameter, set by `backward`
        self.buffers: Arrays = {}  # what a layer remembers besides, such as running means
        self.training = True

    def train(self, mode: bool = True) -> None:
        """Switch to training, or with False to evaluation: dropout and batch norm differ."""
        self.training = mode

    @abstractmethod
    def forward(self, x: Float[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
        """The layer's output y."""

    @abstractmethod
    def backward(self, dy: Float[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
        """∂L/∂x from dy = ∂L/∂y of the last forward; also sets `gradients`."""


class Loss(ABC):
    """L(x, target): one number for a batch of predictions x."""

    @abstractmethod
    def forward(self, x: Float[np.ndarray, "..."], target: np.ndarray) -> float:
        """The loss, a mean over the batch."""

    @abstractmethod
    def backward(self) -> Float[np.ndarray, "..."]:
        """∂L/∂x of the last forward."""


def uniform(shape: tuple[int, ...], bound: float, source: Generator) -> Float[np.ndarray, "..."]:
    """Numbers drawn from U(−bound, bound), in float64."""
    drawn = torch.rand(shape, dtype=torch.float64, generator=source).numpy()
    return bound * (2 * drawn - 1)
