"""The variational autoencoder (Kingma and Welling 2014): a picture as a few uncertain numbers.

The encoder gives mean and log variance of each number z, the decoder the logits of the pixels.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor, nn

from core.config import generator
from core.nets.mlp import mlp

PIXELS, HIDDEN = 196, 128


class VAE(nn.Module):
    """196 pixels → 128 tanh → μ and ln σ² of z; z → 128 tanh → logits of 196 pixels."""

    def __init__(self, latents: int, source: torch.Generator) -> None:
        super().__init__()
        self.latents = latents
        self.encoder = mlp([PIXELS, HIDDEN, 2 * latents], source, nn.Tanh)
        self.decoder = mlp([latents, HIDDEN, PIXELS], source, nn.Tanh)

    @classmethod
    def of(cls, saved: Mapping[str, Tensor]) -> VAE:
        """The `vae.` of a run's state, or of shipped weights. Raises KeyError or RuntimeError."""
        mine = {key.removeprefix("vae."): saved[key] for key in saved if key.startswith("vae.")}
        vae = cls(mine["decoder.0.weight"].shape[1], generator(0))
        vae.load_state_dict(mine)
        return vae

    def encode(
        self, x: Float[Tensor, "pictures 196"]
    ) -> tuple[Float[Tensor, "pictures latents"], Float[Tensor, "pictures latents"]]:
        """Mean and log variance of q(z|x)."""
        mean, log_variance = self.encoder(x).chunk(2, dim=-1)
        return mean, log_variance

    def decode(self, z: Float[Tensor, "*batch latents"]) -> Float[Tensor, "*batch 196"]:
        """Logits of the pixels: p(x|z) = sigmoid."""
        logits: Tensor = self.decoder(z)
        return logits

    def pictures(self, z: Float[Tensor, "pictures latents"]) -> Float[Tensor, "pictures 14 14"]:
        """How probable ink is, pixel by pixel."""
        ink: Tensor = self.decode(z).sigmoid().unflatten(1, (14, 14))
        return ink
