"""Optimisers from scratch, by name, equal to those of `torch.optim`."""

from __future__ import annotations

from dataclasses import fields
from typing import Literal

from core.optim.adam import Adam
from core.optim.adamw import AdamW
from core.optim.momentum import Momentum
from core.optim.nesterov import Nesterov
from core.optim.optimiser import Optimiser, State
from core.optim.rmsprop import RMSProp
from core.optim.sgd import SGD

OptimiserName = Literal["sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw"]

OPTIMISERS: dict[OptimiserName, type[Optimiser]] = {
    "sgd": SGD,
    "momentum": Momentum,
    "nesterov": Nesterov,
    "rmsprop": RMSProp,
    "adam": Adam,
    "adamw": AdamW,
}

LABELS: dict[OptimiserName, str] = {
    "sgd": "SGD",
    "momentum": "Momentum",
    "nesterov": "Nesterov",
    "rmsprop": "RMSProp",
    "adam": "Adam",
    "adamw": "AdamW",
}

__all__ = ["LABELS", "OPTIMISERS", "Optimiser", "OptimiserName", "State", "build"]


def build(name: OptimiserName, settings: object) -> Optimiser:
    """The optimiser of that name, its constants read from the settings of the same names."""
    kind = OPTIMISERS[name]
    return kind(**{field.name: getattr(settings, field.name) for field in fields(kind)})
