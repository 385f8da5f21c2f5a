"""What the races of a vision transformer and a convolutional net have in common."""

from __future__ import annotations

from typing import Literal

from core import config
from core.config import setting

NAMES = ("vit", "cnn")
NAMED = {"vit": "transformer", "cnn": "CNN"}
SMOOTH = 0.95  # what the running mean of right answers keeps from step to step
PATCHES: dict[int, str] = {4: "4 px, 64 of them", 8: "8 px, 16 of them", 16: "16 px, 4 of them"}


class RaceSettings(config.Config):
    """The transformer's form, which is the other net's size, and how both learn."""

    patch: Literal[4, 8, 16] = setting(
        4, label="Patches", choices=PATCHES, help="Their side in pixels, and how many there are."
    )
    heads: int = setting(
        3, label="Heads", ge=1, le=12, help="Of each layer; a head is 16 numbers wide."
    )
    depth: int = setting(3, label="Layers", ge=1, le=12, help="Of the transformer.")
    learning_rate: float = setting(
        0.003,
        label="Learning rate η",
        ge=1e-5,
        le=1,
        scale="log",
        live=True,
        help="Of both nets at its peak: it rises for a twentieth of the run, then falls along a"
        " cosine.",
    )
    batch_size: int = setting(
        64, label="Batch size", ge=8, le=1024, scale="log", help="Pictures in one step."
    )
    augment: bool = setting(
        True,
        label="Flip and shift",
        help="Training pictures are mirrored and moved by up to four pixels at random.",
    )
    mixed: bool = setting(
        True,
        label="Mixed precision",
        advanced=True,
        help="Products in bfloat16: about twice the speed where the processor knows it.",
    )
