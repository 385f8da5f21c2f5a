"""What attention weights say: how far a token looks, how widely, and where it all comes from."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor


def rollout(weights: Float[Tensor, "layers heads tokens tokens"]) -> Float[Tensor, "tokens tokens"]:
    """How much of each token (column) has come to each (row): Abnar and Zuidema (2020).

    A layer passes half of what it reads on by its residual path and half by its mean attention.
    """
    same = torch.eye(weights.shape[-1], device=weights.device)
    flow = same
    for of_layer in weights:
        flow = (0.5 * same + 0.5 * of_layer.mean(dim=0)) @ flow
    return flow


def distances(
    weights: Float[Tensor, "n layers heads tokens tokens"],
) -> Float[Tensor, "n layers heads"]:
    """How far patches look, in patches; token 0 is left out (Dosovitskiy et al. 2021, figure 7)."""
    between = weights[..., 1:, 1:]
    side = round(between.shape[-1] ** 0.5)
    places = torch.cartesian_prod(*2 * [torch.arange(side, device=weights.device)]).float()
    mean = (between * torch.cdist(places, places)).sum(dim=-1) / between.sum(dim=-1)
    return mean.mean(dim=-1)


def spread(weights: Float[Tensor, "*rows tokens"]) -> Float[Tensor, "*rows"]:
    """Among how many tokens attention is spread: e to its entropy, 1 for one, n if all alike."""
    tokens: Tensor = torch.special.entr(weights).sum(dim=-1).exp()
    return tokens
