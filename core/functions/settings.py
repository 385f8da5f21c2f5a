"""The settings that scenes of activations share."""

from __future__ import annotations

from core.config import Config, setting
from core.functions.activations import LABELS, Activation, ActivationName, activation


class Settings(Config):
    """Which activations, with which constants."""

    activations: tuple[ActivationName, ...] = setting(
        ("relu", "leaky_relu", "gelu", "sigmoid"),
        label="Activations",
        choices=LABELS,
        help="Those that are drawn.",
    )
    slope: float = setting(
        0.1,
        label="Slope of leaky ReLU",
        ge=0,
        le=1,
        live=True,
        when=("activations", "leaky_relu"),
        help="Its slope below zero: 0 is the ReLU, 1 a straight line.",
    )
    alpha: float = setting(
        1.0,
        label="α of ELU",
        ge=0,
        le=3,
        live=True,
        when=("activations", "elu"),
        help="Far below zero it is −α.",
    )

    def functions(self) -> dict[str, Activation]:
        """The chosen ones, by name."""
        return {name: activation(name, self.slope, self.alpha) for name in self.activations}
