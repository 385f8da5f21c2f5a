"""A variational autoencoder learns handwritten digits; its two aims are measured apart."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from core import config, state
from core.config import generator, setting
from core.data.batches import next_batch
from core.data.binary_digits import NAMES, SIDE, Which, binary_digits
from core.data.mnist import SOURCE
from core.experiment import CPU, Experiment, Pictures, Scalars, finite, to_array
from core.nets.vae import VAE
from core.variational.elbo import draw_noise, log_likelihood, terms

PER_CLASS, JUDGED = 1_000, 100  # digits of each class to learn from; digits judged, of each split
EVALUATE_EVERY = 25  # updates
FIGURES = ("reconstruction", "kl", "elbo", "likelihood")
SPLITS = ("train", "validation")
ESTIMATES = 20  # samples of z for each judged digit
SHOWN, DRAWN, WAY = 20, 40, 10  # digits reconstructed, drawn from nothing, on a way to another
WAYS = (0, 1), (2, 3), (4, 9), (5, 6), (7, 8)  # from which of those shown to which
USED = 0.1  # nats that a number tells, to be called used
GAP = 2.0  # nats between learnt and held-out digits that are called overfitting
FAR = 1e6  # nats; a blind guess of all pixels costs 136


class VaeTraining(Experiment):
    """One step is one update."""

    class Config(config.Config):
        """Settings of the training."""

        beta: float = setting(
            1.0,
            label="β",
            ge=0,
            le=20,
            live=True,
            help="The weight of the KL term. 1 is the true bound.",
        )
        latents: int = setting(
            8, label="Latent size", ge=1, le=16, help="How many numbers z a digit is turned into."
        )
        samples: int = setting(
            2,
            label="Samples K",
            ge=1,
            le=20,
            live=True,
            help="Of z, for each digit of a batch; the reconstruction term is their mean.",
        )
        digit: Which = setting(
            "all", label="Digit", choices=NAMES, help="Which digits it learns: all, or one alone."
        )
        learning_rate: float = setting(
            1e-3, label="Learning rate η", ge=1e-5, le=1, scale="log", live=True, help="Of Adam."
        )
        updates: int = setting(
            8_000, label="Updates", ge=1, le=200_000, advanced=True, help="Where the run ends."
        )
        batch_size: int = setting(
            100, label="Batch size", ge=1, le=1_000, advanced=True, help="Digits in an update."
        )

    SMOKE = Config(latents=3, updates=30, batch_size=20)
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        self.train, _ = binary_digits("train", PER_CLASS, device, config.digit)
        per_class = JUDGED if config.digit != "all" else JUDGED // 10
        self.held_out, labels = binary_digits("validation", per_class, device, config.digit)
        self.shown = torch.arange(SHOWN)
        if config.digit == "all":  # the first two of each class
            places = [(labels == digit).nonzero()[:2, 0] for digit in range(10)]
            self.shown = torch.stack(places, dim=1).flatten()
        self.total = config.updates
        self.vae = VAE(config.latents, generator(config.seed)).to(device)
        self.optimizer = torch.optim.Adam(self.vae.parameters(), fused=True)
        self.source = generator(config.seed + 1)
        self.order = torch.randperm(len(self.train), generator=self.source)
        judges = generator(config.seed + 2)  # the same noise at every evaluation
        self.noise = draw_noise(ESTIMATES, JUDGED, config.latents, judges, device)
        self.prior = draw_noise(1, DRAWN, config.latents, judges, device)[0]
        self.figures = torch.zeros(len(SPLITS), len(FIGURES), dtype=torch.float64)
        self.kl = torch.zeros(config.latents, dtype=torch.float64)  # of each number, held out
        self.evaluate()

    def step(self) -> Scalars | None:
        """The loss of the batch, −(reconstruction − β KL); figures of the last evaluation."""
        if self.steps == self.total:
            return None
        config = self.config
        size = min(config.batch_size, len(self.train))
        index = next_batch(self.order, self.source, self.steps, size)
        noise = draw_noise(config.samples, size, config.latents, self.source, self.device)
        self.optimizer.param_groups[0]["lr"] = config.learning_rate
        loss = -terms(self.vae, self.train[index], noise).elbo(config.beta).mean()
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.steps += 1
        if self.steps % EVALUATE_EVERY == 0 or self.steps == self.total:
            self.evaluate()
        return {"loss": loss.detach()} | self.scalars()

    @torch.no_grad()
    def evaluate(self) -> None:
        """Both terms, the bound, and what it bounds, on learnt and on held-out digits."""
        for row, digits in enumerate((self.train[:JUDGED], self.held_out)):
            made = terms(self.vae, digits, self.noise)
            figures = (
                made.reconstruction.mean(),
                made.kl.sum(dim=1).mean(),
                made.elbo().mean(),
                log_likelihood(self.vae, digits, self.noise).mean(),
            )
            self.figures[row] = torch.stack(figures).cpu().double()
        self.kl.copy_(made.kl.mean(dim=0))

    def scalars(self) -> dict[str, float | Tensor]:
        """The figures of both splits, named "train.kl" and so on, in nats per digit."""
        return {
            f"{split}.{name}": float(value)
            for split, row in zip(SPLITS, self.figures, strict=True)
            for name, value in zip(FIGURES, row, strict=True)
        }

    @torch.no_grad()
    def picture(self) -> Pictures:
        """What the net makes of held-out digits, and of nothing; probabilities of ink as greys.

        pairs: (40, 14, 14), ten held-out digits, what the decoder makes of their mean z, ten others
        drawn: (40, 14, 14), decoded from numbers of the prior
        way: (50, 14, 14), five straight walks in z, each from one held-out digit to another
        kl: (latents,), nats that each number tells of a held-out digit
        """
        x = self.held_out[self.shown]
        mean, _ = self.vae.encode(x)
        back = self.vae.pictures(mean)
        part = torch.linspace(0, 1, WAY, device=self.device)[:, None]
        way = torch.cat([mean[a] + part * (mean[b] - mean[a]) for a, b in WAYS])
        rows = torch.stack([x.unflatten(1, (SIDE, SIDE)), back]).unflatten(1, (-1, 10))
        return {
            "pairs": greys(rows.transpose(0, 1).flatten(0, 2)),
            "drawn": greys(self.vae.pictures(self.prior)),
            "way": greys(self.vae.pictures(way)),
            "kl": finite(to_array(self.kl)),
        }

    def backdrop(self) -> Pictures:
        """names: (latents,), z₁ and so on."""
        return {"names": np.array([f"z{number + 1}" for number in range(self.config.latents)])}

    def words(self) -> str:
        """Both terms on held-out digits, how many numbers are used, whether it is well."""
        learnt, held_out = self.figures.tolist()
        if not all(abs(nats) < FAR for nats in learnt + held_out):
            return "The training has diverged; take a smaller learning rate."
        reconstruction, kl, elbo, likelihood = held_out
        used, latents = int((self.kl > USED).sum()), self.config.latents
        words = (
            f"Held-out digits: reconstruction {reconstruction:.1f} nats, KL {kl:.1f}, so the bound"
            f" is {elbo:.1f}, and ln p(x) about {likelihood:.1f}."
        )
        if self.steps and not used:
            words += " The posterior has collapsed: no number tells anything of the digit."
        else:
            words += f" {used} of {latents} numbers are used."
        if (gap := learnt[2] - elbo) > GAP:
            words += f" It overfits: the bound of digits it learnt from is {gap:.1f} nats higher."
        return words

    def provenance(self) -> Mapping[str, str]:
        """Which digits, from what start."""
        which = "" if self.config.digit == "all" else f", the digit {self.config.digit} alone"
        return {
            "data": f"{len(self.train):,} digits of {SOURCE}, 14 × 14, black and white{which}",
            "weights": f"random, seed {self.config.seed}",
        }

    def parts(self) -> Mapping[str, state.Part]:
        """The net, what trains it, the order of the digits, the last figures."""
        return {
            "vae": self.vae,
            "optimizer": self.optimizer,
            "source": self.source,
            "order": self.order,
            "figures": self.figures,
            "kl": self.kl,
        }


def greys(probabilities: Tensor) -> np.ndarray:
    """Pictures (n, h, w) of values from 0 to 1 as bytes; black where there is none."""
    return to_array((255 * probabilities.nan_to_num(0)).round().to(torch.uint8))
