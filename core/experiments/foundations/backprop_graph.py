"""A 2-layer net learns XOR, one operation at a time: forward, loss, backward, update, repeat.

Every value and every gradient of the computation graph is there to be read when its turn comes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import torch

from core import config, state
from core.backprop.two_layers import FORWARD, MOVES, NODES, PARAMETERS, SAYS, active, progress
from core.config import generator, setting
from core.experiment import CPU, Experiment, Pictures, finite
from core.functions import activations
from core.functions.activations import ActivationName, build_layer
from core.nets.layers import (
    MSE,
    SGD,
    BCEWithLogits,
    Linear,
    Loss,
    MulticlassSVM,
    Sequential,
    SoftmaxCrossEntropy,
)
from core.nets.layers.sequential import named
from core.probes.divergence import has_diverged

CORNERS = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
CLASSES = np.array([0, 1, 1, 0])  # the two signs differ
LOSSES: dict[str, type[Loss]] = {
    "softmax": SoftmaxCrossEntropy,
    "svm": MulticlassSVM,
    "bce": BCEWithLogits,
    "mse": MSE,
}
SIDE = 41  # cells of the map
REACH = 2.0


class BackpropGraph(Experiment):
    """One step is one operation, or one whole iteration of SGD."""

    class Config(config.Config):
        """Settings of the net."""

        pace: Literal["operation", "iteration"] = setting(
            "operation",
            label="One step is",
            choices={"operation": "an operation", "iteration": "an iteration"},
            live=True,
            help="Go slowly through the graph, or fast through the training.",
        )
        hidden: int = setting(3, label="Hidden units", ge=1, le=8, help="The width of z and h.")
        activation: ActivationName = setting(
            "tanh", label="Activation f", choices=activations.LABELS, help="From z to h."
        )
        loss: Literal["softmax", "svm", "bce", "mse"] = setting(
            "softmax",
            label="Loss",
            choices={"softmax": "softmax", "svm": "SVM", "bce": "BCE", "mse": "MSE"},
            help="Softmax and SVM take a score for each class, the others one number.",
        )
        learning_rate: float = setting(
            0.5,
            label="Learning rate η",
            ge=1e-3,
            le=100.0,
            scale="log",
            live=True,
            help="How far an update goes against the gradient.",
        )
        iterations: int = setting(
            300, label="Iterations", ge=1, le=2000, scale="log", advanced=True, help="Of SGD."
        )

    SMOKE = Config(iterations=3)
    config: Config

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, CPU)
        source = generator(config.seed)
        two = config.loss in ("softmax", "svm")
        self.net = Sequential(
            [
                Linear(2, config.hidden, source),
                build_layer(config.activation),
                Linear(config.hidden, 2 if two else 1, source),
            ]
        )
        self.criterion = LOSSES[config.loss]()
        self.sgd = SGD(self.net, config.learning_rate)
        self.target = CLASSES if two else CLASSES[:, None].astype(np.float64)
        self.moves = torch.zeros((), dtype=torch.int64)  # made so far, over all iterations
        self.tape = {
            name: torch.from_numpy(array.copy()) for name, array in self.forward_backward().items()
        }

    def step(self) -> Mapping[str, float] | None:
        """One operation, or those up to the next update. loss; accuracy, over the four corners."""
        last = self.config.iterations * len(MOVES) - 1  # nothing is repeated after it
        if int(self.moves) >= last or has_diverged(self.net):
            return None
        self._move()
        while self.config.pace == "iteration" and MOVES[self._made()] != "repeat":
            self._move()
        self.steps += 1
        return self.initial()

    def initial(self) -> Mapping[str, float]:
        """The loss and accuracy of the pass on show."""
        right = (self.margins(CORNERS) > 0) == CLASSES
        return {"loss": float(self.tape["L"]), "accuracy": float(right.mean())}

    def update(self) -> None:
        """Every parameter goes against its gradient."""
        self.net.gradients = {key: self.tape[f"d{n}"].numpy() for n, key in PARAMETERS.items()}
        self.sgd.learning_rate = self.config.learning_rate
        self.sgd.step()

    def forward_backward(self) -> dict[str, np.ndarray]:
        """Every value of the graph, and as `d` with its name, the loss's gradient by it."""
        values, gradients = {"x": CORNERS, "t": self.target}, {"L": np.ones(1)}
        y = CORNERS
        for name, layer in zip("zhs", self.net.layers, strict=True):
            y = values[name] = layer.forward(y)
        values["L"] = np.array([self.criterion.forward(y, self.target)])
        dy = gradients["s"] = self.criterion.backward()
        for name, layer in zip("hzx", reversed(self.net.layers), strict=True):
            dy = gradients[name] = layer.backward(dy)
        slopes = named([layer.gradients for layer in self.net.layers])
        for name, key in PARAMETERS.items():
            values[name], gradients[name] = self.net.parameters[key], slopes[key]
        return values | {f"d{name}": gradient for name, gradient in gradients.items()}

    def margins(self, points: np.ndarray) -> np.ndarray:
        """(points,), above zero where the net says the signs differ."""
        with np.errstate(all="ignore"):
            scores = self.net.forward(points)
        if scores.shape[1] == 2:
            return np.asarray(scores[:, 1] - scores[:, 0])
        return np.asarray(scores[:, 0] - (0.5 if self.config.loss == "mse" else 0))

    def picture(self) -> Pictures:
        """Values x, W1, ... L and gradients dx, dW1, ... dL of the graph, NaN until their turn.

        progress: (10,), 0, 1 for a value, 2 for a gradient as well; active: (2,), node and edge
        regions: (41, 41), the class the net says at each place
        """
        reached = progress(self._made())
        arrays = {}
        for node, far in zip(NODES, reached, strict=True):
            for name, least in ((node, 1), (f"d{node}", 2)):
                if name in self.tape:
                    array = finite(self.tape[name].numpy())
                    arrays[name] = array if far >= least else np.full_like(array, np.nan)
        arrays["t"] = arrays["t"].reshape(len(CORNERS), -1)  # a row for each corner, as in s
        axis = np.linspace(-REACH, REACH, SIDE)
        x, y = np.meshgrid(axis, axis)
        says = self.margins(np.stack([x.ravel(), y.ravel()], axis=1)) > 0
        return arrays | {
            "progress": np.array(reached, np.int32),
            "active": np.array(active(self._made()), np.int32),
            "regions": says.reshape(SIDE, SIDE).astype(np.int32),
        }

    def backdrop(self) -> Pictures:
        """corners: (4, 2); classes: (4,)"""
        return {"corners": CORNERS.astype(np.float32), "classes": CLASSES.astype(np.int32)}

    def words(self) -> str:
        """Which operation this is, with the shapes that enter it and come out."""
        if has_diverged(self.net):
            return "Diverged: a weight has passed a million. Lower the learning rate."
        iteration = int(self.moves) // len(MOVES) + 1
        loss = float(self.tape["L"])
        made = self._made()
        if made == 0:
            again = ", 5 repeat" if iteration > 1 else ""
            return (
                f"Iteration {iteration}{again}: the corners x, targets t and parameters are given."
            )
        name = MOVES[made - 1]
        if name == "update":
            return (
                f"Iteration {iteration}, 4 update: each parameter went"
                f" {self.config.learning_rate:g} times its gradient downhill."
                f" The loss was {loss:.3g}."
            )
        key = f"d{name}" if made > len(FORWARD) else name
        shape = " × ".join(map(str, self.tape[key].shape))
        stage = "3 backward" if key != name else "2 loss" if name == "L" else "1 forward"
        said = f"Iteration {iteration}, {stage}: {SAYS[key]}"
        return said + (f" and is {loss:.4g}." if key == "L" else f", of shape {shape}.")

    def provenance(self) -> Mapping[str, str]:
        """Four points."""
        return {"data": "XOR: the four corners of a square", "weights": "trained here"}

    def parts(self) -> Mapping[str, state.Part]:
        """The parameters, and what the pass on show has computed."""
        return (
            {f"net.{n}": torch.from_numpy(array) for n, array in self.net.parameters.items()}
            | {f"tape.{name}": tensor for name, tensor in self.tape.items()}
            | {"moves": self.moves}
        )

    def _made(self) -> int:
        """Moves of this iteration."""
        return int(self.moves) % len(MOVES)

    def _move(self) -> None:
        """Show the next value or gradient, update, or begin again."""
        with np.errstate(all="ignore"):  # too large a learning rate ends in infinities
            if MOVES[self._made()] == "update":
                self.update()
                for name, key in PARAMETERS.items():
                    self.tape[name].copy_(torch.from_numpy(self.net.parameters[key]))
            elif MOVES[self._made()] == "repeat":
                for name, array in self.forward_backward().items():
                    self.tape[name].copy_(torch.from_numpy(array))
            self.moves += 1
