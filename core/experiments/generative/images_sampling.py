"""Noise becomes pictures: the reverse process of a trained diffusion, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import torch

from core import state
from core.config import generator, setting
from core.data.cifar import CLASSES
from core.data.diffused import to_bytes
from core.diffusion.ddim import ddim_timesteps
from core.diffusion.image_settings import DrawingSettings
from core.diffusion.images import ImageDiffusion, draw_step
from core.diffusion.threshold import saturation
from core.experiment import CPU, Experiment, Pictures, Scalars, to_array
from core.probes.recognise import provenance, taken_for

SHOWN = {1: 64, 3: 15}  # pictures in a frame, at most; by the number of channels


class ImagesSampling(Experiment):
    """One step denoises all pictures once."""

    class Config(DrawingSettings):
        """Settings of the reverse process."""

        w: float = setting(
            2.0,
            label="Guidance scale w",
            ge=0,
            le=20,
            live=True,
            help="How far away from a picture without a label; 0 is the label alone.",
        )
        sampler: Literal["ddpm", "ddim"] = setting(
            "ddim",
            label="Sampler",
            choices={"ddpm": "DDPM: every step", "ddim": "DDIM: fewer steps"},
            help="How x_t becomes less noisy.",
        )
        ddim_steps: int = setting(
            25,
            label="DDIM steps",
            ge=1,
            le=1000,
            scale="log",
            when=("sampler", "ddim"),
            help="At most T; DDPM takes all T.",
        )
        eta: float = setting(
            0.0,
            label="DDIM η",
            ge=0,
            le=1,
            when=("sampler", "ddim"),
            help="Fresh noise per step: 0 none, 1 as much as DDPM.",
        )
        samples: int = setting(
            30, label="Samples", ge=1, le=64, help="Pictures that are drawn at once."
        )

    SMOKE = Config(ddim_steps=10, samples=2, eta=0.5)
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        self.diffusion = ImageDiffusion.of(config.saved(), device)
        self.classes, steps = self.diffusion.net.classes, len(self.diffusion.schedule)
        ddpm = config.sampler == "ddpm"
        self.path = ddim_timesteps(steps, steps if ddpm else config.ddim_steps)
        self.total = len(self.path)
        each = torch.arange(config.samples, device=device) % self.classes
        self.labels = each if config.label == "all" else torch.full_like(each, int(config.label))
        self.source = generator(config.seed)
        self.x = self.diffusion.noise(config.samples, self.source)
        self.pred_xstart = torch.zeros_like(self.x)
        self.taken = torch.full_like(each, -1)
        self.saturated = torch.zeros(1)

    @property
    def t(self) -> int:
        """The t that the pictures stand at; -1 when no noise is left."""
        return self.path[self.steps] if self.steps < self.total else -1

    @torch.no_grad()
    def step(self) -> Scalars | None:
        """Denoise once; `t` is how many steps of noise are left."""
        if self.t < 0:
            return None
        config, t = self.config, self.t
        self.steps += 1
        eps = self.diffusion.eps(self.x, t, self.labels, config.w)
        eta = None if config.sampler == "ddpm" else config.eta
        fresh = self.diffusion.noise(len(self.x), self.source) if eta != 0 else None
        self.x, self.pred_xstart, raw = draw_step(
            self.diffusion.schedule,
            self.x,
            eps,
            t,
            self.t,
            fresh,
            eta,
            config.threshold,
            config.percentile,
        )
        self.taken = taken_for(self.pred_xstart)
        self.saturated[0] = saturation(raw).mean()
        return {
            "t": self.t + 1.0,
            "recognised": self.share(),
            "saturated": float(self.saturated),
        }

    def share(self) -> float:
        """The share of x̂_0 that the judge takes for their label."""
        return float((self.taken == self.labels).float().mean())

    def picture(self) -> Pictures:
        """The pictures now, and where each will end, as bytes.

        x_t, pred_xstart: (≤ 64, h, w), or in colour (≤ 15, h, w, 3)
        by_label: (10,), the share of each label's pictures that it recognises; NaN: none asked for
        """
        right = torch.full((self.classes,), torch.nan)
        for label in self.labels.unique().tolist():
            mine = self.labels == label
            right[label] = (self.taken[mine] == label).float().mean()
        shown = SHOWN[self.diffusion.net.channels]
        return {
            "x_t": to_bytes(self.x[:shown]),
            "pred_xstart": to_bytes(self.pred_xstart[:shown]),
            "by_label": to_array(right),
        }

    def names(self) -> tuple[str, ...]:
        """Of the labels."""
        return CLASSES if self.diffusion.net.channels == 3 else tuple("0123456789")

    def backdrop(self) -> Pictures:
        """names: (10,), the labels."""
        return {"names": np.array(self.names())}

    def words(self) -> str:
        """How far it is, and what a judge sees."""
        if not self.steps:
            return f"Pure noise, t = {len(self.diffusion.schedule)}. Nothing is guessed yet."
        if not torch.isfinite(self.x).all():
            return "The pictures have diverged; take a smaller guidance scale, or a threshold."
        words = (
            f"t = {self.t + 1} of {len(self.diffusion.schedule)}: a judge recognises"
            f" {100 * self.share():.0f} % of the guesses x̂₀ as their label."
        )
        if (beyond := 100 * float(self.saturated)) < 0.5:
            return words
        kept = "and brought back" if self.config.threshold != "none" else "and stay there"
        return f"{words} {beyond:.0f} % of their values were predicted beyond ±1.1, {kept}."

    def provenance(self) -> Mapping[str, str]:
        """Where the noise comes from, and which weights denoise it."""
        return {
            "data": f"noise, seed {self.config.seed}; {provenance(self.diffusion.net.channels)}",
            "weights": self.config.weights_in_words(),
        }

    def parts(self) -> Mapping[str, state.Part]:
        """The pictures, their noise, what the judge said, and a net whose run may have gone on."""
        nets = {} if self.config.weights == "shipped" else {"ema": self.diffusion.net}
        return {
            **nets,
            "x": self.x,
            "pred_xstart": self.pred_xstart,
            "source": self.source,
            "taken": self.taken,
            "saturated": self.saturated,
        }
