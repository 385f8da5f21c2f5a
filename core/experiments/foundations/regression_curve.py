"""F1b: a curve learnt from noisy points by five small networks at once.

The networks differ by their seed alone: where their weights start, and the order of their batches.
They train as one batch (`core.nets.ensemble`), on the same points. No function of x can have a
lower mean squared error than the variance of the noise, which is estimated from neighbours.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Annotated, ClassVar, Literal

import numpy as np
import pydantic
import torch
from jaxtyping import Float, Int
from torch import Tensor

from core import state
from core.config import generator, setting
from core.data import own
from core.data.batches import Epochs
from core.data.tables import load_table
from core.data.units import Units
from core.experiment import CPU, Experiment, Pictures, finite, to_array
from core.functions.activations import LABELS, activation, build_module
from core.nets.ensemble import Linears, ensemble
from core.probes.units import dead
from core.regression.data import curve, noisy_curve
from core.regression.noise import Neighbours
from core.regression.settings import Settings

MEMBERS = 5
POINTS = 1000
PLACES = 201  # of x at which the curves are drawn
BEYOND = 0.15  # of the data's range, drawn on both sides of it
SHOWN = 1000  # points of a large table
FAR = 100  # standard deviations of the training x
MOST_SHARE = 10.0  # drawn, where validation is so unlike training that the estimate fails
NEAR = 1.05  # times the noise: as good as can be


class RegressionCurve(Experiment):
    """One step is one epoch of all five, or a part of one that is long."""

    class Config(Settings):
        """Settings of the networks."""

        data: Annotated[str, pydantic.AfterValidator(own.names_data("curve"))] = setting(
            "curve", label="Data", max_length=32, hidden=True, help="Made up, or one's own."
        )
        noise: float = setting(
            0.4,
            label="Noise σ",
            ge=0,
            le=2,
            when=("data", "curve"),
            help="Standard deviation at the right end; a fifth of it at the left.",
        )
        width: int = setting(
            10, label="Width", ge=1, le=64, scale="log", help="Units in each of two layers."
        )
        activation: Literal["relu", "tanh", "sigmoid"] = setting(
            "relu",
            label="Activation",
            choices={name: LABELS[name] for name in ("relu", "tanh", "sigmoid")},
            help="What each hidden unit does to its sum.",
        )
        epochs: int = setting(
            2000, label="Epochs", ge=1, le=20_000, scale="log", advanced=True,
            help="How often every training point is seen.",
        )  # fmt: skip

    SMOKE = Config(epochs=20, width=4, batch_size="64")
    files: ClassVar[Mapping[str, str]] = {"predictions.csv": "What the five predict, as CSV"}
    config: Config

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        self.made_up = config.data == "curve"
        self.table = (
            noisy_curve(POINTS, config.noise, generator(config.seed))
            if self.made_up
            else load_table(config.data, 1)
        )
        table = self.table
        x, y = table.x_train.numpy(), table.y_train[:, None].numpy()
        self.inputs, self.target = Units.of(x), Units.of(y)
        self.x = self._standardise(table.x_train)
        self.y = torch.from_numpy(self.target.standardise(y)).float().to(device)
        self.beyond = float(np.abs(self.inputs.standardise(table.x_val.numpy())).max())
        self.neighbours = Neighbours(table.x_train, table.y_train)
        self.floor = self.neighbours.noise_variance(table.x_val, table.y_val)
        self.places = places(table.x_train)
        self.sources = [generator(config.seed + k) for k in range(1, MEMBERS + 1)]
        sizes = (1, config.width, config.width, 1)
        activation = partial(build_module, config.activation)
        self.net = ensemble(sizes, self.sources, activation).to(device)
        self.optimiser = torch.optim.AdamW(self.net.parameters(), config.learning_rate)
        self.weights = sum(p.numel() for p in self.net.parameters())
        self.epochs = Epochs(len(self.x), self.sources)
        self.total = self.epochs.steps(config.epochs, self._batch(), self.weights)
        self.losses, self.dead = self._measure()

    def step(self) -> Mapping[str, float] | None:
        """loss and validation_loss, means of the five, and noise, all in units of y²."""
        if self.epochs.done >= self.config.epochs or not self.losses.isfinite().all():
            return None
        self.train()
        if self.epochs.ended:
            self.losses, self.dead = self._measure()
        self.steps += 1
        return self.initial()

    def train(self) -> None:
        """Each network goes through the points in an order of its own, each once an epoch."""
        for group in self.optimiser.param_groups:
            group["lr"] = self.config.learning_rate
        for batch in self.epochs.take(self._batch(), self.weights):
            rows = batch.T
            losses = (self.net(self.x[rows]) - self.y[rows]).square().mean((1, 2))
            self.optimiser.zero_grad()
            losses.sum().backward()  # each network's gradient is that of its own loss
            self.optimiser.step()

    def initial(self) -> Mapping[str, float]:
        """The same, as they stand."""
        loss, validation = self.losses.mean(1).tolist()
        return {"loss": loss, "validation_loss": validation, "noise": self.floor}

    def picture(self) -> Pictures:
        """The five at `places`, in units of y.

        predictions: (5, 201); mean: (201,); low, high: (201,), mean ∓ spread; spread: (201,), the
        standard deviation between the five; noise_share: (5,), of each one's validation loss
        """
        predictions = self.predict(self.places)
        mean, spread = predictions.mean(0), predictions.std(0)
        arrays = {
            "predictions": predictions,
            "mean": mean,
            "low": mean - spread,
            "high": mean + spread,
            "spread": spread,
            "noise_share": (self.floor / self.losses[1]).clamp_max(MOST_SHARE),
        }
        return {name: finite(array.numpy()) for name, array in arrays.items()}

    def backdrop(self) -> Pictures:
        """The data, their noise, and where the curves are drawn.

        train: (at most 1,000, 2); places: (201,); first, last: (1,), of the training x
        noise_along: (201,), its standard deviation, NaN beyond the data
        truth: (201,), f, where it is known; names: (5,)
        """
        table, x = self.table, self.table.x_train
        truth = {"truth": to_array(curve(self.places[:, 0]))} if self.made_up else {}
        return truth | {
            "train": to_array(some(table.x_train, table.y_train)),
            "places": to_array(self.places[:, 0]),
            "first": to_array(x.min()[None]),
            "last": to_array(x.max()[None]),
            "noise_along": to_array(self.neighbours.noise_along(self.places)),
            "names": np.array([f"net {k + 1}" for k in range(MEMBERS)]),
        }

    def words(self) -> str:
        """How near the noise they are, who is stuck, and what is dead."""
        losses = self.losses[1]
        if not self.losses.isfinite().all():
            return f"Diverged at step {self.steps:,}: choose a smaller learning rate and reset."
        mean, near = float(losses.mean()), int((losses <= NEAR * self.floor).sum())
        said = (
            f"After {self.epochs.done:,} epochs the validation error is {mean:.3g}, "
            f"{_beside(mean, self.floor)} the noise ({self.floor:.3g}); {near} of {MEMBERS} nets "
            "are within 5 % of it."
        )
        if self.dead:
            units = 2 * MEMBERS * self.config.width
            said += f" {self.dead} of {units} units are dead: flat at every training point."
        if self.beyond > FAR:
            said += (
                f" Validation lies more than {FAR} standard deviations of the training x away:"
                " that error is about points unlike those learnt."
            )
        return said

    def provenance(self) -> Mapping[str, str]:
        """Where points and weights come from."""
        rows, held_out = len(self.table.x_train), len(self.table.x_val)
        whose = "made-up" if self.made_up else "own"
        return {
            "data": f"{rows:,} {whose} points and {held_out:,} for validation",
            "weights": f"{MEMBERS} × {self.weights // MEMBERS:,} numbers, trained here",
        }

    def parts(self) -> Mapping[str, state.Part]:
        """The networks, their optimiser, their sources of chance, and where they stand."""
        sources = {f"source.{k}": source for k, source in enumerate(self.sources)}
        return sources | {
            "net": self.net,
            "optimiser": self.optimiser,
            "epochs": self.epochs.at,
            "losses": self.losses,
            "dead": self.dead,
        }

    def file(self, name: str) -> bytes:
        """x, the mean and spread of the five, and each of them; at `x_test` where it was given."""
        if name not in self.files:
            raise KeyError(name)
        x = self.table.x_test if len(self.table.x_test) else self.places
        predictions = self.predict(x)
        columns = [x[:, 0], predictions.mean(0), predictions.std(0), *predictions]
        names = ["x", "mean", "spread", *(f"net_{k + 1}" for k in range(MEMBERS))]
        rows = [",".join(map(repr, row)) for row in torch.stack(columns, 1).tolist()]
        return ("\n".join([",".join(names), *rows]) + "\n").encode()

    @torch.no_grad()
    def predict(self, x: Float[Tensor, "points 1"]) -> Float[Tensor, "members points"]:
        """Each network's y, in its own units."""
        return self._restore(self.net(self._standardise(x).expand(MEMBERS, -1, -1)))

    @torch.no_grad()
    def _measure(self) -> tuple[Float[Tensor, "2 members"], Int[Tensor, ""]]:
        """Mean squared errors in units of y², training and validation; how many units are dead."""
        f, gone = activation(self.config.activation), 0
        out = self.x.expand(MEMBERS, -1, -1)
        for layer in self.net:
            if not isinstance(layer, Linears):  # what it bends is z
                gone += int(dead(f.derivative(out.cpu().numpy())).sum())
            out = layer(out)
        errors = (
            self._restore(out) - self.table.y_train,
            self.predict(self.table.x_val) - self.table.y_val,
        )
        return torch.stack([error.square().mean(1) for error in errors]), torch.tensor(gone)

    def _batch(self) -> int:
        """Points of an update."""
        return self.config.batch_of(len(self.x))

    def _standardise(self, x: Float[Tensor, "points 1"]) -> Float[Tensor, "points 1"]:
        """For the networks."""
        return torch.from_numpy(self.inputs.standardise(x.numpy())).float().to(self.device)

    def _restore(self, outputs: Float[Tensor, "members points 1"]) -> Tensor:
        """The networks' outputs in the units of y, (members, points), in float64."""
        return torch.from_numpy(self.target.restore(outputs.double().cpu().numpy())[..., 0])


def places(x: Float[Tensor, "points 1"]) -> Float[Tensor, "places 1"]:
    """Even steps over the range of x and a little beyond."""
    low, high = float(x.min()), float(x.max())
    air = BEYOND * (high - low)
    return torch.linspace(low - air, high + air, PLACES, dtype=torch.float64)[:, None]


def some(x: Float[Tensor, "points 1"], y: Float[Tensor, " points"]) -> Float[Tensor, "some 2"]:
    """Points to show: all, or evenly spaced rows of a large table."""
    every = -(-len(x) // SHOWN)
    return torch.stack([x[::every, 0], y[::every]], 1)


def _beside(value: float, other: float) -> str:
    """How much larger or smaller a number is than another, in words."""
    if not other:
        return "above"
    if value > 1000 * other:
        return "over 1,000 times"
    if value > 2 * other:
        return f"{value / other:,.0f} times"
    return f"{100 * abs(value / other - 1):.0f} % {'above' if value > other else 'below'}"
