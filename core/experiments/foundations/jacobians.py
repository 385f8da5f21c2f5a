"""The Jacobian of each layer of a 2-layer net, a row by each backward pass, a column by moving."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch.autograd.functional import jacobian
from torch.func import functional_call

from core import config, state
from core.config import generator, setting
from core.experiment import CPU, Experiment, Pictures
from core.functions import activations
from core.functions.activations import ActivationName, build_layer
from core.nets.layers import Layer, Linear, Sequential
from core.nets.layers.twin import build_twin
from core.probes.jacobians import jacobian_column, jacobian_row

NAMES = ("linear1", "activation", "linear2", "net", "weight")


class Jacobians(Experiment):
    """One step adds a row and a column to each matrix."""

    class Config(config.Config):
        """Settings of the net."""

        inputs: int = setting(4, label="Inputs", ge=1, le=8, help="The width of x.")
        hidden: int = setting(5, label="Hidden units", ge=1, le=8, help="The width of z and h.")
        outputs: int = setting(3, label="Outputs", ge=1, le=8, help="The width of the scores s.")
        batch: int = setting(1, label="Batch size", ge=1, le=4, help="Rows of x.")
        activation: ActivationName = setting(
            "tanh", label="Activation", choices=activations.LABELS, help="From z to h."
        )

    SMOKE = Config()
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, CPU)
        source = generator(config.seed)
        first = Linear(config.inputs, config.hidden, source)
        second = Linear(config.hidden, config.outputs, source)
        self.net = Sequential([first, build_layer(config.activation), second])
        drawn = torch.randn(config.batch, config.inputs, dtype=torch.float64, generator=source)
        x = drawn.numpy()
        z = first.forward(x)
        h = self.net.layers[1].forward(z)
        self.cases: dict[str, tuple[Layer, np.ndarray, str]] = {
            "linear1": (first, x, ""),
            "activation": (self.net.layers[1], z, ""),
            "linear2": (second, h, ""),
            "net": (self.net, x, ""),
            "weight": (first, x, "weight"),
        }
        self.by_backward = {
            name: torch.zeros(self._shape(name), dtype=torch.float64) for name in NAMES
        }
        self.by_differences = torch.zeros_like(self.by_backward["net"])
        self.by_autograd = {name: self._autograd(name) for name in NAMES}
        self.total = max(*map(len, self.by_backward.values()), x.size)

    def step(self) -> Mapping[str, float] | None:
        """The next row and column. error: the largest difference from autograd so far."""
        if self.steps == self.total:
            return None
        for name, (layer, x, by) in self.cases.items():
            rows = self.by_backward[name]
            if self.steps < len(rows):
                rows[self.steps] = torch.from_numpy(jacobian_row(layer, x, self.steps, by))
        _, x, _ = self.cases["net"]
        if self.steps < x.size:
            column = jacobian_column(lambda: self.net.forward(x), x, self.steps)
            self.by_differences[:, self.steps] = torch.from_numpy(column)
        self.steps += 1
        return {"error": self._error()}

    def picture(self) -> Pictures:
        """linear1, activation, linear2, net, weight: matrices by backward, NaN until their turn.

        differences: the matrix of the net by differences
        """
        shown = {name: self._known_rows(name) for name in NAMES}
        differences = self.by_differences.clone()
        differences[:, self.steps :] = torch.nan
        arrays = shown | {"differences": differences}
        return {name: array.numpy().astype(np.float32) for name, array in arrays.items()}

    def words(self) -> str:
        """The shapes of the chain, and whether its product is the net's Jacobian."""
        if not self.steps:
            arrays = [x for _, x, _ in list(self.cases.values())[:3]]
            sizes = [" × ".join(map(str, array.shape)) for array in arrays]
            return (
                f"x ({sizes[0]}) → z ({sizes[1]}) → h ({sizes[2]}) →"
                f" s ({self.config.batch} × {self.config.outputs}). A Jacobian is a"
                " table of slopes: how fast each output (row) grows with each input (column)."
            )
        if self.steps < self.total:
            of = len(self.by_backward["net"])
            return (
                f"{min(self.steps, of)} of {of} rows of ∂s/∂x by as many backward passes."
                f" PyTorch's autograd gives the same to {self._error():.0e}."
            )
        chain = [self.by_backward[name] for name in ("linear2", "activation", "linear1")]
        product = chain[0] @ chain[1] @ chain[2]
        apart = float((product - self.by_backward["net"]).abs().max())
        shapes = "".join(f"({' × '.join(map(str, matrix.shape))})" for matrix in chain)
        return (
            f"∂s/∂x = ∂s/∂h ∂h/∂z ∂z/∂x = {shapes}: the product is the net's Jacobian to"
            f" {apart:.0e}, and autograd gives it to {self._error():.0e}."
        )

    def provenance(self) -> Mapping[str, str]:
        """Random numbers."""
        return {
            "data": f"{self.config.batch} random input{'s' * (self.config.batch > 1)}",
            "weights": "random weights",
        }

    def parts(self) -> Mapping[str, state.Part]:
        """The matrices."""
        return {**self.by_backward, "differences": self.by_differences}

    def _shape(self, name: str) -> tuple[int, int]:
        layer, x, by = self.cases[name]
        return layer.forward(x).size, (layer.parameters[by] if by else x).size

    def _known_rows(self, name: str) -> torch.Tensor:
        known = self.by_backward[name].clone()
        known[self.steps :] = torch.nan
        return known

    def _error(self) -> float:
        """The largest difference of a known row from PyTorch's."""
        return max(
            float((self.by_backward[name] - self.by_autograd[name])[: self.steps].abs().max())
            for name in NAMES
        )

    def _autograd(self, name: str) -> torch.Tensor:
        """The whole matrix by PyTorch."""
        layer, x, by = self.cases[name]
        twin = build_twin(layer if isinstance(layer, Sequential) else Sequential([layer]))
        inputs = torch.from_numpy(x)
        if by:

            def run(weight: torch.Tensor) -> torch.Tensor:
                y: torch.Tensor = functional_call(twin, {"0.weight": weight.T}, inputs)
                return y

            matrix = jacobian(run, torch.from_numpy(layer.parameters[by]))
        else:
            matrix = jacobian(twin, inputs)
        return torch.as_tensor(matrix).reshape(self._shape(name))
