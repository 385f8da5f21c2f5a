"""The settings of a recurrent cell, which several experiments share."""

from __future__ import annotations

import torch

from core import config
from core.config import generator, setting
from core.nets.cells import LABELS, Cell, CellName, build


class CellSettings(config.Config):
    """Which cell, how wide, and how it starts."""

    cell: CellName = setting(
        "rnn", label="Cell", choices=LABELS, help="What reads a letter and hands on a state."
    )
    k: int = setting(
        4,
        label="States attended to, k",
        ge=1,
        le=16,
        when=("cell", "attention"),
        help="The cell looks back at its last k states, and at its input.",
    )
    tied: bool = setting(
        False,
        label="Tie queries, keys and values",
        when=("cell", "attention"),
        help="One Q, K and V for all past states; else one of each for every distance.",
    )
    width: int = setting(
        32, label="Hidden units", ge=2, le=256, scale="log", help="Length of the state h."
    )
    scale: float = setting(
        0.6,
        label="Initial scale",
        ge=0,
        le=4,
        help="About the largest eigenvalue of the recurrent matrix at first; torch has .58.",
    )

    def build(self, inputs: int) -> Cell:
        """The cell of these settings."""
        form = inputs, self.width, generator(self.seed), self.scale
        return build(self.cell, *form, k=self.k, tied=self.tied)


def count(cell: torch.nn.Module) -> int:
    """How many parameters there are."""
    return sum(p.numel() for p in cell.parameters())
