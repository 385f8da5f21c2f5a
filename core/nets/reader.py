"""A convolutional net that slides over the picture of a word and gives each window 27 energies."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor, nn

from core.config import generator

CLASSES = 27  # a to z, and the gap between letters
STRIDE = 4  # pixels from window to window


class Reader(nn.Module):
    """32 rows become one; every fourth column is a window, some 40 pixels wide."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):  # its own start draws from the global generator
            self.features = nn.Sequential(
                *_layer(1, 16, (5, 5), (2, 2), stride=2),
                *_layer(16, 32),
                nn.MaxPool2d(2),
                *_layer(32, 48),
                nn.MaxPool2d((2, 1)),
                *_layer(48, 96, (4, 3), (0, 1)),
            )
            self.head = nn.Conv2d(96, CLASSES, (1, 3), padding=(0, 1))
        source = generator(seed)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, generator=source)
        for parameter in self.head.parameters():
            nn.init.zeros_(parameter)  # all energies begin at 0

    @classmethod
    def of(cls, saved: Mapping[str, Tensor]) -> Reader:
        """One with saved weights, `reader.…` in the state of a run, ready to read."""
        reader = cls()
        prefix = "reader."
        mine = {k.removeprefix(prefix): v.float() for k, v in saved.items() if k.startswith(prefix)}
        reader.load_state_dict(mine)
        return reader.eval()

    def forward(self, x: Float[Tensor, "batch 1 32 width"]) -> Float[Tensor, "batch width/4 27"]:
        """Energies: the lower, the better the letter fits what the window shows."""
        energies: Tensor = self.head(self.features(x))
        return energies[:, :, 0].transpose(1, 2)


def _layer(
    inputs: int,
    outputs: int,
    kernel: tuple[int, int] = (3, 3),
    padding: tuple[int, int] = (1, 1),
    stride: int = 1,
) -> tuple[nn.Module, ...]:
    conv = nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False)
    return conv, nn.BatchNorm2d(outputs), nn.ReLU()
