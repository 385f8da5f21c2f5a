"""Settings of the training of a convolutional net, and what follows from them."""

from __future__ import annotations

from typing import Any, Literal

import pydantic
import torch
from torch import nn

from core import config
from core.config import ConfigError, setting
from core.data import cifar
from core.data.augmentation import Augmentation
from core.nets.cnn import NAMES, WORK, Name
from core.optim.cosine import half_cosine

# As the reference courses train these nets on a GPU.
COURSE: dict[str, Any] = {
    "data": "whole",
    "epochs": 100,
    "learning_rate": 0.1,
    "schedule": "steps",
    "weight_decay": 1e-3,
    "shift": 4,
    "jitter": 0.2,
}
MOST_WORK = 100_000  # millions of multiplications in a step on a CPU: some ten seconds
Schedule = Literal["one_cycle", "cosine", "steps", "constant"]


class TrainingConfig(config.Config):
    """A net, its data, its optimiser, and what is done to pictures."""

    net: Name = setting("small", label="Net", choices=NAMES, help="What is trained.")
    weights: Literal["random", "cifar_small"] = setting(
        "random",
        label="Start from",
        choices={"random": "random weights", "cifar_small": "shipped weights"},
        help="Shipped ones are those of the small net.",
        when=("net", "small"),
    )
    learning_rate: float = setting(
        0.05,
        label="Learning rate η",
        ge=1e-5,
        le=10,
        scale="log",
        live=True,
        help="The schedule multiplies it.",
    )
    schedule: Schedule = setting(
        "one_cycle",
        label="Schedule",
        live=True,
        choices={
            "one_cycle": "up a quarter, then to 0",
            "cosine": "down to 0 along a cosine",
            "steps": "÷ 10 after 40 % and 80 %",
            "constant": "constant",
        },
        help="How the learning rate changes in the course of the training.",
    )
    optimizer: Literal["sgd", "adamw"] = setting(
        "sgd",
        label="Optimiser",
        advanced=True,
        choices={"sgd": "SGD, Nesterov momentum 0.9", "adamw": "AdamW"},
        help="AdamW wants a hundredth of SGD's learning rate.",
    )
    weight_decay: float = setting(
        5e-4,
        label="Weight decay λ",
        ge=0,
        le=1,
        scale="log",
        live=True,
        help="Of weights alone; biases and batch norm are free.",
    )
    batch_size: int = setting(
        128, label="Batch size", ge=2, le=2048, scale="log", help="Pictures in one step."
    )
    epochs: int = setting(10, label="Epochs", ge=1, le=500, scale="log", help="Rounds.")
    data: cifar.Data = setting(
        "shipped",
        label="Data",
        choices=cifar.DATA,
        help="The whole set is fetched once, or read from a data folder.",
    )
    pictures: int = setting(
        45_000,
        label="Training pictures",
        ge=50,
        le=45_000,
        scale="log",
        advanced=True,
        help="At most; the shipped part has 9,000.",
    )
    held_out: int = setting(
        1000,
        label="Validation pictures",
        ge=50,
        le=5000,
        advanced=True,
        help="At most; the shipped part has 1,000.",
    )
    flip: bool = setting(True, label="Mirror", live=True, help="Every second picture.")
    shift: int = setting(
        2, label="Shift", ge=0, le=16, unit="px", live=True, help="At most, reflecting edges."
    )
    jitter: float = setting(
        0.0,
        label="Colour jitter",
        ge=0,
        le=1,
        live=True,
        help="Brightness, contrast and saturation change by at most this share.",
    )

    @pydantic.model_validator(mode="after")
    def _weights_fit(self) -> TrainingConfig:
        if self.weights != "random" and self.net != "small":
            raise ValueError("The shipped weights are the small net's; start from random ones.")
        return self

    def check_work(self) -> None:
        """Raises ConfigError where a step would keep a CPU for long."""
        most = int(MOST_WORK / WORK[self.net])
        if self.batch_size > most:
            raise ConfigError(
                f"Batches of {self.batch_size:,} take a CPU too long with {NAMES[self.net]}:"
                f" take at most {most} pictures, a smaller net, or a machine with a GPU."
            )

    def augmentation(self) -> Augmentation:
        """What is done to the pictures of a batch."""
        return Augmentation(self.flip, self.shift, self.jitter)

    def rate(self, done: float) -> float:
        """The learning rate once this share of the training is done."""
        match self.schedule:
            case "one_cycle":
                falling = max(0.0, 4 / 3 * done - 1 / 3)
                return self.learning_rate * min(1.0, 4 * done) * half_cosine(falling, 1)
            case "cosine":
                return self.learning_rate * half_cosine(done, 1)
            case "steps":
                return self.learning_rate * 0.1 ** ((done >= 0.4) + (done >= 0.8))
        return self.learning_rate

    def optimize(self, net: nn.Module) -> torch.optim.Optimizer:
        """An optimiser in two groups: weights, and what does not decay: biases and batch norm."""
        parameters = list(net.parameters())
        groups = [[p for p in parameters if p.ndim > 1], [p for p in parameters if p.ndim == 1]]
        named = [{"params": group} for group in groups]
        if self.optimizer == "adamw":
            return torch.optim.AdamW(named)
        return torch.optim.SGD(named, momentum=0.9, nesterov=True)

    def set_rate(self, optimizer: torch.optim.Optimizer, done: float) -> None:
        """Let both groups of `optimize` go on at the rate and with the decay of now."""
        for group, decay in zip(optimizer.param_groups, (self.weight_decay, 0.0), strict=True):
            group["lr"], group["weight_decay"] = self.rate(done), decay
