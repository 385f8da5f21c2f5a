"""What a trained diffusion of points reaches: the figures by which its weights are accepted."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from core.config import generator
from core.data.points import Points
from core.diffusion.ddpm import ddpm_loop
from core.diffusion.plane import PlaneDiffusion
from core.probes.samples import Judge, Quality

SAMPLES, GUIDED = 5_000, 2_000


def reach(saved: Mapping[str, Tensor], points: Points) -> dict[str, float]:
    """Figures of 5,000 samples by DDPM, and of 2,000 guided to every class in turn.

    `nll_of_data` is what the data reaches under its own density; `guided_…` are at a guidance
    scale of 1, `overguided_…` at 4. Half a minute on one core.
    """
    diffusion, judge = PlaneDiffusion.of(saved, torch.device("cpu")), Judge(points)
    quality = judge(sample(diffusion, SAMPLES))
    ideal = judge.ideal(SAMPLES)
    guided, accuracy = _guided(diffusion, judge, 1.0)
    overguided, _ = _guided(diffusion, judge, 4.0)
    return {
        "nll": quality.nll,
        "nll_of_data": ideal.nll,
        "own_nll": quality.own_nll,
        "own_nll_of_data": ideal.own_nll,
        "precision": quality.precision,
        "coverage": float(quality.coverage.mean()),
        "least_share": float(quality.shares.min()),
        "largest_share": float(quality.shares.max()),
        "guided_accuracy": accuracy,
        "guided_coverage": float(guided.coverage.mean()),
        "overguided_coverage": float(overguided.coverage.mean()),
    }


def sample(
    diffusion: PlaneDiffusion,
    count: int,
    labels: Tensor | None = None,
    guidance_scale: float = 0.0,
) -> Tensor:
    """`count` samples (count, 2) by DDPM, from a seed that is always the same."""
    source = generator(0)
    x = torch.randn(count, 2, generator=source)
    labels = torch.zeros(count, dtype=torch.int64) if labels is None else labels
    for step in ddpm_loop(
        diffusion.schedule,
        lambda x, t: diffusion.guided_eps(x, t, labels, guidance_scale),
        x,
        source,
    ):
        x = step.sample
    return x


def _guided(diffusion: PlaneDiffusion, judge: Judge, scale: float) -> tuple[Quality, float]:
    labels = torch.arange(GUIDED) % judge.classes
    samples = sample(diffusion, GUIDED, labels, scale)
    _, nearest = judge.nearest(samples)
    return judge(samples), float((nearest == labels.numpy()).mean())
