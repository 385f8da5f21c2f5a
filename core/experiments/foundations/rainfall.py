"""A net in NumPy learns a function of two numbers, beside its twin in PyTorch.

Both have the same start and see the same batches, and both compute in float64, so they stay the
same but for rounding: whatever differs is a mistake in a gradient.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import ClassVar, Literal

import numpy as np
import torch

from core import state
from core.backprop.place_map import PlaceMap
from core.backprop.planted_bugs import PLANTED, Kit
from core.backprop.twins import Twins
from core.config import generator, setting
from core.data.batches import Epochs
from core.data.rainfall import PlacesSettings, load_places
from core.data.units import Units
from core.experiment import CPU, Experiment, Pictures, finite
from core.functions import activations
from core.functions.activations import ActivationName, activation, build_layer
from core.nets.layers import Sequential
from core.optim.cosine import half_cosine
from core.probes.divergence import has_diverged
from core.probes.units import dead, slopes

SHOWN = 400  # held-out points drawn at most, evenly among all
LEAST = 1e-17  # what is drawn where the twins are the same


class Rainfall(Experiment):
    """One step is one epoch, or a part of one that is long."""

    class Config(PlacesSettings):
        """Settings of the net and its training."""

        width1: int = setting(100, label="Width, layer 1", ge=1, le=400, help="Hidden units.")
        width2: int = setting(100, label="Width, layer 2", ge=1, le=400, help="Hidden units.")
        activation: ActivationName = setting(
            "relu", label="Activation", choices=activations.LABELS, help="Between the layers."
        )
        learning_rate: float = setting(
            0.02,
            label="Learning rate η",
            ge=1e-4,
            le=1.0,
            scale="log",
            live=True,
            help="At the start; it falls to zero along a cosine.",
        )
        momentum: float = setting(
            0.9, label="Momentum", ge=0, le=0.99, help="The share of its velocity a step keeps."
        )
        weight_decay: float = setting(
            0.0,
            label="Weight decay",
            ge=0,
            le=0.1,
            live=True,
            advanced=True,
            help="The slope of an L2 penalty on all parameters.",
        )
        bug: Literal["none", "A", "C"] = setting(
            "none",
            label="Planted bug",
            choices={"none": "none", "A": "A", "C": "C"},
            help="One of the gradient check's, in the NumPy net only. A comes with ReLU.",
        )
        batch: int = setting(
            32, label="Batch size", ge=1, le=1024, scale="log", help="Points per step of SGD."
        )
        epochs: int = setting(
            400, label="Epochs", ge=1, le=2000, scale="log", help="Passes over the training data."
        )

    SMOKE = Config(width1=8, width2=8, batch=128, epochs=20)
    files: ClassVar[Mapping[str, str]] = {"predictions.csv": "The predictions, as CSV"}
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, CPU)
        table = load_places(config.data)
        x, y, x_val, y_val = (
            part.numpy() for part in (table.x_train, table.y_train, table.x_val, table.y_val)
        )
        self.inputs, self.target = Units.of(x), Units.of(y[:, None])
        self.x, self.y = self.inputs.standardise(x), self.target.standardise(y[:, None])
        self.x_val, self.y_val = self.inputs.standardise(x_val), y_val
        self.asked = table.x_test.numpy() if len(table.x_test) else x_val
        self.map = PlaceMap(x, y)

        self.source = generator(config.seed)
        self.net = self._build()
        self.twins = Twins(self.net, config.momentum)
        self.epochs = Epochs(len(self.x), [self.source])
        self.weights = sum(array.size for array in self.net.parameters.values())
        self.total = self.epochs.steps(config.epochs, config.batch, self.weights)

        # What pictures and words are made of, computed once for each epoch.
        self.predicted = torch.zeros(2, len(y_val), dtype=torch.float64)  # by the net, by its twin
        self.loss = torch.tensor(math.nan, dtype=torch.float64)  # the mean over the last step
        self.dead = torch.zeros(2, dtype=torch.float64)  # shares of the units of each layer
        self._evaluate()

    def step(self) -> Mapping[str, float] | None:
        """Training points in batches, each once an epoch, for the net and for its twin.

        loss: the mean over the step; validation, twin: of the held-out points; all of them in
        variances of the target. explained, twin_explained: shares of the held-out variance.
        gradient1 to gradient3: norms of ∂L/∂W, the mean over the step. apart: of the twins.
        """
        if self.steps >= self.total or has_diverged(self.net):
            return None
        rate = self.config.learning_rate * half_cosine(self.steps, self.total)
        self.twins.set_rates(rate, self.config.weight_decay)
        points, total, norms = 0, 0.0, np.zeros(3)
        with np.errstate(all="ignore"):  # too large a learning rate ends in infinities
            for batch in self.epochs.take(self.config.batch, self.weights):
                rows = batch[:, 0].numpy()
                points += len(rows)
                total += len(rows) * self.twins.train(self.x[rows], self.y[rows])
                norms += len(rows) * self.twins.gradient_norms()
                self.twins.train_twin(self.x[rows], self.y[rows])
            self.steps += 1
            self.loss.fill_(total / points)
            if self.epochs.ended:
                self._evaluate()
            return self._scalars(norms / points)

    def predict(self, x: np.ndarray) -> np.ndarray:
        """(points,), in the target's units, for standardised inputs (points, 2)."""
        with np.errstate(all="ignore"):
            return np.asarray(self.target.restore(self.net.forward(x))[:, 0])

    def predict_twin(self, x: np.ndarray) -> np.ndarray:
        """The same by the twin."""
        return np.asarray(self.target.restore(self.twins.predict_twin(x))[:, 0])

    def picture(self) -> Pictures:
        """learnt: (rows, columns), the function near training points, NaN elsewhere.

        held_out: (n, 2), measured and predicted at held-out points
        """
        learnt = self.map.draw(lambda places: self.predict(self.inputs.standardise(places)))
        held_out = np.stack([self.y_val, self.predicted[0].numpy()], axis=1)
        every = math.ceil(len(held_out) / SHOWN)
        return {"learnt": finite(learnt), "held_out": finite(held_out[::every])}

    def backdrop(self) -> Pictures:
        """measured: (rows, columns), means of training points; range: (2,), around these.

        extent: (4,), of both maps; line: (2,), y = x
        """
        arrays = {
            "measured": self.map.known,
            "extent": self.map.extent,
            "range": self.map.value_range,
            "line": np.array([self.y_val.min(), self.y_val.max()]),
        }
        return {name: array.astype(np.float32) for name, array in arrays.items()}

    def words(self) -> str:
        """How well, how far from the twin, and whether it is healthy."""
        if has_diverged(self.net):
            return f"Diverged in step {self.steps}: lower the learning rate."
        ours, twins = self.predicted.numpy()
        explained, twin = self._explained(ours), self._explained(twins)
        error = math.sqrt(((ours - self.y_val) ** 2).mean())
        unit = " mm" if self.config.data == "rainfall" else ""
        said = (
            f"The net explains {percent(explained)} of the held-out variance, its twin"
            f" {percent(twin)}; it is typically {error:.3g}{unit} off."
        )
        train_error = math.sqrt(self.loss) * float(self.target.deviation[0])
        if error > 1.5 * train_error:
            said += f" In training it is {train_error:.3g}{unit} off: overfitting."
        if self.dead.any():
            said += f" Dead units: {' and '.join(f'{100 * share:.0f} %' for share in self.dead)}."
        return said

    def provenance(self) -> Mapping[str, str]:
        """Whose points."""
        if self.config.data == "rainfall":
            where = "summer rainfall at 1,720 stations (NOAA), a fifth of them held out"
        else:
            where = f"{len(self.x):,} + {len(self.y_val):,} points of your own"
        return {"data": where, "weights": "trained here, from a random start"}

    def file(self, name: str) -> bytes:
        """x1, x2 and what the net and its twin say there: at `x_test`, or at held-out points."""
        if name not in self.files:
            raise KeyError(name)
        x = self.inputs.standardise(self.asked)
        table = np.column_stack([self.asked, self.predict(x), self.predict_twin(x)])
        rows = [",".join(map(repr, row)) for row in table.tolist()]
        return ("\n".join(["x1,x2,net,twin", *rows]) + "\n").encode()

    def parts(self) -> Mapping[str, state.Part]:
        """The twins, the source of their batches, how far they are, and what was found there."""
        return {
            **self.twins.parts(),
            "source": self.source,
            "epochs": self.epochs.at,
            "predicted": self.predicted,
            "loss": self.loss,
            "dead": self.dead,
        }

    def _build(self) -> Sequential:
        """2-width-width-1, with the planted bug."""
        config = self.config
        kit = Kit(activation=partial(build_layer, config.activation))
        if config.bug == "A":
            kit = PLANTED["A"]
        elif config.bug == "C":
            kit = replace(kit, linear=PLANTED["C"].linear)
        return kit.build_mlp((2, config.width1, config.width2, 1), self.source)

    def _evaluate(self) -> None:
        """What both say of held-out points, and the shares of dead units."""
        for row, predict in zip(self.predicted, (self.predict, self.predict_twin), strict=True):
            row.copy_(torch.from_numpy(predict(self.x_val)))
        f = activation("relu" if self.config.bug == "A" else self.config.activation)
        shares = [dead(layer).mean() for layer in slopes(self.net, self.x, f)]
        self.dead.copy_(torch.tensor(shares))

    def _scalars(self, norms: np.ndarray) -> dict[str, float]:
        ours, twins = self.predicted.numpy()
        unit = float(self.target.deviation[0])
        return {
            "loss": float(self.loss),
            "validation": float((((ours - self.y_val) / unit) ** 2).mean()),
            "twin": float((((twins - self.y_val) / unit) ** 2).mean()),
            "explained": self._explained(ours),
            "twin_explained": self._explained(twins),
            "apart": max(float(np.abs(ours - twins).max()) / unit, LEAST),
        } | {f"gradient{n}": norm for n, norm in enumerate(norms.tolist(), 1)}

    def _explained(self, predicted: np.ndarray) -> float:
        """1 − Var(y − ŷ) / Var(y) of the held-out points."""
        return 1 - float(np.var(self.y_val - predicted) / np.var(self.y_val))


def percent(share: float) -> str:
    """Such as "90.2 %", and never "-0.0 %"."""
    if share < -1:
        return "nothing (worse than the mean)"
    return f"{round(100 * share, 1) + 0:.1f} %"
