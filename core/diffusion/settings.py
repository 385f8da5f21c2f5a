"""Settings of the experiments on the diffusion of points."""

from __future__ import annotations

from typing import Annotated, Literal

import pydantic
import torch

from core.config import is_key, setting
from core.data.points import PointsSettings
from core.diffusion.schedule import Kind, Schedule, betas


class Settings(PointsSettings):
    """The points and how the noise is spread over the steps."""

    timesteps: int = setting(
        500, label="Steps T", ge=10, le=1000, help="In how many steps the data becomes noise."
    )
    schedule: Kind = setting(
        "linear",
        label="Schedule",
        choices={"linear": "linear β", "cosine": "cosine ᾱ"},
        help="Linear β, or a cosine ᾱ, which destroys the data more slowly.",
    )

    def build_schedule(self, device: torch.device) -> Schedule:
        """The schedule that these settings name."""
        return Schedule(betas(self.schedule, self.timesteps), device)


class TrainingSettings(Settings):
    """Settings of the training."""

    batch_size: int = setting(
        512,
        label="Batch size",
        ge=16,
        le=10_000,
        scale="log",
        help="Draws of a point, a t and noise per step.",
    )
    epochs: int = setting(
        2,
        label="Epochs",
        ge=1,
        le=1000,
        scale="log",
        help="An epoch is points × T draws: 2,500,000 for the states at T = 500.",
    )
    learning_rate: float = setting(
        1e-3,
        label="Learning rate η",
        ge=1e-6,
        le=1.0,
        scale="log",
        live=True,
        help="Of AdamW, before it decays.",
    )
    decay: Literal["cosine", "step"] = setting(
        "cosine",
        label="Decay",
        choices={"cosine": "cosine, to 0 at the end", "step": "1 % every two epochs"},
        help="How the learning rate falls.",
    )
    weight_decay: float = setting(
        1e-7, label="Weight decay", ge=0.0, le=1.0, advanced=True, help="Of AdamW."
    )
    classifier: bool = setting(
        False,
        label="Classifier too",
        help="Train, beside the denoiser, the classifier that guidance needs.",
    )
    evaluate_every: int = setting(
        500,
        label="Evaluate every",
        ge=5,
        le=100_000,
        unit="steps",
        scale="log",
        advanced=True,
        help="How often samples are drawn and judged.",
    )


def _check_weights(name: str) -> str:
    if name != "shipped" and not is_key(name):
        raise ValueError("These weights are not known here; train again, or use the shipped ones.")
    return name


class SamplingSettings(PointsSettings):
    """Settings of the reverse process. `data` are the points that the weights learnt."""

    samples: int = setting(2000, label="Samples", ge=100, le=5000, help="Points denoised at once.")
    sampler: Literal["ddpm", "ddim"] = setting(
        "ddpm",
        label="Sampler",
        choices={"ddpm": "DDPM: every step", "ddim": "DDIM: fewer steps"},
        help="How x_t becomes x_{t−1}.",
    )
    ddim_steps: int = setting(
        50,
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
        ge=0.0,
        le=1.0,
        when=("sampler", "ddim"),
        help="Fresh noise per step: 0 none, 1 as much as DDPM.",
    )
    guidance_scale: float = setting(
        0.0,
        label="Guidance scale",
        ge=0.0,
        le=10.0,
        live=True,
        help="How hard the classifier pulls towards the class; 0 is off.",
    )
    label: Literal["all", "0", "1", "2", "3", "4", "5", "6", "7"] = setting(
        "all",
        label="Class to guide towards",
        choices={
            "all": "each in turn",
            "0": "0 (Ohio)",
            "1": "1 (Wisconsin)",
            "2": "2 (Oklahoma)",
            "3": "3 (Idaho)",
            "4": "4 (Michigan)",
            "5": "5",
            "6": "6",
            "7": "7",
        },
        help="Without guidance it has no effect.",
    )
    weights: Annotated[str, pydantic.AfterValidator(_check_weights)] = setting(
        "shipped",
        label="Weights",
        max_length=32,
        hidden=True,
        help="Those that ship, or those of a training run.",
    )
