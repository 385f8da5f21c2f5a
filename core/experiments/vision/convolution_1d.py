"""Cross-correlation beside convolution, number by number, with the gradients as matrices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import numpy as np
import pydantic
import torch
from jaxtyping import Float
from torch import Tensor

from core import state
from core.config import setting
from core.convolution.along import (
    OPERATIONS,
    Operation,
    by_input,
    by_kernel,
    laid,
    pad,
    places,
)
from core.convolution.kernels import parse_numbers
from core.convolution.terms import number, written
from core.convolution.windows import WindowSettings
from core.experiment import CPU, Experiment, Pictures, Scalars, to_array

MOST_CELLS, MOST_WEIGHTS = 24, 7
NAMES: dict[Operation, str] = {"correlation": "cross-correlation", "convolution": "convolution"}


def _signal(text: str) -> str:
    parse_numbers(text, "The signal", 2, MOST_CELLS)
    return text


def _kernel(text: str) -> str:
    parse_numbers(text, "The kernel", 1, MOST_WEIGHTS)
    return text


class Convolution1D(Experiment):
    """One step is one output of both."""

    class Config(WindowSettings):
        """Settings of the signal and its kernel."""

        signal: Annotated[str, pydantic.AfterValidator(_signal)] = setting(
            "0 0 0 0 1 0 0 0 0", label="Signal x", max_length=300, help="Numbers, by blanks."
        )
        kernel: Annotated[str, pydantic.AfterValidator(_kernel)] = setting(
            "1 2 3", label="Kernel W", max_length=100, help="Numbers, by blanks."
        )
        upstream: str = setting(
            "1",
            label="Gradient ∂ℓ/∂f",
            max_length=300,
            help="What comes back from the loss: a number for each output, or one for all.",
        )
        operation: Operation = setting(
            "correlation",
            label="Gradients of",
            choices=OPERATIONS,
            live=True,
            help="Whose matrices are shown.",
        )

        @property
        def n(self) -> int:
            """Numbers of the signal."""
            return len(parse_numbers(self.signal, "The signal", 2, MOST_CELLS))

        @property
        def k(self) -> int:
            """Numbers of the kernel."""
            return len(parse_numbers(self.kernel, "The kernel", 1, MOST_WEIGHTS))

        @pydantic.model_validator(mode="after")
        def _one_gradient_per_output(self) -> Convolution1D.Config:
            self.gradients()
            return self

        def gradients(self) -> Float[Tensor, " outputs"]:
            """∂ℓ/∂f. Raises ConfigError."""
            name, count = "The gradient ∂ℓ/∂f", self.outputs
            given = parse_numbers(self.upstream, name, 1, max(count, 1 + self.upstream.count(" ")))
            if len(given) == 1:
                return given.expand(count).clone()
            return parse_numbers(self.upstream, name, count, count)

    SMOKE = Config()
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        self.x = parse_numbers(config.signal, "The signal", 2, MOST_CELLS)
        self.kernel = parse_numbers(config.kernel, "The kernel", 1, MOST_WEIGHTS)
        self.upstream = config.gradients()
        self.places = places(config)
        self.total = config.outputs
        self.f = torch.zeros(2, self.total, dtype=torch.float64)  # a row for each operation

    def step(self) -> Scalars | None:
        """The next output of both: the same window, the kernel as it is and flipped."""
        if self.steps == self.total:
            return None
        window = pad(self.x, self.config.padding)[self.places[self.steps]]
        for row, operation in enumerate(OPERATIONS):
            self.f[row, self.steps] = window @ laid(self.kernel, operation)
        self.steps += 1
        return {name: float(self.f[row, self.steps - 1]) for row, name in enumerate(OPERATIONS)}

    def so_far(self, whole: Float[Tensor, "*rows outputs"]) -> Float[Tensor, "*rows outputs"]:
        """NaN for the outputs that are not there yet."""
        return torch.where(torch.arange(self.total) < self.steps, whole, torch.nan)

    def kernel_gradient(self, operation: Operation) -> Float[Tensor, " k"]:
        """∂ℓ/∂W = (∂f/∂W)ᵀ ∂ℓ/∂f, summed over the outputs so far."""
        rows = by_kernel(self.x, operation, self.config)[: self.steps]
        return rows.T @ self.upstream[: self.steps]

    def backdrop(self) -> Pictures:
        """size: the number of outputs, as a formula; upstream: (1, outputs), ∂ℓ/∂f."""
        return {
            "size": np.array(self.config.formula()),
            "upstream": to_array(self.upstream[None]),
        }

    def picture(self) -> Pictures:
        """The kernel over the signal, and the matrices row by row.

        signal: (3, padded), x and W where it lies now, as it is and flipped; taps: (k, 4)
        f: (2, outputs), correlation and convolution; here: (1, 4)
        by_input: (outputs, n) and by_kernel: (outputs, k), the Jacobians of the chosen operation
        by_input_row, by_kernel_row: (1, 4); kernel_gradient, input_gradient: (1, k), (1, n)
        """
        at, operation = max(self.steps - 1, 0), self.config.operation
        padded, here = pad(self.x, self.config.padding), self.places[at]
        rows = torch.full((3, len(padded)), torch.nan, dtype=torch.float64)
        rows[0] = padded
        for row, kind in enumerate(OPERATIONS, start=1):
            rows[row, here] = laid(self.kernel, kind)
        inner = by_input(self.kernel, operation, self.config)
        outer = by_kernel(self.x, operation, self.config)
        back = inner[: self.steps].T @ self.upstream[: self.steps]
        return {
            "signal": to_array(rows),
            "taps": np.array([[0, cell, 1, 1] for cell in here.tolist()], np.int32),
            "f": to_array(self.so_far(self.f)),
            "here": np.array([[0, at, 2, 1]], np.int32),
            "by_input": to_array(self.so_far(inner.T).T),
            "by_kernel": to_array(self.so_far(outer.T).T),
            "by_input_row": np.array([[at, 0, 1, self.config.n]], np.int32),
            "by_kernel_row": np.array([[at, 0, 1, self.config.k]], np.int32),
            "kernel_gradient": to_array(self.kernel_gradient(operation)[None]),
            "input_gradient": to_array(back[None]),
        }

    def words(self) -> str:
        """Both sums of the last output, and how far they differ."""
        if not self.steps:
            return f"{self.total} outputs wait: one window each, the kernel as it is and flipped."
        window = pad(self.x, self.config.padding)[self.places[self.steps - 1]].tolist()
        sums = [
            f"{name} {written(laid(self.kernel, kind).tolist(), window)}"
            f" = {number(float(self.f[row, self.steps - 1]))}"
            for row, (kind, name) in enumerate(NAMES.items())
        ]
        words = f"Output {self.steps - 1}: {'; '.join(sums)}."
        if self.steps == self.total and torch.equal(self.f[0], self.f[1]):
            words += " Both are the same for this pair of signal and kernel."
        return words

    def provenance(self) -> Mapping[str, str]:
        """Where the numbers come from."""
        return {"data": "numbers of the settings"}

    def parts(self) -> Mapping[str, state.Part]:
        """Both outputs so far."""
        return {"f": self.f}
