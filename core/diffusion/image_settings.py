"""Settings of the experiments that draw images with a trained diffusion."""

from __future__ import annotations

from typing import Literal

from torch import Tensor

from core import checkpoints, config
from core.config import setting
from core.data.cifar import CLASSES
from core.diffusion.threshold import KINDS, Kind

Shows = Literal["digits", "pictures"]
SHIPPED: dict[Shows, str] = {"digits": "images_mnist", "pictures": "images_cifar"}


class DrawingSettings(config.Config):
    """Which weights draw what, and what happens to x̂_0 between the steps."""

    shows: Shows = setting(
        "digits",
        label="Pictures",
        choices={"digits": "digits", "pictures": "CIFAR-10"},
        when=("weights", "shipped"),
        help="What the shipped weights have learnt.",
    )
    label: Literal["all", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9"] = setting(
        "all",
        label="Label",
        choices={
            "all": "each in turn",
            **{str(i): f"{i}, {name}" for i, name in enumerate(CLASSES)},
        },
        help="What the net is told to draw: the digit, or the class of CIFAR-10.",
    )
    threshold: Kind = setting(
        "static",
        label="Threshold of x̂₀",
        choices=KINDS,
        live=True,
        help="What is done with pixels that are predicted beyond ±1.",
    )
    percentile: float = setting(
        0.995,
        label="Percentile",
        ge=0.5,
        le=1,
        live=True,
        advanced=True,
        when=("threshold", "dynamic"),
        help="Of each picture's |x̂₀|: s, where it is cut off before it is divided by s.",
    )
    weights: str = setting(
        "shipped", label="Weights", max_length=32, hidden=True, help="Shipped, or of a run."
    )

    def saved(self) -> dict[str, Tensor]:
        """The tensors of the weights. Raises ConfigError where they are no longer here."""
        if self.weights == "shipped":
            return checkpoints.shipped(SHIPPED[self.shows])
        return checkpoints.of_run(self.weights)

    def weights_in_words(self) -> str:
        """Whose they are; of shipped ones, how good."""
        if self.weights != "shipped":
            return "of a training run here"
        loss = checkpoints.about(SHIPPED[self.shows])["figures"]["validation_loss"]
        return f"shipped, of CPU size: loss {loss:.4f} on held-out pictures"
