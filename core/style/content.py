"""Content: how far the maps of a layer are from those of another picture.

Gatys, Ecker and Bethge (2016, eq. 1) for style transfer; divided by the size of the maps, as
Mahendran and Vedaldi (2015, eq. 3) do to invert a layer, it is 1 for a picture that shows nothing.
"""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor

Maps = Float[Tensor, "1 channels height width"]


def content_loss(maps: Maps, target: Maps) -> Float[Tensor, ""]:
    """‖F − P‖² / ‖P‖²."""
    return (maps - target).square().sum() / target.square().sum().clamp_min(1e-12)
