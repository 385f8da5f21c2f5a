"""Support vector machines on a few digits: raw pixels against a hand-made Gabor bank.

Cortes and Vapnik (1995). One step fits one pair of C and γ, once to each kind of features.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

import numpy as np
import pydantic
import torch
from jaxtyping import UInt8

from core import config, state
from core.config import setting
from core.data.mnist import SOURCE, average_2x2, load
from core.experiment import CPU, Experiment, Pictures, Scalars, to_array
from core.features.digits import answers, pixels, reduce, scale
from core.features.gabor import BANDWIDTHS, FREQUENCIES, as_pictures, gabor_bank, responses
from core.probes.confusion import confusion, misread
from core.svm import fit_svm

Features = Literal["raw", "gabor"]
NAMES: dict[Features, str] = {"raw": "Raw pixels", "gabor": "Gabor + PCA"}


class Settings(config.Config):
    """Settings of the grid of support vector machines."""

    per_class: int = setting(
        100, label="Digits per class", ge=2, le=200, help="For training: so many of 0, of 1, …"
    )
    orientations: int = setting(
        4, label="Orientations", ge=1, le=6, help="Directions of the Gabor filters' waves."
    )
    frequencies: int = setting(
        3, label="Frequencies", ge=1, le=3, help="0.15, 0.25 and 0.35 waves per pixel."
    )
    bandwidths: int = setting(
        3, label="Bandwidths", ge=1, le=3, help="1, 1.5 and 2 octaves: wide hills to narrow ones."
    )
    components: int = setting(
        100, label="Components", ge=1, le=300, help="How many directions the PCA keeps."
    )
    digit: int = setting(3, label="Digit shown", ge=0, le=9, live=True, help="To the filters.")
    confusions: Features = setting(
        "gabor",
        label="Confusions of",
        live=True,
        choices=NAMES,
        help="Whose mistakes are counted, at its best pair so far.",
    )
    lowest_c: float = setting(
        0.1, label="C from", ge=1e-3, le=1e4, scale="log", advanced=True, help="The softest margin."
    )
    highest_c: float = setting(
        1e3, label="C to", ge=1e-3, le=1e4, scale="log", advanced=True, help="The hardest margin."
    )
    lowest_gamma: float = setting(
        1e-2, label="γ from", ge=1e-4, le=1e3, scale="log", advanced=True, help="Widest kernel."
    )
    highest_gamma: float = setting(
        1e2, label="γ to", ge=1e-4, le=1e3, scale="log", advanced=True, help="Narrowest kernel."
    )
    side: int = setting(
        9, label="Grid side", ge=2, le=15, advanced=True, help="Values of C, and of γ."
    )
    held_out: int = setting(
        200,
        label="Validation digits per class",
        ge=20,
        le=200,
        advanced=True,
        help="The machines are judged on these and never see them.",
    )

    @pydantic.model_validator(mode="after")
    def _no_empty_range(self) -> Settings:
        """C and γ have room to grow from one end of the grid to the other."""
        ends = {
            "C": (self.lowest_c, self.highest_c),
            "γ": (self.lowest_gamma, self.highest_gamma),
        }
        for name, (lowest, highest) in ends.items():
            if lowest >= highest:
                raise ValueError(
                    f"{name} from is {lowest:g} and {name} to {highest:g}:"
                    " let “from” be smaller than “to”."
                )
        return self

    def grid(self) -> tuple[np.ndarray, np.ndarray]:
        """C and γ, evenly spaced on a log scale."""
        return (
            np.geomspace(self.lowest_c, self.highest_c, self.side),
            np.geomspace(self.lowest_gamma, self.highest_gamma, self.side),
        )


class Fit(NamedTuple):
    """What became of one machine."""

    accuracy: float  # on the held-out digits
    support: float  # share of the training digits that are support vectors
    predicted: np.ndarray  # (held-out digits,)


class DigitsSVM(Experiment):
    """Row by row through the grid, γ by γ and within it C by C."""

    Config = Settings
    SMOKE = Settings(per_class=5, held_out=20, side=3, orientations=2, components=20)
    config: Settings
    total: int

    def __init__(self, config: Settings, device: torch.device = CPU) -> None:
        super().__init__(config, CPU)
        self.c, self.gamma = config.grid()
        self.total = config.side**2
        self.train = load("train").per_class(config.per_class, config.seed)
        self.held_out = load("validation").per_class(config.held_out, config.seed)
        self.bank = gabor_bank(
            config.orientations,
            FREQUENCIES[: config.frequencies],
            BANDWIDTHS[: config.bandwidths],
        )
        both = self.train, self.held_out
        train, held_out = (answers(digits, self.bank) for digits in both)
        gabor, self.pca = reduce(train, held_out, config.components)
        self.responses = self.respond()
        self.features = {"raw": scale(*map(pixels, both)), "gabor": gabor}
        empty = torch.full((len(NAMES), *[config.side] * 2), torch.nan, dtype=torch.float64)
        self.accuracy, self.support = empty.clone(), empty.clone()
        truth = torch.from_numpy(self.held_out.labels.copy())
        self.predicted = truth.repeat(len(NAMES), 1)  # by the best so far

    def respond(self) -> UInt8[np.ndarray, "10 filters 14 14"]:
        """What the filters answer to the first held-out digit of each class, 255 the strongest."""
        firsts = np.unique(self.held_out.labels, return_index=True)[1]
        maps = responses(average_2x2(self.held_out.images[firsts]), self.bank)
        strongest = np.maximum(maps.max(axis=(1, 2, 3), keepdims=True), 1e-9)
        scaled: np.ndarray = np.round(255 * maps / strongest).astype(np.uint8)
        return scaled

    def cell(self) -> tuple[int, int]:
        """Row (γ) and column (C) of the next machines."""
        return divmod(self.steps, self.config.side)

    def fit(self, features: Features, c: float, gamma: float) -> Fit:
        """One machine, judged on the held-out digits."""
        x, held_out = self.features[features]
        machine = fit_svm(x, self.train.labels, c, gamma)
        predicted = machine.predict(held_out)
        accuracy = float((predicted == self.held_out.labels).mean())
        return Fit(accuracy, len(machine.support_) / len(x), predicted)

    def step(self) -> Scalars | None:
        """Fit one cell of both grids: accuracy, and share of support vectors, of each."""
        if self.steps == self.total:
            return None
        row, column = self.cell()
        scalars: dict[str, float] = {}
        for index, features in enumerate(NAMES):
            fit = self.fit(features, self.c[column], self.gamma[row])
            if fit.accuracy > self.accuracy[index].nan_to_num(-1).max():
                self.predicted[index] = torch.from_numpy(fit.predicted)
            self.accuracy[index, row, column] = fit.accuracy
            self.support[index, row, column] = fit.support
            scalars |= {f"{features}.accuracy": fit.accuracy, f"{features}.support": fit.support}
        self.steps += 1
        return scalars

    def picture(self) -> Pictures:
        """Both grids, one machine's mistakes, and the filters at work on one held-out digit.

        raw, gabor: (side, side) accuracy, row 0 at the lowest γ, column 0 at the lowest C
        raw_best, gabor_best: (1, 2), C and γ of the best cell so far; (0, 2) before the first
        support: (2,), share of support vectors there, raw and Gabor
        confusion: (10, 10), truth by prediction, at the best cell of the features chosen
        misread: (10, 28, 28), digits it takes for another; mistakes: (10,), what for what
        responses: (filters, 14, 14), of the digit shown, 255 the strongest
        """
        predicted = self.predicted[list(NAMES).index(self.config.confusions)]
        counts = confusion(self.held_out.labels, predicted)
        images, mistakes = misread(self.held_out, predicted)
        best = [self.best(index) for index in range(len(NAMES))]
        places = [np.array([(self.c[c], self.gamma[r])], np.float32) for r, c in best]
        support = [self.support[index, *cell] for index, cell in enumerate(best)]
        return {
            "raw": to_array(self.accuracy[0]),
            "gabor": to_array(self.accuracy[1]),
            "raw_best": places[0][: self.steps],
            "gabor_best": places[1][: self.steps],
            "support": to_array(torch.stack(support).nan_to_num(0)),
            "confusion": to_array(counts if self.steps else torch.zeros_like(counts)),
            "misread": images,
            "mistakes": mistakes,
            "responses": self.responses[self.config.digit].copy(),
        }

    def backdrop(self) -> Pictures:
        """extent: (4,) of the grids, in C and γ; filters: (filters, 13, 13), real part."""
        edges: list[float] = []
        for values in (self.c, self.gamma):
            half = (values[1] / values[0]) ** 0.5  # of a cell, on a log scale
            edges += [values[0] / half, values[-1] * half]
        return {
            "extent": np.array(edges, np.float32),
            "filters": as_pictures(self.bank),
        }

    def words(self) -> str:
        """The best pair of both so far."""
        if self.steps == 0:
            return (
                f"{len(self.train):,} digits to learn from, {len(self.held_out):,} to be judged on;"
                f" {len(self.bank)} filters, and {len(self.pca.components)} components that hold"
                f" {100 * self.pca.share:.0f} % of their variance."
            )
        return (
            "; ".join(self._best_in_words(i, name) for i, name in enumerate(NAMES.values())) + "."
        )

    def best(self, index: int) -> tuple[int, int]:
        """Row and column of the first of the best cells so far."""
        return divmod(int(self.accuracy[index].nan_to_num(-1).argmax()), self.config.side)

    def _best_in_words(self, index: int, name: str) -> str:
        row, column = self.best(index)
        right, support = (100 * of[index, row, column] for of in (self.accuracy, self.support))
        return (
            f"{name} {right:.1f} % right at best, with C = {self.c[column]:.3g} and"
            f" γ = {self.gamma[row]:.3g}: {support:.0f} % support vectors"
        )

    def provenance(self) -> Mapping[str, str]:
        """Which digits, and where the machines come from."""
        count = f"{len(self.train):,} training and {len(self.held_out):,} validation digits"
        return {"data": f"{count} of {SOURCE}", "weights": "fitted here, by scikit-learn"}

    def parts(self) -> Mapping[str, state.Part]:
        """What was found so far."""
        return {"accuracy": self.accuracy, "support": self.support, "predicted": self.predicted}
