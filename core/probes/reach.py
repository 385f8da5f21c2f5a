"""What a trained diffusion of points reaches: the figures by which its weights are accepted."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from core.config import generator
from core.data.points import Points
from core.diffusion.ddim import ddim_loop
from core.diffusion.ddpm import ddpm_loop
from core.diffusion.plane import PlaneDiffusion
from core.probes.samples import Judge

SAMPLES = 5_000
GUIDED, GUIDED_STEPS = 2_000, 100
SCALES = (1, 2, 4)


def reach(saved: Mapping[str, Tensor], points: Points) -> dict[str, float]:
    """Figures of 5,000 samples by DDPM, and of 2,000 by DDIM guided to every class in turn.

    `…_of_data` is what as many data points reach; a figure's last number is its guidance scale.
    Ten seconds on one core.
    """
    diffusion, judge = PlaneDiffusion.of(saved, torch.device("cpu")), Judge(points)
    quality, ideal = judge(sample(diffusion)), judge.ideal(SAMPLES)
    figures = {
        "nll": quality.nll,
        "nll_of_data": ideal.nll,
        "own_nll": quality.own_nll,
        "own_nll_of_data": ideal.own_nll,
        "precision": quality.precision,
        "coverage": float(quality.coverage.mean()),
        "least_share": float(quality.shares.min()),
        "largest_share": float(quality.shares.max()),
    }
    for scale in SCALES:
        labels = torch.arange(GUIDED) % judge.classes
        samples = guided_sample(diffusion, labels, scale)
        _, nearest = judge.nearest(samples)
        figures[f"accuracy_{scale}"] = float((nearest == labels.numpy()).mean())
        figures[f"coverage_{scale}"] = float(judge(samples).coverage.mean())
    return figures


def sample(diffusion: PlaneDiffusion) -> Tensor:
    """Samples (SAMPLES, 2) by DDPM from a seed that is always the same."""
    source = generator(0)
    x = torch.randn(SAMPLES, 2, generator=source)
    *_, last = ddpm_loop(diffusion.schedule, diffusion.eps, x, source)
    return last.sample


def guided_sample(diffusion: PlaneDiffusion, labels: Tensor, guidance_scale: float) -> Tensor:
    """Samples (labels, 2) by DDIM, each guided to its label, from the same noise every time."""
    *_, last = ddim_loop(
        diffusion.schedule,
        lambda x, t: diffusion.guided_eps(x, t, labels, guidance_scale),
        torch.randn(len(labels), 2, generator=generator(0)),
        GUIDED_STEPS,
    )
    return last.sample
