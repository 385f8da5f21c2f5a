"""A kernel walks over a picture: at each place the window times the kernel, summed.

As everywhere in deep learning the kernel is not flipped.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pydantic
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import conv2d, pad

from core import state
from core.config import setting
from core.convolution.grey import GreySettings, grey_picture
from core.convolution.kernels import NAMES, Name, named_kernel, parse_kernel
from core.convolution.terms import number, written
from core.convolution.windows import boxes, window_at
from core.experiment import CPU, Experiment, Pictures, Scalars, to_array

MOST_TERMS = 9  # of a sum that is written out


class ConvolutionWalk(Experiment):
    """One step is one output."""

    class Config(GreySettings):
        """Settings of the walk."""

        kernel: Name = setting(
            "edges", label="Kernel", choices=NAMES, live=True, help="What the window is times."
        )
        own_kernel: str = setting(
            "0 1 0; 1 -4 1; 0 1 0",
            label="My kernel",
            max_length=600,
            live=True,
            when=("kernel", "own"),
            help="Its rows, parted by semicolons.",
        )

        @pydantic.model_validator(mode="after")
        def _has_a_kernel(self) -> ConvolutionWalk.Config:
            self.weights()
            return self

        def weights(self) -> Float[Tensor, "k k"]:
            """The kernel's numbers. Raises ConfigError."""
            if self.kernel == "own":
                return parse_kernel(self.own_kernel, self.size)
            return named_kernel(self.kernel, self.size)

    SMOKE = Config(pixels=5)
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        self.image, self.source = grey_picture(config)
        self.padded = pad(self.image, (config.padding,) * 4)
        self.side = config.outputs
        self.total = self.side**2
        self.output = torch.zeros(self.side, self.side, dtype=torch.float64)
        self.kernel = config.weights()  # of the last step

    def step(self) -> Scalars | None:
        """The next output, row by row."""
        if self.steps == self.total:
            return None
        row, column = divmod(self.steps, self.side)
        self.kernel.copy_(self.config.weights())
        self.output[row, column] = (
            window_at(self.padded, self.config, row, column) * self.kernel
        ).sum()
        self.steps += 1
        return {"output": float(self.output[row, column])}

    @property
    def here(self) -> tuple[int, int]:
        """Row and column of the last output; of the first before there is one."""
        return divmod(max(self.steps - 1, 0), self.side)

    def backdrop(self) -> Pictures:
        """padded: the picture between zeros; frame: (1, 4), where it lies; size: its formula."""
        p, n = self.config.padding, self.config.n
        return {
            "padded": to_array(self.padded),
            "frame": np.array([[p, p, n, n]], np.int32),
            "size": np.array(self.config.formula()),
        }

    def picture(self) -> Pictures:
        """The window and what came of it.

        taps: (k², 4), its cells; window, kernel, products: (k, k)
        output: (outputs, outputs), NaN where there is none yet; here: (1, 4), the last
        range: (2,), of the whole output by the kernel of now
        """
        row, column = self.here
        window = window_at(self.padded, self.config, row, column)
        kernel = self.kernel if self.steps else self.config.weights()
        whole = self.whole(kernel)
        done = torch.arange(self.total).reshape(whole.shape) < self.steps
        products = window * kernel if self.steps else torch.full_like(window, torch.nan)
        return {
            "taps": to_array(boxes(self.config, row, column)),
            "window": to_array(window),
            "kernel": to_array(kernel),
            "products": to_array(products),
            "output": to_array(torch.where(done, self.output, torch.nan)),
            "here": np.array([[row, column, 1, 1]], np.int32),
            "range": to_array(torch.stack([whole.min(), whole.max()])),
        }

    def whole(self, kernel: Float[Tensor, "k k"]) -> Float[Tensor, "outputs outputs"]:
        """All outputs of one kernel, by PyTorch."""
        stride, dilation = self.config.stride, self.config.dilation
        return conv2d(self.padded[None], kernel[None, None], stride=stride, dilation=dilation)[0]

    def words(self) -> str:
        """The sum of the last output, written out."""
        if not self.steps:
            return (
                f"{self.side} × {self.side} outputs wait: {self.config.k**2} products are summed"
                " for each."
            )
        row, column = self.here
        weights = self.kernel.flatten().tolist()
        values = window_at(self.padded, self.config, row, column).flatten().tolist()
        if len(weights) <= MOST_TERMS:
            terms = written(weights, values)
        else:
            terms = f"{len(weights)} products"
        result = number(float(self.output[row, column]))
        return f"Row {row}, column {column} of {self.side} × {self.side}: {terms} = {result}."

    def provenance(self) -> Mapping[str, str]:
        """Which picture."""
        return {"data": f"{self.source}, {self.config.n} × {self.config.n}"}

    def parts(self) -> Mapping[str, state.Part]:
        """The outputs so far, and the kernel of the last."""
        return {"output": self.output, "kernel": self.kernel}
