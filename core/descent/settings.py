"""What every descent can be asked: the surface, the constants of optimisers, when to stop."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import fields

import pydantic

from core import config, optim, surfaces
from core.config import setting
from core.surfaces import Surface, SurfaceName


class Settings(config.Config):
    """Settings of a descent. The optimisers' constants have the names their classes give them."""

    surface: SurfaceName = setting(
        "spiral",
        label="Surface",
        choices=surfaces.LABELS,
        help="The function to minimise.",
    )
    expression: str = setting(
        "r**2/10 - cos(2*x) - cos(2*y)",
        label="Own surface",
        max_length=200,
        when=("surface", "own"),
        help="Your own f(x, y), for the surface “your own”; r and theta are polar coordinates.",
    )
    learning_rate: float = setting(
        1e-2,
        label="Learning rate η",
        ge=1e-4,
        le=1,
        scale="log",
        live=True,
        help="How far a step goes along the gradient.",
    )
    momentum: float = setting(
        0.9,
        label="Momentum μ",
        ge=0,
        le=0.999,
        live=True,
        help="How much of the last step Momentum and Nesterov keep.",
    )
    decay: float = setting(
        0.99,
        label="RMSProp decay ρ",
        ge=0,
        le=0.9999,
        live=True,
        advanced=True,
        help="How much of the mean square gradient RMSProp keeps.",
    )
    beta1: float = setting(
        0.9,
        label="Adam β₁",
        ge=0,
        le=0.999,
        live=True,
        advanced=True,
        help="How much of the mean gradient Adam and AdamW keep.",
    )
    beta2: float = setting(
        0.999,
        label="Adam β₂",
        ge=0,
        le=0.9999,
        live=True,
        advanced=True,
        help="How much of the mean square gradient Adam and AdamW keep.",
    )
    epsilon: float = setting(
        1e-8,
        label="ε",
        ge=1e-12,
        le=1,
        scale="log",
        live=True,
        advanced=True,
        help="Keeps RMSProp, Adam and AdamW from dividing by zero; a large one slows them.",
    )
    weight_decay: float = setting(
        0.01,
        label="AdamW weight decay λ",
        ge=0,
        le=1,
        live=True,
        advanced=True,
        help="How strongly AdamW pulls towards the origin.",
    )
    tolerance: float = setting(
        1e-3,
        label="Stop at",
        ge=1e-9,
        le=1,
        scale="log",
        advanced=True,
        help="Converged: this close above the minimum or, where none is known, this flat.",
    )
    max_steps: int = setting(
        2000,
        label="Steps at most",
        ge=1,
        le=2000,
        advanced=True,
        help="The run ends here, arrived or not.",
    )

    @pydantic.field_validator("expression")
    @classmethod
    def _readable(cls, expression: str) -> str:
        surfaces.own(expression)
        return expression

    def build_surface(self) -> Surface:
        """The surface these settings name."""
        if self.surface == "own":
            return surfaces.own(self.expression)
        return surfaces.SURFACES[self.surface]

    @abstractmethod
    def racers(self) -> tuple[optim.OptimiserName, ...]:
        """The optimisers that take part."""

    def applies(self, name: str) -> bool:
        """Constants of optimisers that take no part do nothing."""
        constants = {of: {f.name for f in fields(kind)} for of, kind in optim.OPTIMISERS.items()}
        if name in set().union(*constants.values()):
            return any(name in constants[racer] for racer in self.racers())
        return super().applies(name)

    def build_optimiser(self, name: optim.OptimiserName) -> optim.Optimiser:
        """The optimiser of that name with these constants."""
        return optim.build(name, self)
