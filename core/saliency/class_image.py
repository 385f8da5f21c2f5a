"""Class visualisation: the picture of which a net is most certain, found from noise.

Simonyan et al. (2014) maximise S_c(x) − λ ‖x‖²; shifting the picture about ("jitter", Mordvintsev
et al. 2015) and blurring it now and then (Yosinski et al. 2015) keep it from being mere noise.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import conv2d, pad

from core.saliency.fooling import unit
from core.saliency.saliency import Pixels, Targets, score_gradient

GREY = 0.5  # the middle, from which the L2 penalty measures


def ascend(
    net: nn.Module, x: Pixels, target: Targets, length: float, l2: float, shift: tuple[int, int]
) -> Pixels:
    """A step of root mean square `length` up S_c(x) − λ ‖x − ½‖², with x in [0, 1].

    It is taken on the picture shifted by rows and columns around its edges.
    """
    moved = x.roll(shift, (2, 3))
    gradient = score_gradient(net, moved, target) - 2 * l2 * (moved - GREY)
    moved = (moved + length * unit(gradient)).clamp(0, 1)
    return moved.roll((-shift[0], -shift[1]), (2, 3))


def blur(x: Pixels, sigma: float) -> Pixels:
    """A Gaussian blur of `sigma` pixels, edges repeated outwards; none where it is 0."""
    if sigma == 0:
        return x
    kernel = gaussian(sigma).to(x)
    radius = len(kernel) // 2
    channels = x.shape[1]
    for shape in ((channels, 1, -1, 1), (channels, 1, 1, -1)):  # down, then across
        weight = kernel.expand(channels, -1).reshape(shape)
        edges = (0, 0, radius, radius) if shape[2] == -1 else (radius, radius, 0, 0)
        x = conv2d(pad(x, edges, "replicate"), weight, groups=channels)
    return x


def gaussian(sigma: float) -> Float[Tensor, " taps"]:
    """Weights of a Gaussian at whole numbers, out to 3σ, of sum 1."""
    radius = max(1, round(3 * sigma))
    at = torch.arange(-radius, radius + 1, dtype=torch.float64)
    weights = torch.exp(-0.5 * (at / sigma) ** 2)
    return weights / weights.sum()
