"""DeepDream: a picture is changed so that a layer sees more of whatever it sees already.

Mordvintsev, Olah and Tyka (2015). Small versions of the picture are dreamt on first, so that
what the layer knows appears in all sizes; each is called an octave.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import interpolate

from core.saliency.saliency import Pixels


def dream_step(
    to_layer: nn.Module, x: Pixels, length: float, shift: tuple[int, int]
) -> tuple[Pixels, float]:
    """x + length · g / mean|g|, g the gradient of the mean square of a layer's maps, and that.

    `to_layer` gives the maps. They are of `x` shifted around its edges; it stays in [0, 1].
    """
    with torch.enable_grad():
        moved = x.detach().roll(shift, (2, 3)).requires_grad_()
        strength = to_layer(moved).square().mean()
        (gradient,) = torch.autograd.grad(strength, moved)
    step = length * gradient / gradient.abs().mean().clamp_min(1e-12)
    moved = (moved.detach() + step).clamp(0, 1)
    return moved.roll((-shift[0], -shift[1]), (2, 3)), float(strength.detach())


def octave_sizes(
    height: int, width: int, octaves: int, scale: float, least: int
) -> list[tuple[int, int]]:
    """Heights and widths from the smallest octave to the picture's own, none below `least`."""
    sizes = [(round(height / scale**k), round(width / scale**k)) for k in range(octaves)]
    return [size for size in reversed(sizes) if min(size) >= least] or [(height, width)]


def resize(x: Pixels, size: tuple[int, int]) -> Float[Tensor, "pictures 3 rows columns"]:
    """Bilinear, without new patterns where it becomes smaller."""
    return interpolate(x, size, mode="bilinear", antialias=True, align_corners=False)
