"""What a language model is made of, and how it learns."""

from __future__ import annotations

from typing import Annotated

import pydantic

from core import config
from core.config import ConfigError, setting
from core.data import own
from core.data.text import BOOKS
from core.nets.language import KINDS, Kind

MOST_WORK = 2e11  # multiplications of a batch, forward: some half a minute of a CPU, both ways


class LanguageSettings(config.Config):
    """Settings of language models that learn side by side."""

    nets: tuple[Kind, ...] = setting(
        tuple(KINDS), label="Nets", choices=KINDS, help="All learn from the same batches."
    )
    text: Annotated[str, pydantic.AfterValidator(own.names_data(*BOOKS))] = setting(
        "shakespeare", label="Text", max_length=32, hidden=True, help="Shakespeare, or one's own."
    )
    share: float = setting(
        0.2,
        label="Share of data",
        ge=0.01,
        le=1,
        scale="log",
        help="Of the text, from its beginning.",
    )
    pieces: int = setting(
        1024, label="Pieces", ge=128, le=4096, scale="log", help="Size of the vocabulary."
    )
    context: int = setting(
        64, label="Context", ge=8, le=256, scale="log", help="Pieces that the nets see at once."
    )
    learning_rate: float = setting(
        0.003,
        label="Learning rate η",
        ge=1e-5,
        le=10,
        scale="log",
        live=True,
        help="At its peak: it rises for a twentieth of the run, then falls along a cosine.",
    )
    steps: int = setting(500, label="Batches", ge=10, le=100_000, scale="log", help="In the run.")
    batch_size: int = setting(
        16, label="Batch size", ge=1, le=256, scale="log", help="Windows of the text in a batch."
    )
    dim: int = setting(
        128, label="Width", ge=16, le=512, scale="log", help="Numbers that stand for a piece."
    )
    layers: int = setting(2, label="Layers", ge=1, le=6, help="Of each net.")
    heads: int = setting(2, label="Heads", ge=1, le=8, advanced=True, help="Of the transformer.")
    width: int = setting(
        32, label="Width of a head", ge=4, le=128, advanced=True, help="Of the transformer."
    )
    mlp: int = setting(
        256, label="Width of the MLP", ge=16, le=2048, advanced=True, help="Of the transformer."
    )
    weight_decay: float = setting(
        0.01, label="Weight decay λ", ge=0, le=1, live=True, advanced=True, help="Of AdamW."
    )
    clip: float = setting(
        1.0,
        label="Clip gradients at",
        ge=0.01,
        le=1000,
        scale="log",
        live=True,
        advanced=True,
        help="The largest norm a net's gradient may have.",
    )

    def check_work(self) -> None:
        """Raises ConfigError where a step would keep a CPU for long."""
        weights = 12 * self.layers * self.dim**2 + self.pieces * self.dim  # about, of each net
        if len(self.nets) * self.batch_size * self.context * weights > MOST_WORK:
            raise ConfigError(
                f"Batches of {self.batch_size:,} × {self.context:,} pieces take a CPU too long with"
                " nets so large: take smaller batches, nets or contexts, or a machine with a GPU."
            )
