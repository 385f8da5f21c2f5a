"""What both regressions can be asked."""

from __future__ import annotations

from typing import Literal

from core import config
from core.config import setting


class Settings(config.Config):
    """Settings of training by AdamW in batches. One epoch sees every training point once."""

    learning_rate: float = setting(
        1e-2,
        label="Learning rate η",
        ge=1e-4,
        le=1,
        scale="log",
        live=True,
        help="Of AdamW: about how far each weight moves in one update.",
    )
    batch_size: Literal["16", "32", "64", "full"] = setting(
        "full",
        label="Batch size",
        choices={"16": "16", "32": "32", "64": "64", "full": "all points"},
        live=True,
        help="Points that each update looks at.",
    )
    epochs: int = setting(
        1000,
        label="Epochs",
        ge=1,
        le=20_000,
        scale="log",
        advanced=True,
        help="How often every training point is seen.",
    )

    def batch_of(self, points: int) -> int:
        """The batch size as a number."""
        return points if self.batch_size == "full" else min(int(self.batch_size), points)
