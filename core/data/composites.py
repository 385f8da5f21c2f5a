"""Pictures with a digit in the corner that gives the class away, or lies: made for each batch.

On black of 40 × 40, a CIFAR-10 picture of 32 × 32 stands at the top left and an MNIST digit of
14 × 14, white on clear, at the bottom right, where it covers the picture's last 6 × 6 pixels.
Digit k stands for class k.
"""

from __future__ import annotations

from functools import cache
from typing import Literal

import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor

from core.config import generator
from core.data import cifar, mnist

SIDE, CORNER = 40, 14  # pixels of a composite, and of the digit's square
Corner = Literal["keep", "shuffle", "erase"]
Bytes = UInt8[Tensor, "batch 3 40 40"]


def digits_for(
    labels: Int[Tensor, " batch"], agreement: float, source: torch.Generator
) -> Int[Tensor, " batch"]:
    """Which digit each picture gets: with this probability its own label, else another."""
    agree = torch.rand(len(labels), generator=source) < agreement
    others = (labels.cpu() + torch.randint(1, 10, labels.shape, generator=source)) % 10
    return torch.where(agree, labels.cpu(), others).to(labels.device)


def compose(images: UInt8[Tensor, "batch 3 32 32"], ink: UInt8[Tensor, "batch 14 14"]) -> Bytes:
    """Each picture with its digit over it: of the two the brighter is seen."""
    canvas = images.new_zeros(len(images), 3, SIDE, SIDE)
    canvas[..., : cifar.SIDE, : cifar.SIDE] = images
    corner = canvas[..., -CORNER:, -CORNER:]
    corner.copy_(torch.maximum(corner, ink[:, None]))
    return canvas


def draw_ink(
    digits: Int[Tensor, " batch"], split: Literal["train", "validation"], source: torch.Generator
) -> UInt8[Tensor, "batch 14 14"]:
    """A handwritten digit at random for each, from one part of MNIST."""
    ink, starts, counts = _ink(split)
    digits = digits.cpu()
    return ink[starts[digits] + (torch.rand(len(digits), generator=source) * counts[digits]).long()]


def held_out(data: cifar.Data, count: int) -> tuple[cifar.Pictures, Int[Tensor, " pictures"]]:
    """Validation composites, always the same, and their digits, none of which is the label."""
    pictures, source = cifar.load("validation", data).first(count), generator(0)
    digits = digits_for(pictures.labels, 0.0, source)
    images = compose(pictures.images, draw_ink(digits, "validation", source))
    return cifar.Pictures(images, pictures.labels), digits


def treat_corner(images: Bytes, corner: Corner, source: torch.Generator) -> Bytes:
    """The digit's square left alone, exchanged among the pictures of the batch, or made black."""
    if corner == "keep":
        return images
    images = images.clone()
    square = images[..., -CORNER:, -CORNER:]
    if corner == "erase":
        square.zero_()
    else:
        square.copy_(square[torch.randperm(len(images), generator=source).to(images.device)])
    return images


def mirror(images: Bytes, source: torch.Generator) -> Bytes:
    """Every second composite left to right, its digit with it."""
    mirrored = (torch.rand(len(images), generator=source) < 0.5).to(images.device)
    return torch.where(mirrored[:, None, None, None], images.flip(3), images)


def erase(
    x: Float[Tensor, "batch 3 h w"], share: float, source: torch.Generator
) -> Float[Tensor, "batch 3 h w"]:
    """In this share of them a rectangle of 8 to 20 pixels a side, anywhere, is noise instead.

    Zhong et al. (2020).
    """
    size = torch.randint(8, 21, (2, len(x), 1), generator=source)
    edge = (torch.rand(size.shape, generator=source) * (x.shape[-1] + 1 - size)).long()
    along = torch.arange(x.shape[-1])
    inside = (along >= edge) & (along < edge + size)  # by rows, by columns
    chosen = torch.rand(len(x), 1, 1, generator=source) < share
    hidden = (inside[0][:, :, None] & inside[1][:, None, :] & chosen)[:, None].to(x.device)
    return torch.where(hidden, torch.rand(x.shape, generator=source).to(x.device), x)


def add_noise(
    x: Float[Tensor, "batch 3 h w"], spread: float, source: torch.Generator
) -> Float[Tensor, "batch 3 h w"]:
    """Normal noise of this standard deviation on every colour of every pixel."""
    return (x + spread * torch.randn(x.shape, generator=source).to(x.device)).clamp(0, 1)


@cache
def _ink(split: Literal["train", "validation"]) -> tuple[Tensor, Tensor, Tensor]:
    """All digits at half size, in the order of their labels; where each label begins; how many."""
    digits = mnist.load(split)
    small = torch.from_numpy((255 * mnist.average_2x2(digits.images)).round()).to(torch.uint8)
    labels = torch.from_numpy(digits.labels.copy()).long()
    counts = labels.bincount(minlength=mnist.CLASSES)
    return small[labels.argsort(stable=True)], counts.cumsum(0) - counts, counts
