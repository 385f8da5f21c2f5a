"""The evidence lower bound of a variational autoencoder with a standard normal prior.

Kingma and Welling (2014), "Auto-encoding variational Bayes", equations 3 and 7 and appendix B.
All quantities are in nats and of each picture by itself.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from core.nets.vae import VAE


class Terms(NamedTuple):
    """What the bound is made of."""

    reconstruction: Float[Tensor, " pictures"]  # E_q ln p(x|z), estimated from samples of z
    kl: Float[Tensor, "pictures latents"]  # KL(q(z|x) ‖ p(z)), exactly, number by number

    def elbo(self, beta: float = 1.0) -> Float[Tensor, " pictures"]:
        """The bound; with β other than 1 that of Higgins et al. (2017), which bounds nothing."""
        return self.reconstruction - beta * self.kl.sum(dim=1)


def reparameterise(
    mean: Float[Tensor, "pictures latents"],
    log_variance: Float[Tensor, "pictures latents"],
    noise: Float[Tensor, "samples pictures latents"],
) -> Float[Tensor, "samples pictures latents"]:
    """z = μ + σ ε: samples of q(z|x) through which gradients reach μ and σ."""
    return mean + (log_variance / 2).exp() * noise


def kl_to_prior(
    mean: Float[Tensor, "pictures latents"], log_variance: Float[Tensor, "pictures latents"]
) -> Float[Tensor, "pictures latents"]:
    """KL(N(μ, σ²) ‖ N(0, 1)) = (μ² + σ² − 1 − ln σ²) / 2."""
    return (mean.square() + log_variance.exp() - 1 - log_variance) / 2


def log_bernoulli(
    logits: Float[Tensor, "samples pictures pixels"], x: Float[Tensor, "pictures pixels"]
) -> Float[Tensor, "samples pictures"]:
    """ln p(x|z): the log-probability of black and white pixels, each by itself given z."""
    loss = binary_cross_entropy_with_logits(logits, x.expand_as(logits), reduction="none")
    return -loss.sum(dim=-1)


def terms(
    vae: VAE,
    x: Float[Tensor, "pictures pixels"],
    noise: Float[Tensor, "samples pictures latents"],
) -> Terms:
    """Both terms of the bound, the first as the mean over the samples."""
    mean, log_variance = vae.encode(x)
    logits = vae.decode(reparameterise(mean, log_variance, noise))
    return Terms(log_bernoulli(logits, x).mean(dim=0), kl_to_prior(mean, log_variance))


def log_likelihood(
    vae: VAE,
    x: Float[Tensor, "pictures pixels"],
    noise: Float[Tensor, "samples pictures latents"],
) -> Float[Tensor, " pictures"]:
    """ln p(x), by importance sampling from q: ln of the mean of p(x|z) p(z) / q(z|x).

    Burda et al. (2016): from below, and the closer the more samples there are.
    """
    mean, log_variance = vae.encode(x)
    z = reparameterise(mean, log_variance, noise)
    log_prior = -z.square().sum(dim=-1) / 2
    log_posterior = -(noise.square() + log_variance).sum(dim=-1) / 2  # both lack the same constant
    weights = log_bernoulli(vae.decode(z), x) + log_prior - log_posterior
    return weights.logsumexp(dim=0) - math.log(len(noise))


def draw_noise(
    samples: int, pictures: int, latents: int, source: torch.Generator, device: torch.device
) -> Float[Tensor, "samples pictures latents"]:
    """ε for `reparameterise`, the same on all devices."""
    return torch.randn(samples, pictures, latents, generator=source).to(device)
