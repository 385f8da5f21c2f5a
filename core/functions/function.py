"""A function of one number, with its derivative beside it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from jaxtyping import Float

from core.experiment import finite

Array = Float[np.ndarray, "*shape"]

REACH = 1.5  # of a tangent, to either side of its point


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
        arrays[f"{name}.graph"] = finite(function(x))
        arrays[f"{name}.derivative"] = finite(function.derivative(x))
    return arrays


def evaluate(
    functions: Mapping[str, Function], at: Float[np.ndarray, " functions"]
) -> tuple[Float[np.ndarray, " functions"], Float[np.ndarray, " functions"]]:
    """The value and the derivative of each function at its own place."""
    pairs = [(f(x), f.derivative(x)) for f, x in zip(functions.values(), at[:, None], strict=True)]
    values, slopes = zip(*pairs, strict=True)
    return np.concatenate(values), np.concatenate(slopes)


def places(
    functions: Mapping[str, Function], at: Float[np.ndarray, " functions"]
) -> dict[str, np.ndarray]:
    """Where each function is on its graphs, at its own place.

    name.point, name.slope: (1, 2), on the graph and on that of the derivative
    name.tangent_x, name.tangent_y: (2,), the ends of a piece of the tangent
    """
    arrays, ends = {}, np.array([-REACH, REACH])
    for name, x, value, slope in zip(functions, at, *evaluate(functions, at), strict=True):
        arrays[f"{name}.point"] = finite(np.array([[x, value]]))
        arrays[f"{name}.slope"] = finite(np.array([[x, slope]]))
        arrays[f"{name}.tangent_x"] = finite(x + ends)
        arrays[f"{name}.tangent_y"] = finite(value + slope * ends)
    return arrays


def columns(
    names: Iterable[str], **quantities: Float[np.ndarray, " functions"]
) -> dict[str, float]:
    """Scalars `name.quantity` of each function."""
    return {
        f"{name}.{quantity}": float(value)
        for quantity, values in quantities.items()
        for name, value in zip(names, values, strict=True)
    }


def listed(names: Sequence[str]) -> str:
    """“a”, “a and b”, “a, b and c”."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def told(fates: Mapping[str, str], order: Sequence[str]) -> str:
    """“Lost: a; on the way: b and c.” of names and what became of each, the fates in order."""
    groups = {fate: [name for name, own in fates.items() if own == fate] for fate in order}
    sentence = "; ".join(f"{fate}: {listed(names)}" for fate, names in groups.items() if names)
    return f"{sentence[0].upper()}{sentence[1:]}."
