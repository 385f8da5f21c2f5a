"""A picture lit where a net attends, and dim elsewhere."""

from __future__ import annotations

import torch
from jaxtyping import Float, UInt8
from torch import Tensor

DIM = 0.15  # brightness of what is not attended to


def spotlight(
    images: UInt8[Tensor, "n 3 size size"], weights: Float[Tensor, "n patches"]
) -> UInt8[Tensor, "n size size 3"]:
    """Each patch as bright as its weight beside the picture's largest; weights are not below 0."""
    across = round(weights.shape[1] ** 0.5)
    share = weights / weights.amax(dim=1, keepdim=True).clamp(min=torch.finfo(weights.dtype).tiny)
    light = DIM + (1 - DIM) * share.unflatten(1, (1, across, across))
    side = images.shape[-1] // across
    light = light.repeat_interleave(side, dim=2).repeat_interleave(side, dim=3)
    lit: Tensor = images * light.nan_to_num(0)
    return lit.round().to(torch.uint8).permute(0, 2, 3, 1)
