"""A trained diffusion of images: schedule and U-Net, and one step of drawing with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from core.config import ConfigError
from core.diffusion.classifier_free import guided_eps
from core.diffusion.ddim import ddim_step
from core.diffusion.ddpm import ddpm_step, predict_xstart
from core.diffusion.schedule import Schedule
from core.diffusion.threshold import Kind, fitting_eps, threshold
from core.nets.rivals import knows_bfloat16
from core.nets.unet import UNet
from core.probes.divergence import refuse_diverged


class Drawn(NamedTuple):
    """What one step of drawing gives."""

    sample: Float[Tensor, "n c h w"]  # x at the next t
    pred_xstart: Float[Tensor, "n c h w"]  # x̂_0 from which the step went on
    raw: Float[Tensor, "n c h w"]  # x̂_0 as predicted, before the threshold


class ImageDiffusion:
    """What sampling needs of a training. Pixels go from −1 to 1."""

    def __init__(self, schedule: Schedule, net: UNet, side: int, *, mixed: bool = True) -> None:
        self.schedule, self.net, self.side = schedule, net, side
        self.device = schedule.betas.device
        self.mixed = mixed and knows_bfloat16(self.device)

    @classmethod
    def of(cls, saved: Mapping[str, Tensor], device: torch.device) -> ImageDiffusion:
        """From the tensors of a training: `betas`, `side` and `ema.…`. Raises ConfigError."""
        mine = {key.removeprefix("ema."): saved[key] for key in saved if key.startswith("ema.")}
        try:
            net = UNet.of(mine).requires_grad_(False).to(device)
            net = net.to(memory_format=torch.channels_last)  # in which convolutions are fastest
            schedule, side = Schedule(saved["betas"], device), int(saved["side"])
        except (KeyError, ValueError, IndexError, RuntimeError):
            raise ConfigError(
                "These weights are not those of a diffusion of images; train one, or use the"
                " shipped weights."
            ) from None
        refuse_diverged(net)
        return cls(schedule, net, side)

    def noise(self, pictures: int, source: torch.Generator) -> Float[Tensor, "pictures c h w"]:
        """z ~ N(0, I), the same on every device."""
        shape = pictures, self.net.channels, self.side, self.side
        return torch.randn(shape, generator=source).to(self.device)

    @torch.no_grad()
    def eps(
        self,
        x: Float[Tensor, "n c h w"],
        t: int,
        labels: Int[Tensor, " n"],
        w: float | Float[Tensor, "n 1 1 1"] = 0.0,
    ) -> Float[Tensor, "n c h w"]:
        """The predicted noise ε̂ under the guidance scale `w`, one for all or each its own."""
        with self.precision():
            return guided_eps(self.net, x, t, labels, w)

    def precision(self) -> torch.autocast:
        """Where products are computed in bfloat16, if they shall be."""
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.mixed)


def draw_step(
    schedule: Schedule,
    x: Float[Tensor, "n c h w"],
    eps: Float[Tensor, "n c h w"],
    t: int,
    t_next: int,
    noise: Float[Tensor, "n c h w"] | None = None,
    eta: float | None = 0.0,
    kind: Kind = "none",
    percentile: float = 1.0,
) -> Drawn:
    """DDIM's step to `t_next` with its `eta`, or DDPM's to t − 1 if None, from a mended x̂_0.

    x̂_0 goes through the threshold, and ε̂ becomes the noise that fits it: so both samplers go on
    from what was mended, DDPM by the posterior mean of eq. 7.
    """
    raw = predict_xstart(schedule, x, eps, t)
    if kind != "none":
        eps = fitting_eps(schedule, x, threshold(raw, kind, percentile), t)
    if eta is None:
        assert noise is not None
        sample, pred_xstart = ddpm_step(schedule, x, eps, t, noise)
    else:
        sample, pred_xstart = ddim_step(schedule, x, eps, t, t_next, noise, eta)
    return Drawn(sample, pred_xstart, raw)
