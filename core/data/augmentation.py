"""Pictures changed at random in ways that leave what they show: on whole batches, as tensors.

Mirroring and shifting are one lookup of pixels; what comes in at an edge is reflected there.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from core.data.cifar import pixels

GREY = (0.299, 0.587, 0.114)  # how bright red, green and blue look (ITU-R BT.601)


class Augmentation(NamedTuple):
    """What is done to each picture; as it stands, nothing."""

    flip: bool = False  # mirrored left to right, every second one
    shift: int = 0  # by at most so many pixels, in x and in y
    jitter: float = 0.0  # brightness, contrast and saturation times 1 ± at most this

    def __call__(
        self, images: UInt8[Tensor, "batch 3 h w"], source: torch.Generator
    ) -> Float[Tensor, "batch 3 h w"]:
        """From bytes to pixels from 0 to 1; random numbers come from `source` on the CPU."""
        if self.flip or self.shift:
            images = move(images, self.flip, self.shift, source)
        x = pixels(images)
        return colour(x, self.jitter, source) if self.jitter else x


def move(
    images: UInt8[Tensor, "batch 3 h w"], flip: bool, shift: int, source: torch.Generator
) -> UInt8[Tensor, "batch 3 h w"]:
    """Each shifted on its own, and every second one mirrored. In memory, channels come last."""
    batch, _, height, width = images.shape
    device = images.device
    offset = torch.randint(-shift, shift + 1, (2, batch, 1), generator=source)
    rows = _reflect(torch.arange(height) + offset[0], height)
    columns = _reflect(torch.arange(width) + offset[1], width)
    if flip:
        mirrored = torch.rand(batch, 1, generator=source) < 0.5
        columns = torch.where(mirrored, width - 1 - columns, columns)
    items = torch.arange(batch, device=device)[:, None, None]
    rows, columns = rows.to(device)[:, :, None], columns.to(device)[:, None, :]
    return images[items, :, rows, columns].permute(0, 3, 1, 2)


def colour(
    x: Float[Tensor, "batch 3 h w"], jitter: float, source: torch.Generator
) -> Float[Tensor, "batch 3 h w"]:
    """Each brighter or darker, with more or less contrast, more or less colourful."""
    factors = 1 + jitter * (2 * torch.rand(3, len(x), 1, 1, 1, generator=source) - 1)
    brightness, contrast, saturation = factors.to(x.device)
    red, green, blue = (weight * x[:, c : c + 1] for c, weight in enumerate(GREY))
    grey = red + green + blue
    mean = grey.mean(dim=(2, 3), keepdim=True)
    # One after the other these are b·x; grey + s·(x − grey); mean + c·(x − mean), and neither
    # grey nor mean moves but by b. Multiplied out, they take one pass over the colours.
    still = brightness * (contrast * (1 - saturation) * grey + (1 - contrast) * mean)
    return torch.addcmul(still, brightness * contrast * saturation, x).clamp_(0, 1)


def _reflect(index: Tensor, size: int) -> Tensor:
    """Places beyond an edge, mirrored at the edge's pixel."""
    return size - 1 - (size - 1 - index.abs()).abs()
