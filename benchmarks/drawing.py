"""Drawing with a U-Net: our DDPM loop against diffusers' `DDPMScheduler`, same net, same batch.

As each comes, ours has its channels last and computes in bfloat16 where the processor knows it, and
the documented loop takes the net as it is, in float32. With the same layout and precision nearly
all of the time is the net's, in both.
"""

from __future__ import annotations

import copy
import statistics
from collections.abc import Iterator

import torch
from diffusers import DDPMScheduler
from torch import Tensor

from benchmarks.denoising import endless, seconds
from core import checkpoints
from core.config import generator, use_threads
from core.diffusion.ddpm import ddpm_loop
from core.diffusion.images import ImageDiffusion

PICTURES, ROUNDS = 16, 8


def measure(*, same_precision: bool) -> float:
    """Ours ÷ theirs in steps/s, medians of rounds that alternate, on one thread."""
    use_threads(1)
    diffusion = ImageDiffusion.of(checkpoints.shipped("images_mnist"), torch.device("cpu"))
    labels = torch.arange(PICTURES) % diffusion.net.classes
    x = diffusion.noise(PICTURES, generator(1))

    def our_steps(_: object, x: Tensor) -> Iterator[Tensor]:
        """x after each of our steps."""
        eps = lambda x, t: diffusion.eps(x, t, labels)  # noqa: E731
        for step in ddpm_loop(diffusion.schedule, eps, x, generator(2)):
            yield step.sample

    their_net = diffusion.net
    if not same_precision:
        their_net = copy.deepcopy(their_net).to(memory_format=torch.contiguous_format)

    def their_steps(_: object, x: Tensor) -> Iterator[Tensor]:
        """x after each of diffusers' steps, in the loop of its own documentation."""
        scheduler = DDPMScheduler(
            len(diffusion.schedule),
            trained_betas=diffusion.schedule.betas.numpy(),
            clip_sample=False,
        )
        source = generator(2)
        mixed = same_precision and diffusion.mixed
        for t in scheduler.timesteps:
            with torch.autocast("cpu", torch.bfloat16, enabled=mixed):
                eps = their_net(x, t.expand(len(x)), labels)
            x = scheduler.step(eps, t, x, generator=source).prev_sample
            yield x

    with torch.inference_mode():
        loops = endless(our_steps, diffusion.net, x), endless(their_steps, their_net, x)
        times = [tuple(map(seconds, loops)) for _ in range(ROUNDS + 1)][1:]
    mine, peers = zip(*times, strict=True)
    ratio: float = statistics.median(peers) / statistics.median(mine)
    return ratio
