"""The same noise under several guidance scales, with a threshold for x̂_0 and without."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import torch
from torch import Tensor

from core import state
from core.config import generator, setting
from core.data.diffused import to_bytes
from core.diffusion.ddim import ddim_timesteps
from core.diffusion.image_settings import DrawingSettings
from core.diffusion.images import ImageDiffusion, draw_step
from core.diffusion.threshold import saturation
from core.experiment import CPU, Experiment, Pictures, Scalars, finite, to_array
from core.probes.recognise import provenance, recognised

Scale = Literal["0", "0.5", "1", "2", "4", "8", "16"]
SCALES: dict[Scale, str] = {w: w for w in ("0", "0.5", "1", "2", "4", "8", "16")}
SHOWN = 6  # pictures of each scale


class ImagesGuidance(Experiment):
    """One step denoises all pictures once: of every scale, mended and not."""

    class Config(DrawingSettings):
        """Which scales are compared."""

        scales: tuple[Scale, ...] = setting(
            ("0", "1", "4", "16"),
            label="Guidance scales w",
            choices=SCALES,
            help="Each is a row; all rows start from the same noise.",
        )
        samples: int = setting(
            20,
            label="Samples",
            ge=1,
            le=50,  # of all seven scales a step then takes a CPU 20 s
            help="Of each scale; six of them are shown.",
        )
        ddim_steps: int = setting(
            25, label="DDIM steps", ge=1, le=1000, scale="log", help="At most T."
        )

    SMOKE = Config(scales=("0", "8"), ddim_steps=4, samples=2)
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        self.diffusion = ImageDiffusion.of(config.saved(), device)
        self.path = ddim_timesteps(len(self.diffusion.schedule), config.ddim_steps)
        self.total = len(self.path)
        self.w = torch.tensor(sorted(map(float, config.scales)), device=device)
        each = torch.arange(config.samples, device=device) % self.diffusion.net.classes
        self.labels = each if config.label == "all" else torch.full_like(each, int(config.label))
        noise = self.diffusion.noise(config.samples, generator(config.seed))
        # (2, scales, samples, c, h, w): without a threshold, then with it
        self.x = noise.expand(2, len(self.w), *noise.shape).clone()
        self.pred_xstart = torch.zeros_like(self.x)
        self.figures = torch.full(
            (2, 2, len(self.w)), torch.nan
        )  # recognised, saturated; of both, by scale

    @torch.no_grad()
    def step(self) -> Scalars | None:
        """Denoise once; figures of the smallest and of the largest scale."""
        if self.steps == self.total:
            return None
        t, t_next = ([*self.path, -1][self.steps + later] for later in (0, 1))
        self.steps += 1
        for index, kind in enumerate(("none", self.config.threshold)):
            x = self.x[index].flatten(0, 1)
            eps = self.diffusion.eps(x, t, self.all_labels(), self.all_scales())
            sample, pred_xstart, raw = draw_step(
                self.diffusion.schedule,
                x,
                eps,
                t,
                t_next,
                kind=kind,
                percentile=self.config.percentile,
            )
            self.x[index] = sample.view_as(self.x[index])
            self.pred_xstart[index] = pred_xstart.view_as(self.x[index])
            right = recognised(pred_xstart, self.all_labels()).float()
            beyond = saturation(raw)
            for row, each in enumerate((right, beyond)):
                self.figures[row, index] = each.view(len(self.w), -1).mean(dim=1).cpu()
        return self.scalars()

    def all_labels(self) -> Tensor:
        """Of all pictures, (scales · samples,)."""
        return self.labels.repeat(len(self.w))

    def all_scales(self) -> Tensor:
        """Of all pictures, (scales · samples, 1, 1, 1)."""
        return self.w.repeat_interleave(len(self.labels))[:, None, None, None]

    def scalars(self) -> dict[str, float]:
        """What is recognised, and how much lies beyond ±1.1, without and with the threshold."""
        return {
            f"{name}.{how}.{which}": float(self.figures[row, column, at])
            for row, name in enumerate(("recognised", "saturated"))
            for column, how in enumerate(("free", "kept"))
            for which, at in (("least", 0), ("most", -1))
        }

    def picture(self) -> Pictures:
        """x̂_0 now, scale by scale, as bytes; what is beyond ±1 cannot be shown.

        free, kept: (scales · ≤ 6, h, w) or with colours, without and with the threshold
        recognised_free, recognised_kept, saturated_free, saturated_kept: (scales,)
        """
        shown = self.pred_xstart[:, :, :SHOWN].flatten(1, 2)
        (right_free, right_kept), (free, kept) = finite(to_array(self.figures))
        return {
            "free": to_bytes(shown[0]),
            "kept": to_bytes(shown[1]),
            "recognised_free": right_free,
            "recognised_kept": right_kept,
            "saturated_free": free,
            "saturated_kept": kept,
        }

    def backdrop(self) -> Pictures:
        """w: (scales,), from the smallest to the largest."""
        return {"w": to_array(self.w)}

    def words(self) -> str:
        """What the largest scale does, beside the smallest."""
        least, most = (f"{float(self.w[at]):g}" for at in (0, -1))
        if not self.steps:
            return f"The same noise in every row, from w = {least} to w = {most}."
        if not torch.isfinite(self.x).all():
            return "Pictures have diverged; take smaller guidance scales."
        (right_free, right_kept), (free, kept) = self.figures.tolist()
        return (
            f"w = {least}: {100 * right_kept[0]:.0f} % recognised. w = {most}:"
            f" {100 * right_kept[-1]:.0f} % with the threshold, {100 * right_free[-1]:.0f} %"
            f" without; {100 * kept[-1]:.0f} % and {100 * free[-1]:.0f} % of the values were"
            " predicted beyond ±1.1."
        )

    def provenance(self) -> Mapping[str, str]:
        """Where the noise comes from, and which weights denoise it."""
        return {
            "data": f"noise, seed {self.config.seed}; {provenance(self.diffusion.net.channels)}",
            "weights": self.config.weights_in_words(),
        }

    def parts(self) -> Mapping[str, state.Part]:
        """The pictures, the last figures, and a net whose run may have gone on."""
        nets = {} if self.config.weights == "shipped" else {"ema": self.diffusion.net}
        return {**nets, "x": self.x, "pred_xstart": self.pred_xstart, "figures": self.figures}
