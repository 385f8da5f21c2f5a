"""How good a diffusion of images is: its loss on held-out pictures, and what its samples show."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from core.config import generator
from core.data.diffused import Kind, from_bytes, load
from core.diffusion.ddim import ddim_timesteps
from core.diffusion.images import ImageDiffusion, draw_step
from core.diffusion.q_sample import q_sample
from core.probes.recognise import recognised

HELD_OUT, AT_ONCE = 4_000, 250  # pictures, each at a t of its own
SAMPLES, STEPS = 300, 25  # drawn for each guidance scale; of DDIM
SCALES = (0.0, 2.0)


@torch.no_grad()
def drawing(saved: Mapping[str, Tensor], kind: Kind) -> dict[str, float]:
    """The squared error of ε̂ on validation pictures; the share of samples taken for their label."""
    diffusion = ImageDiffusion.of(saved, torch.device("cpu"))
    figures = {"validation_loss": held_out_loss(diffusion, kind)}
    labels = torch.arange(SAMPLES) % diffusion.net.classes
    for w in SCALES:
        x = samples(diffusion, labels, w)
        figures[f"recognised_{w:g}"] = float(recognised(x, labels).float().mean())
    return figures


def samples(diffusion: ImageDiffusion, labels: Tensor, w: float) -> Tensor:
    """Pictures (n, c, h, w) of these labels, by DDIM with a static threshold."""
    x = diffusion.noise(len(labels), generator(1))
    path = ddim_timesteps(len(diffusion.schedule), STEPS)
    for t, t_next in zip(path, [*path[1:], -1], strict=True):
        eps = diffusion.eps(x, t, labels, w)
        x = draw_step(diffusion.schedule, x, eps, t, t_next, kind="static").sample
    return x


@torch.no_grad()
def held_out_loss(diffusion: ImageDiffusion, kind: Kind, pictures: int = HELD_OUT) -> float:
    """Over validation pictures whose t are spread evenly over the schedule."""
    held_out = load(kind, "validation").first(pictures)
    source, count, total = generator(0), len(held_out), 0.0
    times = torch.arange(count) * len(diffusion.schedule) // count
    for start in range(0, count, AT_ONCE):
        part = slice(start, start + AT_ONCE)
        x, t, labels = from_bytes(held_out.images[part]), times[part], held_out.labels[part]
        noise = diffusion.noise(len(x), source)
        with diffusion.precision():
            eps = diffusion.net(q_sample(diffusion.schedule, x, t, noise), t, labels)
        total += float((eps - noise).square().mean()) * len(x)
    return total / count
