"""Stochastic gradient descent on a layer's parameters, plain, with momentum, with an L2 penalty."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from core.nets.layers.layer import Arrays, Layer


@dataclass
class SGD:
    """v ← μ v + ∇ + λ θ,  θ ← θ − η v

    with learning rate η, momentum μ and weight decay λ, the slope of an L2 penalty λ/2 |θ|².
    """

    layer: Layer
    learning_rate: float
    momentum: float = 0.0
    weight_decay: float = 0.0
    velocity: Arrays = field(init=False)

    def __post_init__(self) -> None:
        self.velocity = {name: np.zeros_like(p) for name, p in self.layer.parameters.items()}

    def step(self) -> None:
        """Move all parameters against the gradients of the last backward."""
        for name, parameter in self.layer.parameters.items():
            velocity = self.velocity[name]
            velocity *= self.momentum
            velocity += self.layer.gradients[name] + self.weight_decay * parameter
            parameter -= self.learning_rate * velocity
