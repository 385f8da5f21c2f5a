"""Settings that every experiment on the diffusion of points shares."""

from __future__ import annotations

import torch

from core.config import setting
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
