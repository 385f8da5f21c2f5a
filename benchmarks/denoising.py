"""Denoising steps per second of our DDPM loop against diffusers' `DDPMScheduler`, same net."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

import torch
from diffusers import DDPMScheduler
from torch import Tensor

from core.config import generator, use_threads
from core.diffusion.ddpm import ddpm_loop
from core.diffusion.plane import PlaneDiffusion
from core.diffusion.schedule import Schedule, linear_betas
from core.nets.time_mlp import TimeMLP

Net = TypeVar("Net")
TIMESTEPS = 500
STEPS, ROUNDS = 10, 30  # steps per round; rounds of the two alternate


def measure(points: int) -> float:
    """Ours ÷ theirs, medians of rounds that alternate, on one thread."""
    use_threads(1)
    net = TimeMLP.denoiser(generator(0))
    x = torch.randn(points, 2, generator=generator(1))
    with torch.inference_mode():
        ours, theirs = endless(our_steps, net, x), endless(their_steps, net, x)
        times = [(seconds(ours), seconds(theirs)) for _ in range(ROUNDS + 3)][3:]
    mine, peers = zip(*times, strict=True)
    ratio: float = statistics.median(peers) / statistics.median(mine)
    return ratio


def our_steps(net: TimeMLP, x: Tensor) -> Iterator[Tensor]:
    """x after each of our steps."""
    diffusion = PlaneDiffusion(Schedule(linear_betas(TIMESTEPS)), net)
    for step in ddpm_loop(diffusion.schedule, diffusion.eps, x, generator(2)):
        yield step.sample


def their_steps(net: TimeMLP, x: Tensor) -> Iterator[Tensor]:
    """x after each of diffusers' steps, in the loop of its own documentation."""
    scheduler = DDPMScheduler(
        TIMESTEPS, beta_start=1e-4, beta_end=0.02, beta_schedule="linear", clip_sample=False
    )
    source = generator(2)
    for t in scheduler.timesteps:
        eps = net(x, (t / TIMESTEPS).expand(len(x)))
        x = scheduler.step(eps, t, x, generator=source).prev_sample
        yield x


def endless(
    steps: Callable[[Net, Tensor], Iterator[Tensor]], net: Net, x: Tensor
) -> Iterator[Tensor]:
    """The loop over and over."""
    while True:
        yield from steps(net, x)


def seconds(steps: Iterator[Tensor]) -> float:
    """How long the next STEPS steps take."""
    start = time.perf_counter()
    for _ in range(STEPS):
        next(steps)
    return time.perf_counter() - start
