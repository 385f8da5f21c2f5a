"""Five scores turn like a wheel; softmax makes shares of them, sharper or softer by temperature."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from core import config, state
from core.config import setting
from core.experiment import CPU, Experiment, Pictures
from core.functions.softmax import entropy, jacobian, naive_softmax, softmax

NAMES = ("A", "B", "C", "D", "E")
PERIOD = 240  # steps of one turn
TURNS = 3
FADED = 0.01  # slopes below this count as vanished
COLDEST, HOTTEST = 0.05, 20.0
TEMPERATURES = np.geomspace(COLDEST, HOTTEST, 81)


def score(name: str, default: float) -> Any:
    """The setting of one score."""
    words = "The middle of its swing."
    return setting(
        default, label=f"Score {name}", ge=-5, le=5, live=True, advanced=True, help=words
    )


class SoftmaxTemperature(Experiment):
    """One step turns the wheel by a 240th."""

    class Config(config.Config):
        """Settings of the scene."""

        temperature: float = setting(
            1.0,
            label="Temperature",
            ge=COLDEST,
            le=HOTTEST,
            live=True,
            scale="log",
            help="The scores are divided by it before the softmax.",
        )
        swing: float = setting(
            1.5, label="Swing", ge=0, le=5, live=True, help="How far the scores move up and down."
        )
        factor: float = setting(
            1.0,
            label="Scores ×",
            ge=1,
            le=1000,
            live=True,
            scale="log",
            help="Makes all scores larger: what does a careless softmax do with them?",
        )
        a: float = score("A", 2.0)
        b: float = score("B", 1.0)
        c: float = score("C", 0.0)
        d: float = score("D", -0.5)
        e: float = score("E", -1.0)

    SMOKE = Config(factor=1000)
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, CPU)
        self.total = TURNS * PERIOD

    def scores(self) -> np.ndarray:
        """(5,): the scores z as they stand."""
        config = self.config
        rest = np.array([config.a, config.b, config.c, config.d, config.e])
        phase = 2 * np.pi * (self.steps / PERIOD + np.arange(len(NAMES)) / len(NAMES))
        return np.asarray(config.factor * (rest + config.swing * np.sin(phase)))

    def step(self) -> Mapping[str, float] | None:
        """The share of each class, and the entropy in nats."""
        if self.steps == self.total:
            return None
        self.steps += 1
        return self.initial()

    def initial(self) -> Mapping[str, float]:
        """The share of each class, and the entropy in nats."""
        scores, temperature = self.scores(), self.config.temperature
        shares = dict(zip(NAMES, softmax(scores, temperature).tolist(), strict=True))
        return {**shares, "entropy": float(entropy(scores, temperature))}

    def picture(self) -> Pictures:
        """Scores, shares, and what any temperature would make of these scores.

        scores, shares, naive: (5,), naive is NaN where exponentials overflow
        jacobian: (5, 5), ∂p_i/∂z_j; temperature: (1,)
        largest, spread: (81,), over `temperatures`: the largest share, and H / log 5
        """
        scores, temperature = self.scores(), self.config.temperature
        over = scores / TEMPERATURES[:, None]
        pictures = {
            "scores": scores,
            "shares": softmax(scores, temperature),
            "naive": naive_softmax(scores, temperature),
            "jacobian": jacobian(scores, temperature),
            "temperature": np.array([temperature]),
            "largest": softmax(over).max(axis=1),
            "spread": entropy(over) / np.log(len(NAMES)),
        }
        return {name: array.astype(np.float32) for name, array in pictures.items()}

    def backdrop(self) -> Pictures:
        """names: of the classes; temperatures: (81,)"""
        return {"names": np.array(NAMES), "temperatures": TEMPERATURES.astype(np.float32)}

    def words(self) -> str:
        """Who has the most, how much a score still moves it, and whether the shift was needed."""
        scores, temperature = self.scores(), self.config.temperature
        shares = softmax(scores, temperature)
        slope = np.abs(jacobian(scores, temperature)).max()
        leader, largest = NAMES[shares.argmax()], 100 * shares.max()
        told = (
            f"{leader} has {largest:.1f} % at temperature {temperature:g}; the entropy is"
            f" {abs(entropy(scores, temperature)):.2f} of {np.log(len(NAMES)):.2f} nats."
        )
        if slope < FADED:
            told += " No slope ∂p/∂z reaches 0.01: hardly any gradient passes."
        else:
            told += f" The steepest slope ∂p/∂z is {slope:.2f}."
        if np.isnan(naive_softmax(scores, temperature)).any():
            told += " Without the shift e^z overflows."
        return told

    def provenance(self) -> Mapping[str, str]:
        """Nothing but formulas."""
        return {"data": "five scores as set, computed in float64"}

    def parts(self) -> Mapping[str, state.Part]:
        """None: the scores follow from the settings and the number of steps."""
        return {}
