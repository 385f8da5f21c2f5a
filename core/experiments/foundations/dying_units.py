"""Two nets from the same start, one of ReLUs and one of another activation, learn one curve.

A large step can push a ReLU's z below zero for every input. There its slope is zero, no gradient
reaches its weights, and it stays so: the unit is dead.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float

from core import config, state
from core.config import generator, setting
from core.experiment import CPU, Experiment, Pictures, finite
from core.functions.activations import LABELS, ActivationName, activation, build_layer
from core.functions.function import listed
from core.nets.layers import Layer, Linear, Sequential
from core.nets.learner import Learner, mse
from core.probes.units import DEAD, dead, slopes

Column = Float[np.ndarray, "n 1"]

NOISE = 0.1  # standard deviation of what is added to the curve
EDGE = 2.0  # inputs are from −2 to 2
TRAIN, VALIDATION = 64, 256
GRID = np.linspace(-EDGE, EDGE, 161)[:, None]
HE = 6**0.5  # from PyTorch's U(−1/√n, 1/√n) to He's U(−√(6/n), √(6/n))


class DyingUnits(Experiment):
    """One step is one step of Adam on all 64 training points, for both nets."""

    class Config(config.Config):
        """Settings of the two nets."""

        other: Literal["leaky_relu", "elu", "gelu", "softplus", "tanh", "sigmoid"] = setting(
            "leaky_relu",
            label="Compare ReLU with",
            choices={name: label for name, label in LABELS.items() if name != "relu"},
            help="The activation of the second net.",
        )
        slope: float = setting(
            0.01,
            label="Slope of leaky ReLU",
            ge=0,
            le=0.5,
            when=("other", "leaky_relu"),
            help="Its slope below zero: 0 is the ReLU.",
        )
        learning_rate: float = setting(
            0.1,
            label="Learning rate η",
            ge=0.001,
            le=1,
            live=True,
            scale="log",
            help="Of Adam: about how far each weight moves at a step.",
        )
        scale: float = setting(
            1.0,
            label="Initial scale",
            ge=0.1,
            le=10,
            scale="log",
            help="Of the weights; 1 is He's choice, which keeps a ReLU net's signals level.",
        )
        bias: float = setting(0.0, label="Initial bias", ge=-5, le=5, help="Of all hidden units.")
        layers: int = setting(
            2, label="Hidden layers", ge=1, le=3, advanced=True, help="Of each net."
        )
        width: int = setting(
            24, label="Units per layer", ge=4, le=48, advanced=True, help="In each hidden layer."
        )
        max_steps: int = setting(
            600, label="Steps", ge=1, le=5000, advanced=True, help="Where the training ends."
        )

    SMOKE = Config(width=6, max_steps=50)
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, CPU)
        self.total = config.max_steps
        source = generator(config.seed + 1)
        self.x = np.linspace(-EDGE, EDGE, TRAIN)[:, None]
        self.y = noisy(self.x, source)
        drawn = torch.rand(VALIDATION, 1, dtype=torch.float64, generator=source).numpy()
        self.x_validation = EDGE * (2 * drawn - 1)
        self.y_validation = noisy(self.x_validation, source)

        names: tuple[ActivationName, ...] = ("relu", config.other)
        self.learners = {name: Learner(build(config, name)) for name in names}

    def step(self) -> Mapping[str, float] | None:
        """Errors on training and validation data, and the number of dead units, of each net."""
        if self.steps == self.total:
            return None
        for learner in self.learners.values():
            learner.learn(self.x, self.y, self.config.learning_rate)
        self.steps += 1
        return self.initial()

    def initial(self) -> Mapping[str, float]:
        """The same before the first step."""
        scalars = {}
        for name, learner in self.learners.items():
            scalars[f"{name}.loss"] = mse(learner.net, self.x, self.y)
            scalars[f"{name}.validation"] = mse(learner.net, self.x_validation, self.y_validation)
            scalars[f"{name}.dead"] = float(dead(self.slopes(name)).sum())
        return scalars

    def slopes(self, name: ActivationName) -> Float[np.ndarray, "layers n width"]:
        """f′(z) of every hidden unit of a net at every training input."""
        f = activation(name, slope=self.config.slope)
        return np.stack(slopes(self.learners[name].net, self.x, f))

    def picture(self) -> Pictures:
        """What both nets say, and the slope of each unit at each training input.

        relu.fit, <other>.fit: (161,), over `grid`
        slopes, other_slopes: (units + layers − 1, 64), log₁₀ |f′(z)|, −3 where it is less; the
            first layer's units first, and a row of NaN between two layers
        """
        nets = {name: learner.net for name, learner in self.learners.items()}
        maps = [finite(chart(self.slopes(name))) for name in nets]
        fits = {f"{name}.fit": finite(net.forward(GRID)[:, 0]) for name, net in nets.items()}
        return {"slopes": maps[0], "other_slopes": maps[1], **fits}

    def backdrop(self) -> Pictures:
        """grid: (161,); data: (64, 2), training points; map: (4,), the edges of the slopes' maps"""
        rows = self.config.layers * (self.config.width + 1) - 1
        return {
            "grid": GRID[:, 0].astype(np.float32),
            "data": np.concatenate([self.x, self.y], axis=1).astype(np.float32),
            "map": np.array([-EDGE, EDGE, 0, rows], np.float32),
        }

    def words(self) -> str:
        """How many units are dead, what that costs, and whether a whole layer has gone."""
        counts, errors, warnings = [], [], []
        for name, learner in self.learners.items():
            label, gone = LABELS[name], dead(self.slopes(name))
            error = mse(learner.net, self.x_validation, self.y_validation)
            counts.append(f"{gone.sum()} of {gone.size} {label} units")
            errors.append(f"{error:.2g}")
            if not math.isfinite(error):
                warnings.append(f" The {label} net has diverged: take a smaller learning rate.")
            elif gone.all(axis=1).any():
                warnings.append(f" A whole {label} layer is dead: one answer for every input.")
        return (
            f"Dead: {', '.join(counts)}. Error on validation data: {listed(errors)};"
            f" the noise alone makes {NOISE**2:.2g}.{''.join(warnings)}"
        )

    def provenance(self) -> Mapping[str, str]:
        """One curve, two nets."""
        return {
            "data": f"{TRAIN} points of sin 3x + x/2 with noise of {NOISE}, made here;"
            f" {VALIDATION} others for validation",
            "weights": f"random, seed {self.config.seed}, the same for both nets",
        }

    def parts(self) -> Mapping[str, state.Part]:
        """The weights of both nets, and what Adam remembers of each."""
        return {
            f"{name}.{key}": part
            for name, learner in self.learners.items()
            for key, part in learner.parts().items()
        }


def noisy(x: Column, source: torch.Generator) -> Column:
    """sin 3x + x/2 + e, e ~ N(0, 0.1²)"""
    e = torch.randn(x.shape, dtype=torch.float64, generator=source).numpy()
    return np.asarray(np.sin(3 * x) + x / 2 + NOISE * e)


def build(config: DyingUnits.Config, name: ActivationName) -> Sequential:
    """1 - width - … - width - 1; the same seed gives the same weights whatever the activation."""
    source = generator(config.seed)
    sizes = [1, *[config.width] * config.layers, 1]
    net: list[Layer] = []
    for inputs, outputs in pairwise(sizes):
        linear = Linear(inputs, outputs, source)
        linear.parameters["weight"] *= HE * config.scale
        linear.parameters["bias"][...] = config.bias
        net += [linear, build_layer(name, slope=config.slope)]
    linear.parameters["bias"][...] = 0.0
    return Sequential(net[:-1])


def chart(slopes: Float[np.ndarray, "layers n width"]) -> Float[np.ndarray, "rows n"]:
    """One unit per row, with an empty row between two layers."""
    inputs = slopes.shape[1]
    decades = np.log10(np.maximum(np.abs(slopes), DEAD)).swapaxes(1, 2)
    gap = np.full((len(slopes), 1, inputs), np.nan)
    return np.concatenate([decades, gap], axis=1).reshape(-1, inputs)[:-1]
