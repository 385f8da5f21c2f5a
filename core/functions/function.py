"""A function of one number, with its derivative beside it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

import numpy as np
from jaxtyping import Float

Array = Float[np.ndarray, "*shape"]

REACH = 1.0  # of a tangent, to either side of its point


class Function(ABC):
    """Both are elementwise, on arrays of any shape, and finite wherever float64 can hold them.

    At a kink, where there is no slope, `derivative` is that of PyTorch.
    """

    @abstractmethod
    def __call__(self, x: Array) -> Array:
        """f(x)"""

    @abstractmethod
    def derivative(self, x: Array) -> Array:
        """f′(x)"""


def graphs(functions: Mapping[str, Function], x: Float[np.ndarray, " n"]) -> dict[str, np.ndarray]:
    """Of each function `name.graph` and `name.derivative`, (n,), NaN where they are not finite."""
    arrays = {}
    for name, function in functions.items():
        arrays[f"{name}.graph"] = _drawable(function(x))
        arrays[f"{name}.derivative"] = _drawable(function.derivative(x))
    return arrays


def places(
    functions: Mapping[str, Function], at: Float[np.ndarray, " functions"]
) -> dict[str, np.ndarray]:
    """Where each function is on its graphs, one place per function.

    name.point, name.slope: (1, 2), on the graph and on that of the derivative
    name.tangent_x, name.tangent_y: (2,), the ends of a piece of the tangent
    """
    arrays = {}
    for (name, function), x in zip(functions.items(), at[:, None], strict=True):
        value, slope = function(x), function.derivative(x)
        ends = np.array([-REACH, REACH])
        arrays[f"{name}.point"] = _drawable(np.stack([x, value], axis=1))
        arrays[f"{name}.slope"] = _drawable(np.stack([x, slope], axis=1))
        arrays[f"{name}.tangent_x"] = _drawable(x + ends)
        arrays[f"{name}.tangent_y"] = _drawable(value + slope * ends)
    return arrays


def _drawable(values: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        narrow = values.astype(np.float32)
    return np.where(np.isfinite(narrow), narrow, np.float32(np.nan))
