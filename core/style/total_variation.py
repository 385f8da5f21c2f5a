"""Total variation: how unlike its neighbours a pixel is."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor


def total_variation(x: Float[Tensor, "1 3 height width"]) -> Float[Tensor, ""]:
    """Mean (x_{i+1,j} − x_{ij})² plus mean (x_{i,j+1} − x_{ij})², over all three colours."""
    down = (x[:, :, 1:] - x[:, :, :-1]).square().mean()
    across = (x[..., 1:] - x[..., :-1]).square().mean()
    return down + across
