"""Digits from a diffusion beside digits from a variational autoencoder, and real ones."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Literal

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from core import checkpoints, config, state
from core.config import ConfigError, generator, setting
from core.data import mnist
from core.data.binary_digits import INK, SIDE
from core.diffusion.ddim import ddim_timesteps
from core.diffusion.images import ImageDiffusion, draw_step
from core.experiment import CPU, Experiment, Pictures, Scalars, finite
from core.nets.vae import VAE
from core.probes.digits import DigitJudge
from core.probes.likeness import SURE, reading, sharpness

Form = Literal["grey", "black_and_white"]
KINDS = ("real", "vae", "diffusion")
FIGURES = ("sharpness", "read", "score")
SHOWN = 40  # of each kind


class ImagesBesideVae(Experiment):
    """One step denoises once. The autoencoder's digits are there from the beginning."""

    class Config(config.Config):
        """How the digits are drawn and compared."""

        form: Form = setting(
            "black_and_white",
            label="Compared",
            live=True,
            choices={"black_and_white": "in black and white", "grey": "in grey"},
            help="All at 14 × 14. Grey is ink's share of a pixel, and of the autoencoder how"
            " probable ink is.",
        )
        labels: bool = setting(
            True,
            label="Labels",
            help="Tell the diffusion which digit to draw, each in turn. The autoencoder cannot be"
            " told.",
        )
        ddim_steps: int = setting(
            25, label="DDIM steps", ge=1, le=1000, scale="log", help="At most T."
        )
        samples: int = setting(100, label="Digits", ge=10, le=500, help="Of each kind.")
        weights: str = setting(
            "shipped",
            label="Weights",
            max_length=32,
            hidden=True,
            help="Of the diffusion: shipped, or of a run.",
        )

    SMOKE = Config(ddim_steps=5, samples=10)
    config: Config
    total: int

    @torch.no_grad()
    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        shipped = config.weights == "shipped"
        saved = (
            checkpoints.shipped("images_mnist") if shipped else checkpoints.of_run(config.weights)
        )
        self.diffusion = ImageDiffusion.of(saved, device)
        if self.diffusion.net.channels != 1:
            raise ConfigError("These weights draw no digits; train some on digits.")
        self.judge = DigitJudge.shipped().to(device)
        self.path = ddim_timesteps(len(self.diffusion.schedule), config.ddim_steps)
        self.total = len(self.path)
        source, count = generator(config.seed), config.samples
        digits = mnist.load("validation").per_class(-(-count // 10)).images[:count]
        self.real = avg_pool2d(torch.from_numpy(digits[:, None].copy()).to(device) / 255, 2)
        self.x = self.diffusion.noise(count, source)
        self.pred_xstart = torch.zeros_like(self.x)
        classes, each = self.diffusion.net.classes, torch.arange(count, device=device)
        self.labels = each % classes if config.labels else torch.full_like(each, classes)
        vae = VAE.of(checkpoints.shipped("vae")).to(device)
        z = torch.randn(count, vae.latents, generator=source).to(device)
        vae.pictures(z)  # the first pass of all is slower
        began = time.perf_counter()
        self.ink = vae.pictures(z)[:, None]
        # What the clock says is for people: no state, no scalar and no picture depends on it.
        self.seconds = {"vae": time.perf_counter() - began, "step": 0.0}
        self.figures = {kind: torch.zeros(len(FIGURES)) for kind in KINDS}
        self.measure()

    @torch.no_grad()
    def step(self) -> Scalars | None:
        """Denoise once; the figures of x̂_0, of the autoencoder's digits and of real ones."""
        if self.steps == self.total:
            return None
        began = time.perf_counter()
        t, t_next = ([*self.path, -1][self.steps + later] for later in (0, 1))
        eps = self.diffusion.eps(self.x, t, self.labels)
        drawn = draw_step(self.diffusion.schedule, self.x, eps, t, t_next, kind="static")
        self.x, self.pred_xstart = drawn.sample, drawn.pred_xstart
        self.seconds["step"] = time.perf_counter() - began
        self.steps += 1
        self.measure()
        return self.scalars()

    def initial(self) -> Scalars:
        """As of a step."""
        return self.scalars()

    def scalars(self) -> dict[str, float]:
        """Named "vae.sharpness" and so on."""
        return {
            f"{kind}.{name}": value
            for kind, row in self.figures.items()
            for name, value in zip(FIGURES, row.tolist(), strict=True)
        }

    def shown(self) -> dict[str, Tensor]:
        """The digits of each kind, (samples, 1, 14, 14), from 0 to 1, in the form that is asked."""
        drawn = avg_pool2d((self.pred_xstart.clamp(-1, 1) + 1) / 2, self.diffusion.side // SIDE)
        kinds = {"real": self.real, "vae": self.ink, "diffusion": drawn}
        if self.config.form == "grey":
            return kinds
        # A real pixel is ink where two thirds of it are, as the autoencoder learnt; one of its own
        # where ink is likelier than paper.
        return {k: (x > (0.5 if k == "vae" else INK)).float() for k, x in kinds.items()}

    def measure(self) -> None:
        """Sharpness, the share surely read, and the classifier score."""
        for kind, images in self.shown().items():
            read, score = reading(self.judge, images)
            self.figures[kind].copy_(torch.tensor([sharpness(images), read, score]))

    def picture(self) -> Pictures:
        """The digits of each kind as bytes, and how they compare.

        real, vae, diffusion: (≤ 40, 14, 14); sharpness, read, score: (3,), in that order
        """
        digits = {
            kind: (255 * images[:SHOWN, 0]).round().to(torch.uint8).cpu().numpy()
            for kind, images in self.shown().items()
        }
        columns = torch.stack([*self.figures.values()]).T.numpy()
        return digits | dict(zip(FIGURES, finite(columns), strict=True))

    def backdrop(self) -> Pictures:
        """kinds: (3,), for readers."""
        return {"kinds": np.array(["real, held out", "autoencoder", "diffusion"])}

    def words(self) -> str:
        """How they compare, and what they cost here."""
        real, vae, ours = (self.figures[kind].tolist() for kind in KINDS)
        if not self.steps:
            return (
                f"The autoencoder has drawn its digits at once; {100 * vae[1]:.0f} % are surely"
                f" read. The diffusion begins with noise."
            )
        each, count = self.seconds["step"] / len(self.x), len(self.x)
        return (
            f"Step {self.steps:,} of {self.total:,}: surely read (p > {SURE}) are"
            f" {100 * ours[1]:.0f} % of the diffusion's digits, {100 * vae[1]:.0f} % of the"
            f" autoencoder's, {100 * real[1]:.0f} % of real ones. A digit costs the diffusion here"
            f" {1e3 * each * self.total:.1f} ms in {self.total} steps, and the autoencoder"
            f" {1e3 * self.seconds['vae'] / count:.4f} ms."
        )

    def provenance(self) -> Mapping[str, str]:
        """Which digits stand beside which weights."""
        own = "shipped" if self.config.weights == "shipped" else "of a training run here"
        return {
            "data": f"noise, seed {self.config.seed}, and held-out digits of {mnist.SOURCE}",
            "weights": f"diffusion {own}, autoencoder shipped, judge shipped",
        }

    def parts(self) -> Mapping[str, state.Part]:
        """The diffusion's digits, the figures, and a net whose run may have gone on."""
        nets = {} if self.config.weights == "shipped" else {"ema": self.diffusion.net}
        return {
            **nets,
            "x": self.x,
            "pred_xstart": self.pred_xstart,
            **{f"figures.{kind}": row for kind, row in self.figures.items()},
        }
