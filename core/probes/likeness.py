"""How drawn digits compare with real ones: how sharp they are, and how surely they are read."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import conv2d

from core.probes.digits import DigitJudge

LAPLACIAN = ((0.0, 1.0, 0.0), (1.0, -4.0, 1.0), (0.0, 1.0, 0.0))
SURE = 0.9  # probability from which on a digit counts as read


def sharpness(images: Float[Tensor, "n 1 side side"]) -> float:
    """The mean variance of the Laplacian (Pech-Pacheco et al. 2000): 0 for an even grey."""
    edges = conv2d(images, torch.tensor(LAPLACIAN, device=images.device)[None, None])
    return float(edges.flatten(1).var(dim=1, correction=0).mean())


@torch.no_grad()
def reading(judge: DigitJudge, images: Float[Tensor, "n 1 side side"]) -> tuple[float, float]:
    """The share that is surely read, and the classifier score, exp E KL(p(y|x) ‖ p(y)).

    Salimans et al. (2016), "Improved techniques for training GANs", with a judge of digits: from
    1 (all alike, or none readable) to 10 (each surely read, all digits equally often).
    """
    log_p = judge(images).log_softmax(dim=1)
    p = log_p.exp()
    kl = (p * (log_p - p.mean(dim=0).log())).nansum(dim=1)
    return float((p.amax(dim=1) > SURE).float().mean()), float(kl.mean().exp())
