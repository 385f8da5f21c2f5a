"""One query asks five keys in the plane, and hears a mixture of their values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated

import numpy as np
import pydantic
import torch
from jaxtyping import Float
from torch import Tensor

from core import config, state
from core.config import ConfigError, setting
from core.data.typed import parse_rows
from core.experiment import CPU, Experiment, Pictures, Scalars, finite, to_array
from core.nets.transformer import attend
from core.probes.attention import spread

COUNT = 5  # keys, each with its value
FARTHEST = 2.0  # coordinates that can be drawn
TURN = 72  # steps of a whole turn
COPIES, AVERAGES = 0.99, 0.01  # weights from which on one, or all alike, is heard
KEYS = "1.2 0.2; 0.3 1.2; -1 0.6; -0.7 -1; 0.8 -0.9"
VALUES = "1.4 0.9; -0.3 1.5; -1.5 0.2; -0.6 -1.4; 1.1 -1.2"


def parse_points(text: str, count: int = COUNT) -> Float[Tensor, "count 2"]:
    """ "x y; x y": so many points. Raises ConfigError."""
    rows = parse_rows(text)
    if len(rows) != count or any(len(row) != 2 for row in rows):
        points = f"{count} points as “x y”, parted by semicolons" if count > 1 else "one “x y”"
        raise ConfigError(f"Give {points}.")
    if any(abs(value) > FARTHEST for row in rows for value in row):
        raise ConfigError(f"Points lie within −{FARTHEST:g} and {FARTHEST:g}.")
    return torch.tensor(rows)


def points(count: int) -> pydantic.AfterValidator:
    """A validator for a setting that holds so many points."""

    def check(text: str) -> str:
        parse_points(text, count)
        return text

    return pydantic.AfterValidator(check)


class AttentionLookup(Experiment):
    """One step turns the query by five degrees, once round."""

    class Config(config.Config):
        """What lies where, and how sharply it is asked."""

        query_at: Annotated[str, points(1)] = setting(
            "1.1 0.6", label="Query", max_length=100, live=True, help="Drag it, or type x and y."
        )
        keys: Annotated[str, points(COUNT)] = setting(
            KEYS,
            label="Keys",
            max_length=200,
            live=True,
            help="Drag them, or type x and y of each.",
        )
        values: Annotated[str, points(COUNT)] = setting(
            VALUES, label="Values", max_length=200, live=True, help="What is told, key by key."
        )
        beta: float = setting(
            2.0, label="β", ge=0, le=50, live=True, help="Sharpness: 0 averages, ∞ copies."
        )
        length: float = setting(
            1.0,
            label="Length of key 1",
            ge=0,
            le=3,
            live=True,
            help="Key 1 is multiplied by it before it is asked.",
        )

    SMOKE = Config()
    config: Config
    total = TURN

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        self.path = torch.zeros(TURN + 1, 2, device=device)
        self.asked = parse_points(config.query_at, 1)  # from where the query turns,
        self.since = torch.zeros(())  # and the step at which it was there
        self.path[0] = self.look()[1]

    def query(self) -> Float[Tensor, "1 2"]:
        """The setting's, turned by as much as there were steps since it was put there."""
        angle = 2 * math.pi * (self.steps - float(self.since)) / TURN if not self.moved else 0.0
        turn = torch.tensor(
            [[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]]
        )
        return parse_points(self.config.query_at, 1) @ turn

    @property
    def moved(self) -> bool:
        """Whether somebody has put the query elsewhere since the last step."""
        return not torch.equal(parse_points(self.config.query_at, 1), self.asked)

    def keys(self) -> Float[Tensor, "keys 2"]:
        """Where they are asked: the first one as long as it is made."""
        keys = parse_points(self.config.keys)
        keys[0] *= self.config.length
        return keys

    def look(self) -> tuple[Float[Tensor, " keys"], Float[Tensor, " 2"]]:
        """The weights, and what is heard."""
        heard, weights = attend(
            self.query(), self.keys(), parse_points(self.config.values), scale=self.config.beta
        )
        return weights[0], heard[0]

    def step(self) -> Scalars | None:
        """Turn; the weight of each key, and among how many they are spread."""
        if self.steps == TURN:
            return None
        if self.moved:
            self.asked.copy_(parse_points(self.config.query_at, 1))
            self.since.fill_(self.steps)
        self.steps += 1
        self.path[self.steps] = self.look()[1]
        return self.scalars()

    def initial(self) -> Scalars:
        """Before the query turns."""
        return self.scalars()

    def scalars(self) -> dict[str, float | Tensor]:
        """As `step` says."""
        weights = self.look()[0]
        named: dict[str, float | Tensor] = {f"w{i}": float(w) for i, w in enumerate(weights, 1)}
        return named | {"spread": float(spread(weights))}

    def picture(self) -> Pictures:
        """All points and the weights.

        query, heard: (1, 2); keys, values: (5, 2), keys as they are asked
        weights: (5,); path: (73, 2), where what was heard has been; NaN: not yet
        """
        weights, heard = self.look()
        path = self.path.clone()
        path[self.steps + 1 :] = torch.nan
        return {
            "query": to_array(self.query()),
            "keys": to_array(self.keys()),
            "values": to_array(parse_points(self.config.values)),
            "weights": finite(to_array(weights)),
            "heard": finite(to_array(heard[None])),
            "path": finite(to_array(path)),
        }

    def backdrop(self) -> Pictures:
        """Names of keys and values."""
        return {
            "key_names": np.array([f"k{i + 1}" for i in range(COUNT)]),
            "value_names": np.array([f"v{i + 1}" for i in range(COUNT)]),
        }

    def words(self) -> str:
        """Who is heard."""
        weights, heard = self.look()
        best = int(weights.argmax())
        x, y = heard.tolist()
        said = (
            f"The query listens to {float(spread(weights)):.1f} of {COUNT} keys, most to"
            f" k{best + 1} ({100 * float(weights[best]):.0f} %), and hears ({x:.2f}, {y:.2f})"
        )
        if weights.max() > COPIES:
            return f"{said}: a copy of v{best + 1}."
        if weights.max() - weights.min() < AVERAGES:
            return f"{said}: the mean of all values."
        return f"{said}, a mixture that lies between the values."

    def provenance(self) -> Mapping[str, str]:
        """Nothing is learnt here."""
        return {"data": "five keys and values, placed by hand"}

    def parts(self) -> Mapping[str, state.Part]:
        """Where what was heard has been, and from where the query turns."""
        return {"path": self.path, "asked": self.asked, "since": self.since}
