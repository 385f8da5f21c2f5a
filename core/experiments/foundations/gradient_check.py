"""Every gradient of a small NumPy net, checked one number at a time against finite differences."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Literal

import numpy as np
import torch

from core import config, state
from core.backprop import small_nets
from core.backprop.parameter_table import ParameterTable
from core.backprop.planted_bugs import PLANTED, BugName, Kit
from core.backprop.small_nets import CLASSES, NetName, build_net
from core.config import generator, setting
from core.experiment import CPU, Experiment, Pictures
from core.functions import activations
from core.functions.activations import ActivationName, build_layer
from core.nets import layers
from core.probes.gradient_check import FLOOR, centred_difference, relative_error

SIZES = np.logspace(-1, -12, 12)  # of h, for the curve
AGREES = 1e-5  # the largest relative error of a right gradient
LEAST = 1e-16  # what is drawn where two slopes are the same
LOSSES = {"softmax": layers.SoftmaxCrossEntropy, "svm": layers.MulticlassSVM}


class GradientCheck(Experiment):
    """One step checks one number."""

    class Config(config.Config):
        """Settings of the check."""

        bug: Literal["none", "A", "B", "C", "D", "E"] = setting(
            "none",
            label="Planted bug",
            choices={"none": "none"} | {letter: letter for letter in PLANTED},
            help="A mistake in the backward pass. The letter says nothing: find it by the check.",
        )
        net: NetName = setting(
            "linear",
            label="Net",
            choices=small_nets.LABELS,
            when=("bug", "none"),
            help="Which layers are checked. Bugs are planted in the first net.",
        )
        activation: ActivationName = setting(
            "relu",
            label="Activation",
            choices=activations.LABELS,
            when=("bug", "none"),
            help="Between the layers. Bugs are planted in a net with ReLU.",
        )
        loss: Literal["softmax", "svm"] = setting(
            "softmax",
            label="Loss",
            choices={"softmax": "softmax", "svm": "SVM"},
            when=("bug", "none"),
            help="Of three classes. Bugs are planted in a net with softmax cross-entropy.",
        )
        h: float = setting(
            1e-5,
            label="Step h",
            ge=1e-12,
            le=1e-1,
            scale="log",
            help="How far each number is moved, up and down.",
        )
        batch: int = setting(
            16, label="Batch size", ge=2, le=64, help="Random inputs, with random classes."
        )
        p: float = setting(
            0.4, label="Dropout p", ge=0, le=0.9, help="The share of units that are left out."
        )
        precision: Literal["float64", "float32"] = setting(
            "float64",
            label="Numbers",
            choices={"float64": "float64", "float32": "float32"},
            help="With how many digits the net computes: 16 or 7.",
        )

    SMOKE = Config()
    config: Config

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, CPU)
        self.source = generator(config.seed)
        bug: BugName | Literal["none"] = config.bug
        if bug == "none":
            kit = Kit(activation=partial(build_layer, config.activation), loss=LOSSES[config.loss])
            name = config.net
        else:
            kit, name = PLANTED[bug], "linear"
        self.net = build_net(name, kit, config.p, self.source, config.precision)
        self.criterion = kit.loss()
        shape = (config.batch, *small_nets.SHAPES[name])
        x = torch.randn(shape, generator=self.source, dtype=torch.float64)
        self.x = x.numpy().astype(config.precision)
        self.target = torch.randint(CLASSES, (config.batch,), generator=self.source).numpy()

        self.loss()
        self.net.backward(self.criterion.backward())
        self.table = ParameterTable(self.net)
        self.analytic = self.table.flat(self.net.gradients)
        self.order = torch.randperm(len(self.analytic), generator=self.source).tolist()
        self.numeric = torch.zeros(len(self.analytic), 1 + len(SIZES), dtype=torch.float64)
        self.total = len(self.analytic)

    def loss(self) -> float:
        """The loss of the batch; the same units are dropped every time, or it would jump."""
        self.source.manual_seed(self.config.seed)
        return self.criterion.forward(self.net.forward(self.x), self.target)

    def step(self) -> Mapping[str, float] | None:
        """Check one more number: its slopes by backward and by differences, and their error."""
        if self.steps == len(self.order):
            return None
        place = self.order[self.steps]
        name, index = self.table.places[place]
        for column, h in enumerate((self.config.h, *SIZES)):
            slope = centred_difference(self.loss, self.net.parameters[name], index, float(h))
            self.numeric[place, column] = slope
        self.steps += 1
        numeric, error = float(self.numeric[place, 0]), float(self._errors()[place, 0])
        analytic = float(self.analytic[place])
        return {"analytic": analytic, "numeric": numeric, "error": max(error, LEAST)}

    def picture(self) -> Pictures:
        """What has been checked; NaN stands for the rest.

        layer1, layer2, layer3: (n, 2), slopes by backward and by differences
        errors: (rows, columns), log10 of relative errors, layer beside layer, biases below
        digits: (6,), to how many digits each parameter agrees
        typical, worst: (12,), median and largest error for each h of `sizes`
        """
        errors = self._errors()
        pairs = np.stack([self.analytic, self.numeric[:, 0].numpy()], axis=1)
        pairs[np.isnan(errors[:, 0])] = np.nan
        checked = errors[~np.isnan(errors[:, 0]), 1:]
        none = np.full(len(SIZES), np.nan)
        arrays = self.table.by_layer(pairs) | {
            "errors": np.log10(np.maximum(self.table.picture(errors[:, 0]), LEAST)),
            "digits": -np.log10(np.clip(self.table.largest(errors[:, 0]), LEAST, 1)),
            "typical": np.maximum(np.median(checked, axis=0), LEAST) if len(checked) else none,
            "worst": np.maximum(checked.max(axis=0), LEAST) if len(checked) else none,
        }
        return {name: array.astype(np.float32) for name, array in arrays.items()}

    def backdrop(self) -> Pictures:
        """names: (6,), of the parameters; sizes: (12,), of h; h: (1,); line: (2,), y = x."""
        reach = 1.1 * np.abs(self.analytic).max()
        return {
            "names": np.array(self.table.labels),
            "sizes": SIZES.astype(np.float32),
            "h": np.array([self.config.h], np.float32),
            "line": np.array([-reach, reach], np.float32),
        }

    def words(self) -> str:
        """How many were checked, which parameters disagree, and by what factor."""
        errors = self._errors()[:, 0]
        if not self.steps:
            return f"Backward has given {self.total} slopes; none of them is checked yet."
        head = f"{self.steps} of {self.total} slopes checked. "
        largest = self.table.largest(errors)
        wrong = [
            label.partition(" (")[0]
            for label, error in zip(self.table.labels, largest, strict=True)
            if error > AGREES
        ]
        if not wrong:
            return head + f"All agree; the largest relative error is {np.nanmax(errors):.1g}."
        return head + f"Disagreement in {', '.join(wrong)}. {self._factor(errors)}"

    def provenance(self) -> Mapping[str, str]:
        """Random inputs and weights: a gradient must be right everywhere."""
        return {
            "data": f"{self.config.batch} random inputs with random classes",
            "weights": "random weights",
        }

    def parts(self) -> Mapping[str, state.Part]:
        """The slopes by differences; all else follows from the settings."""
        return {"numeric": self.numeric}

    def _errors(self) -> np.ndarray:
        """(slopes, 1 + sizes of h), NaN where not checked yet."""
        numeric = self.numeric.numpy()
        analytic = np.broadcast_to(self.analytic[:, None], numeric.shape)
        errors = relative_error(analytic, numeric)
        errors[self.order[self.steps :]] = np.nan
        return errors

    def _factor(self, errors: np.ndarray) -> str:
        """Whether the slopes that disagree do so by one factor, or because of h."""
        if self.config.precision == "float32" or not 1e-7 <= self.config.h <= 1e-4:
            return "But these differences are too rough to blame backward."
        numeric = self.numeric[:, 0].numpy()
        wrong = (np.nan_to_num(errors) > AGREES) & (np.abs(numeric) > FLOOR)
        ratios = self.analytic[wrong] / numeric[wrong]
        if len(ratios) > 2 and np.ptp(ratios) < 1e-3 * np.abs(ratios).max():
            return f"There, backward gives {ratios.mean():.3g} times the slope, always."
        return "There, backward is off by no common factor."
