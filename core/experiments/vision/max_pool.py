"""Max-pooling: of each window the largest value goes on, and only there the gradient comes back."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pydantic
import torch
from torch.nn.functional import pad

from core import state
from core.config import setting
from core.convolution.grey import GreySettings, grey_picture
from core.convolution.windows import boxes, window_at
from core.experiment import CPU, Experiment, Pictures, Scalars, finite, to_array


class MaxPool(Experiment):
    """One step is one window: forward its largest value, backward one unit of gradient."""

    class Config(GreySettings):
        """Settings of the pooling."""

        size: int = setting(2, label="Window k", ge=1, le=7, help="Cells of the window's side.")
        stride: int = setting(2, label="Stride s", ge=1, le=6, help="Cells from window to window.")

        @pydantic.model_validator(mode="after")
        def _sees_the_picture(self) -> MaxPool.Config:
            if self.padding > self.size // 2:
                raise ValueError(
                    f"Padding is at most half the window, {self.size // 2} here: a window beyond"
                    " the picture has no largest value."
                )
            return self

    SMOKE = Config(pixels=5)
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        self.image, self.source = grey_picture(config)
        # What is added never wins, even over 0.
        self.padded = pad(self.image, (config.padding,) * 4, value=-torch.inf)
        self.side = config.outputs
        self.total = self.side**2
        self.output = torch.zeros(self.side, self.side, dtype=torch.float64)
        self.winners = torch.zeros(self.total, 2, dtype=torch.long)  # row and column in `padded`
        self.gradient = torch.zeros_like(self.image)

    def step(self) -> Scalars | None:
        """The next window: its first largest value, and 1 of gradient back to that cell."""
        if self.steps == self.total:
            return None
        row, column = divmod(self.steps, self.side)
        window = window_at(self.padded, self.config, row, column)
        u, v = divmod(int(window.argmax()), self.config.k)
        d, s, p = self.config.dilation, self.config.stride, self.config.padding
        top, left = s * row + d * u, s * column + d * v
        self.output[row, column] = window[u, v]
        self.winners[self.steps] = torch.tensor([top, left])
        self.gradient[top - p, left - p] += 1
        self.steps += 1
        return {"output": float(window[u, v])}

    def backdrop(self) -> Pictures:
        """padded: the picture, NaN around it; frame: (1, 4), where it lies; size: its formula."""
        p, n = self.config.padding, self.config.n
        return {
            "padded": finite(self.padded.numpy()),
            "frame": np.array([[p, p, n, n]], np.int32),
            "size": np.array(self.config.formula()),
        }

    def picture(self) -> Pictures:
        """The window, its winner, and all so far.

        taps: (k², 4), the window's cells; winner: (1, 4), its largest; here: (1, 4), its output
        output: (outputs, outputs), NaN where there is none yet; won: (n, n), the gradient
        """
        row, column = divmod(max(self.steps - 1, 0), self.side)
        winner = np.zeros((1, 4), np.int32)
        if self.steps:
            winner[0] = (*self.winners[self.steps - 1].tolist(), 1, 1)
        done = torch.arange(self.total).reshape(self.output.shape) < self.steps
        return {
            "taps": to_array(boxes(self.config, row, column)),
            "winner": winner,
            "here": np.array([[row, column, 1, 1]], np.int32),
            "output": to_array(torch.where(done, self.output, torch.nan)),
            "won": to_array(self.gradient),
        }

    def words(self) -> str:
        """What won, and how many cells hear nothing."""
        if not self.steps:
            return f"{self.side} × {self.side} windows wait; of each the largest value goes on."
        row, column = divmod(self.steps - 1, self.side)
        top, left = (self.winners[self.steps - 1] - self.config.padding).tolist()
        deaf = float((self.gradient == 0).double().mean())
        words = (
            f"Window {row}, {column} of {self.side} × {self.side}: {self.output[row, column]:.0f}"
            f" wins, at row {top}, column {left} of the picture."
        )
        so_far = "" if self.steps == self.total else " so far"
        words += f" {100 * deaf:.0f} % of the cells have no gradient{so_far}."
        if (most := int(self.gradient.max())) > 1:
            words += f" One has won {most} windows and gets {most} times as much."
        return words

    def provenance(self) -> Mapping[str, str]:
        """Which picture."""
        return {"data": f"{self.source}, {self.config.n} × {self.config.n}"}

    def parts(self) -> Mapping[str, state.Part]:
        """Outputs, winners and gradient so far."""
        return {"output": self.output, "winners": self.winners, "gradient": self.gradient}
