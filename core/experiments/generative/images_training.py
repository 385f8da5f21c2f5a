"""A U-Net learns which noise was added to pictures, with their labels and, now and then, without.

Ho et al. (2020), Algorithm 1; labels are dropped as Ho and Salimans (2022) do, for guidance.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from typing import Literal

import torch
from jaxtyping import Float, UInt8
from torch import Tensor
from torch.nn.functional import mse_loss

from core import config, state
from core.config import generator, setting
from core.data.batches import next_batch
from core.data.diffused import KINDS, Kind, from_bytes, load, source, to_bytes
from core.diffusion.classifier_free import without_some
from core.diffusion.ddim import ddim_loop
from core.diffusion.images import ImageDiffusion
from core.diffusion.q_sample import q_invert, q_sample
from core.diffusion.schedule import Kind as ScheduleKind
from core.diffusion.schedule import Schedule, cosine_betas, scaled_betas
from core.experiment import CPU, Experiment, Pictures, Scalars, to_array
from core.nets.unet import UNet
from core.optim.cosine import cosine_rate
from core.probes.recognise import recognised

Size = Literal["tiny", "small", "course"]
SIZES: dict[Size, str] = {"tiny": "16, 32, 64", "small": "32, 64, 96", "course": "64, 128, 128"}
WIDTHS: dict[Size, tuple[int, ...]] = {
    "tiny": (16, 32, 64),
    "small": (32, 64, 96),
    "course": (64, 128, 128),
}
BLOCKS: dict[Size, int] = {"tiny": 1, "small": 1, "course": 2}  # residual, at each size
HELD_OUT, SHOWN = 256, 10  # pictures judged; of them shown
QUARTERS = ("quarter_1", "quarter_2", "quarter_3", "quarter_4")  # of the steps T
FIGURES = ("validation_loss", *QUARTERS, "recognised")
SAMPLING_STEPS = 10  # of DDIM
CLASSES = 10
GUESS = 1.0  # loss of a net that always says "no noise"


class ImagesTraining(Experiment):
    """One step is one batch. Now and then held-out pictures are judged, and samples are drawn."""

    class Config(config.Config):
        """Settings of the training."""

        data: Kind = setting("small_digits", label="Pictures", choices=KINDS, help="To learn from.")
        net: Size = setting(
            "small", label="Widths", choices=SIZES, help="Channels at full, half, quarter size."
        )
        timesteps: int = setting(
            500, label="Steps T", ge=50, le=1000, help="In how many steps a picture becomes noise."
        )
        schedule: ScheduleKind = setting(
            "linear",
            label="Schedule",
            choices={"linear": "linear β", "cosine": "cosine ᾱ"},
            help="Linear β, scaled to T, or a cosine ᾱ.",
        )
        updates: int = setting(
            500, label="Updates", ge=10, le=500_000, scale="log", help="Where the run ends."
        )
        batch_size: int = setting(
            64, label="Batch size", ge=4, le=512, scale="log", help="Pictures in an update."
        )
        learning_rate: float = setting(
            2e-3,
            label="Learning rate η",
            ge=1e-6,
            le=10,
            scale="log",
            live=True,
            help="Of AdamW, at its highest; it falls along a cosine.",
        )
        drop: float = setting(
            0.1,
            label="Labels dropped",
            ge=0,
            le=1,
            live=True,
            help="So often the net is not told what the picture shows; guidance needs both.",
        )
        ema: float = setting(
            0.999,
            label="Averaging",
            ge=0,
            le=0.99999,
            advanced=True,
            help="Samples are drawn with a moving average of the weights: its share of the past.",
        )
        evaluate_every: int = setting(
            50,
            label="Evaluate every",
            ge=5,
            le=100_000,
            unit="updates",
            scale="log",
            advanced=True,
            help="How often held-out pictures are judged and samples drawn.",
        )
        mixed: bool = setting(
            True,
            label="Half digits",
            advanced=True,
            help="Products in bfloat16, at up to twice the speed, where the processor knows it.",
        )

    SMOKE = Config(net="tiny", timesteps=50, updates=14, batch_size=4, evaluate_every=8)
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        self.data = load(config.data, "train").to(device)
        channels, side = self.data.images.shape[1:3]
        widths = [w for level, w in enumerate(WIDTHS[config.net]) if side % 2**level == 0]
        start = generator(config.seed)
        self.net = UNet(channels, widths, BLOCKS[config.net], CLASSES, start).to(device)
        self.ema = copy.deepcopy(self.net).requires_grad_(False)
        betas = cosine_betas if config.schedule == "cosine" else scaled_betas
        self.schedule = Schedule(betas(config.timesteps), device)
        self.diffusion = ImageDiffusion(self.schedule, self.ema, side, mixed=config.mixed)
        self.optimizer = torch.optim.AdamW(self.net.parameters(), weight_decay=0.01, fused=True)
        self.source = generator(config.seed + 1)
        self.order = torch.randperm(len(self.data), generator=self.source)
        self.total = config.updates

        # Of the held-out pictures, each has its t and its noise for good.
        judged = load(config.data, "validation").first(HELD_OUT).to(device)
        self.held_out, self.labels = from_bytes(judged.images), judged.labels
        self.t = (torch.arange(HELD_OUT, device=device) * config.timesteps) // HELD_OUT
        fixed = generator(config.seed + 2)
        self.noise = self.diffusion.noise(HELD_OUT, fixed)
        self.x_t = q_sample(self.schedule, self.held_out, self.t, self.noise)
        rows = 7 if channels == 1 else 3
        self.asked = torch.arange(CLASSES, device=device).repeat(rows)
        self.begin = self.diffusion.noise(len(self.asked), fixed)
        self.shown = torch.arange(SHOWN, device=device) * HELD_OUT // SHOWN + HELD_OUT // SHOWN // 2

        # What the last evaluation found; its pictures as bytes, once for all frames until the next.
        self.figures = torch.full((len(FIGURES),), math.nan, dtype=torch.float64)
        self.guesses = self.beside(torch.zeros_like(self.x_t[self.shown]))
        self.samples = shown_as(self.begin)

    def step(self) -> Scalars | None:
        """The loss on the batch, and what the last evaluation found."""
        if self.steps == self.total:
            return None
        config, size = self.config, min(self.config.batch_size, len(self.data))
        index = next_batch(self.order, self.source, self.steps, size).to(self.device)
        x_start = from_bytes(self.data.images[index])
        if x_start.shape[1] == 3:  # a mirrored picture is another one; a mirrored digit is none
            mirrored = self.random(size) < 0.5
            x_start = torch.where(mirrored[:, None, None, None], x_start.flip(3), x_start)
        t = torch.randint(len(self.schedule), (size,), generator=self.source).to(self.device)
        noise = self.diffusion.noise(size, self.source)
        labels = without_some(self.data.labels[index], self.random(size) < config.drop, CLASSES)
        with self.diffusion.precision():
            eps = self.net(q_sample(self.schedule, x_start, t, noise), t, labels)
        loss = mse_loss(eps, noise)
        self.optimizer.param_groups[0]["lr"] = cosine_rate(
            config.learning_rate, self.steps, self.total
        )
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.steps += 1
        self.average()
        if self.steps % config.evaluate_every == 0 or self.steps == self.total:
            self.evaluate()
        return {"loss": loss.detach(), **dict(zip(FIGURES, self.figures.tolist(), strict=True))}

    def random(self, count: int) -> Tensor:
        """Numbers from 0 to 1, the same on every device."""
        return torch.rand(count, generator=self.source).to(self.device)

    @torch.no_grad()
    def average(self) -> None:
        """Move the averaged weights towards those that learn; faster while there is little past."""
        keep = min(self.config.ema, (1 + self.steps) / (10 + self.steps))
        for mine, learnt in zip(self.ema.parameters(), self.net.parameters(), strict=True):
            mine.lerp_(learnt, 1 - keep)

    @torch.no_grad()
    def evaluate(self) -> None:
        """The loss on held-out pictures, and samples from the same noise each time."""
        with self.diffusion.precision():
            eps = self.ema(self.x_t, self.t, self.labels)
        errors = (eps - self.noise).square().flatten(1).mean(dim=1)
        shown = self.shown
        guesses = q_invert(self.schedule, self.x_t[shown], self.t[shown], eps[shown])
        self.guesses.copy_(self.beside(guesses))
        x = self.begin
        predict = lambda x, t: self.diffusion.eps(x, t, self.asked)  # noqa: E731
        for made in ddim_loop(self.schedule, predict, x, SAMPLING_STEPS):
            x = made.sample
        self.samples.copy_(shown_as(x))
        right = recognised(x, self.asked).double().mean()
        quarters = errors.view(len(QUARTERS), -1).mean(dim=1)
        self.figures.copy_(torch.stack([errors.mean(), *quarters, right]))

    def beside(self, guesses: Float[Tensor, "n c h w"]) -> UInt8[Tensor, "3*n h w *c"]:
        """The held-out pictures that are shown, with noise, and what the net takes them for."""
        rows = [self.held_out[self.shown], self.x_t[self.shown], guesses]
        return shown_as(torch.cat(rows))

    def picture(self) -> Pictures:
        """What the last evaluation drew, as bytes; (n, h, w), or (n, h, w, 3) in colour.

        guesses: (30, …), ten held-out pictures from little to much noise, x_t, and x̂_0
        samples: (70, …) digits or (30, …) pictures, column by column of each class
        """
        return {"guesses": to_array(self.guesses), "samples": to_array(self.samples)}

    def words(self) -> str:
        """How good its guesses are, and what samples look like to a judge."""
        loss, *quarters, right = self.figures.tolist()
        if self.steps < min(self.config.evaluate_every, self.total):
            return f"The first samples come after {self.config.evaluate_every:,} updates."
        if not math.isfinite(loss):
            return "The training has diverged; take a smaller learning rate."
        if loss > 0.98 * GUESS:
            worse = "worse than" if loss > 1.05 * GUESS else "that of"
            return f"The loss, {loss:.3g}, is {worse} a net that always says “no noise”."
        return (
            f"Held-out pictures: ε̂ misses by {loss:.3f}, by {quarters[0]:.3f} where t is small and"
            f" {quarters[-1]:.3f} where it is large. A judge recognises {100 * right:.0f} % of"
            f" {len(self.samples)} samples, drawn in {SAMPLING_STEPS} steps."
        )

    def provenance(self) -> Mapping[str, str]:
        """Which pictures, from what start."""
        return {
            "data": f"{len(self.data):,} pictures: {source(self.config.data)}",
            "weights": f"random, seed {self.config.seed}",
        }

    def parts(self) -> Mapping[str, state.Part]:
        """Both nets, what trains them, the order of the pictures, the last evaluation."""
        return {
            "net": self.net,
            "ema": self.ema,
            "betas": self.schedule.betas,
            "side": torch.tensor(self.diffusion.side),
            "optimizer": self.optimizer,
            "source": self.source,
            "order": self.order,
            "figures": self.figures,
            "guesses": self.guesses,
            "samples": self.samples,
        }


def shown_as(x: Float[Tensor, "n c h w"]) -> UInt8[Tensor, "n h w *c"]:
    """Pictures as a frame shows them, on the CPU."""
    return torch.from_numpy(to_bytes(x))
