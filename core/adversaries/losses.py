"""What generator and discriminator each want (Goodfellow et al. 2014), as functions of logits.

D(x) = σ(logit) is how sure the discriminator is that x is real. Where it can do no better than
1/2 everywhere, its loss is 2 ln 2.
"""

from __future__ import annotations

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import logsigmoid

Loss = Literal["non_saturating", "minimax"]
LOSSES: dict[Loss, str] = {"non_saturating": "non-saturating", "minimax": "minimax"}


def discriminator_loss(
    real: Float[Tensor, " batch"], fake: Float[Tensor, " batch"]
) -> Float[Tensor, ""]:
    """−E ln D(x) − E ln(1 − D(G(z))); 2 ln 2 = 1.386 at the equilibrium."""
    return -logsigmoid(real).mean() - logsigmoid(-fake).mean()


def generator_loss(fake: Float[Tensor, " batch"], loss: Loss) -> Float[Tensor, ""]:
    """Non-saturating: −E ln D(G(z)), ln 2 at the equilibrium; minimax: E ln(1 − D(G(z))), −ln 2."""
    return -logsigmoid(fake).mean() if loss == "non_saturating" else logsigmoid(-fake).mean()


def push(fake: Float[Tensor, " batch"], loss: Loss) -> Float[Tensor, " batch"]:
    """How much the generator's loss falls per unit of a picture's logit: −∂L/∂logit.

    1 − D(G(z)) for the non-saturating loss, D(G(z)) for minimax: that one fades to nothing where
    the discriminator is sure of itself.
    """
    return torch.sigmoid(-fake if loss == "non_saturating" else fake)
