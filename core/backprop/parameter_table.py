"""One number for each entry of a net's parameters: in a row, by layer, or laid out as a table."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float

from core.nets.layers import BatchNorm, Sequential


class ParameterTable:
    """The entries of all parameters in order; each layer has a weight and then a bias."""

    def __init__(self, net: Sequential) -> None:
        self.shapes = {name: parameter.shape for name, parameter in net.parameters.items()}
        self.places = [
            (name, at) for name, shape in self.shapes.items() for at in np.ndindex(shape)
        ]
        self.layers = list(dict.fromkeys(name.partition(".")[0] for name in self.shapes))
        self.labels = [self._label(name, net) for name in self.shapes]

    def flat(self, arrays: Mapping[str, np.ndarray]) -> Float[np.ndarray, " entries"]:
        """The entries of arrays of the parameters' names and shapes, in float64."""
        return np.array([arrays[name][at] for name, at in self.places], np.float64)

    def largest(self, values: Float[np.ndarray, " entries"]) -> Float[np.ndarray, " parameters"]:
        """Of each parameter, NaN left out; NaN where there is nothing else."""
        names = np.array([name for name, _ in self.places])
        known = ~np.isnan(values)
        mine = [values[(names == name) & known] for name in self.shapes]
        return np.array([entries.max() if len(entries) else np.nan for entries in mine])

    def by_layer(
        self, values: Float[np.ndarray, "entries columns"]
    ) -> dict[str, Float[np.ndarray, "some columns"]]:
        """The rows of each layer, as "layer1" and so on."""
        layers = np.array([name.partition(".")[0] for name, _ in self.places])
        return {f"layer{n}": values[layers == layer] for n, layer in enumerate(self.layers, 1)}

    def picture(self, values: Float[np.ndarray, " entries"]) -> Float[np.ndarray, "rows columns"]:
        """Layers side by side, a column per output, the bias under the weights, NaN between."""
        blocks, start = [], 0
        for shape in list(self.shapes.values())[::2]:
            size, outputs = int(np.prod(shape)), shape[0] if len(shape) == 4 else shape[-1]
            weight, bias = np.split(values[start : start + size + outputs], [size])
            weight = (
                weight.reshape(outputs, -1).T if len(shape) == 4 else weight.reshape(-1, outputs)
            )
            blocks.append(np.vstack([weight, bias]))
            start += size + outputs
        table = np.full((max(map(len, blocks)), sum(b.shape[1] + 1 for b in blocks) - 1), np.nan)
        column = 0
        for block in blocks:
            table[: len(block), column : column + block.shape[1]] = block
            column += block.shape[1] + 1
        return table

    def _label(self, name: str, net: Sequential) -> str:
        layer, _, kind = name.partition(".")
        letters = "γβ" if isinstance(net.layers[int(layer)], BatchNorm) else "Wb"
        letter = letters[kind == "bias"]
        shape = " × ".join(map(str, self.shapes[name]))
        return f"{letter}{self.layers.index(layer) + 1} ({shape})"
