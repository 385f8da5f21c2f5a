"""How well an autoencoder does on digits that it has not learnt from."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from core.config import generator
from core.data.binary_digits import binary_digits
from core.nets.vae import VAE
from core.variational.elbo import draw_noise, log_likelihood, terms

PER_CLASS, SAMPLES = 100, 100  # held-out digits; of z for each of them


@torch.no_grad()
def measure(saved: Mapping[str, Tensor]) -> dict[str, float]:
    """Of the `vae.` tensors of a run, in nats per digit, on 1,000 validation digits."""
    vae = VAE.of(saved)
    x, _ = binary_digits("validation", PER_CLASS, torch.device("cpu"))
    noise = draw_noise(SAMPLES, len(x), vae.latents, generator(0), x.device)
    made = terms(vae, x, noise)
    return {
        "reconstruction": float(made.reconstruction.mean()),
        "kl": float(made.kl.sum(dim=1).mean()),
        "elbo": float(made.elbo().mean()),
        "likelihood": float(log_likelihood(vae, x, noise).mean()),
    }
