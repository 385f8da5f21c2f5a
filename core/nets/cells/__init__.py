"""Recurrent cells, written out: RNN, LSTM and GRU as in `torch.nn`, a gated and an attending one.

>>> cell = LSTM(inputs=27, width=64, source=generator(0))
>>> run = unroll(cell, x)       # x: (batch, time, 27)
>>> run.h, run.gate("forget")   # (batch, time, 64)
"""

from __future__ import annotations

from typing import Literal

import torch

from core.nets.cells.attention_rnn import AttentionRNN
from core.nets.cells.cell import LIKE_TORCH, AffineCell, Cell, Gates, State
from core.nets.cells.gated import Gated
from core.nets.cells.gru import GRU
from core.nets.cells.lstm import LSTM
from core.nets.cells.rnn import RNN
from core.nets.cells.unroll import Unrolled, at_end, unroll

CellName = Literal["rnn", "lstm", "gru", "gated", "attention", "attention_all"]

LABELS: dict[CellName, str] = {
    "rnn": "RNN",
    "lstm": "LSTM",
    "gru": "GRU",
    "gated": "Gated",
    "attention": "AttentionRNN(k)",
    "attention_all": "AttentionRNN(∞)",
}

__all__ = [
    "GRU",
    "LABELS",
    "LIKE_TORCH",
    "LSTM",
    "RNN",
    "AttentionRNN",
    "Cell",
    "CellName",
    "Gated",
    "Gates",
    "State",
    "Unrolled",
    "at_end",
    "build",
    "unroll",
]


def build(
    name: CellName,
    inputs: int,
    width: int,
    source: torch.Generator,
    scale: float = LIKE_TORCH,
    *,
    k: int = 2,
    tied: bool = False,
) -> Cell:
    """The cell of that name; `k` and `tied` are those of AttentionRNN(k)."""
    if name == "attention":
        return AttentionRNN(inputs, width, source, scale, k=k, tied=tied)
    if name == "attention_all":
        return AttentionRNN(inputs, width, source, scale, k=None, tied=True)
    kinds: dict[CellName, type[AffineCell | Gated]] = {
        "rnn": RNN,
        "lstm": LSTM,
        "gru": GRU,
        "gated": Gated,
    }
    return kinds[name](inputs, width, source, scale)
