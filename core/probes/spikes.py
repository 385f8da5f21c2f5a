"""Spikes of a loss: steps at which it is far above what it lately was."""

from __future__ import annotations

import torch

TIMES = 5.0  # the recent mean
LEAST = 0.05  # a loss below is no spike, whatever it is a multiple of
KEEP = 0.95  # of the recent mean, from step to step


class Spikes:
    """Counts them. `tensor` is all it knows: the recent mean, how many, the last one's step."""

    def __init__(self, loss: float) -> None:
        self.tensor = torch.tensor([loss, 0.0, 0.0], dtype=torch.float64)

    def note(self, step: int, loss: float) -> None:
        """The loss of a step."""
        if loss > max(TIMES * float(self.tensor[0]), LEAST):
            self.tensor[1] += 1
            self.tensor[2] = step
        self.tensor[0] = KEEP * self.tensor[0] + (1 - KEEP) * loss

    @property
    def count(self) -> int:
        """How many there were."""
        return int(self.tensor[1])

    @property
    def last(self) -> int:
        """The step of the last one; 0 if there was none."""
        return int(self.tensor[2])
