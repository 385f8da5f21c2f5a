"""A function of one number, with its derivative beside it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
from jaxtyping import Float

Array = Float[np.ndarray, "*shape"]


class Function(ABC):
    """Both are elementwise, on arrays of any shape, and finite wherever float64 can hold them.

    At a kink, where there is no slope, `derivative` is that of PyTorch.
    """

    label: ClassVar[str]

    @abstractmethod
    def __call__(self, x: Array) -> Array:
        """f(x)"""

    @abstractmethod
    def derivative(self, x: Array) -> Array:
        """f′(x)"""
