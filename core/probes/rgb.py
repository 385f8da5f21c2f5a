"""Tensors of pictures as a stage draws them: bytes, colours last, gradients about grey."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from core.experiment import to_array

BYTE = 255


def as_bytes(images: Float[Tensor, "n 3 h w"]) -> UInt8[np.ndarray, "n h w 3"]:
    """Of pixels from 0 to 1; what is beyond is cut off, and what is no number is black."""
    scaled = (BYTE * images).round().nan_to_num(0).clamp(0, BYTE)
    return to_array(scaled.byte().permute(0, 2, 3, 1))


def about_grey(
    images: Float[Tensor, "n 3 h w"], largest: Float[Tensor, "#n 1 1 1"] | None = None
) -> Float[Tensor, "n 3 h w"]:
    """0 becomes grey, `largest` white and its negative black; each image's own, if None."""
    if largest is None:
        largest = images.abs().amax(dim=(1, 2, 3), keepdim=True)
    return 0.5 + 0.5 * images / largest.clamp(min=torch.finfo(images.dtype).tiny)
