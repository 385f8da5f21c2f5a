"""A cloud of points in the plane with a class for each: the five states, or a visitor's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
import pydantic
import torch
from jaxtyping import Float, Int
from torch import Tensor

from core.config import Config, setting
from core.data import files, own
from core.data.states import sample_states


@dataclass(frozen=True)
class Points:
    """Points with mean 0 and standard deviation 1 along each axis."""

    data: Float[Tensor, "points 2"]
    labels: Int[Tensor, " points"]
    names: tuple[str, ...]  # of the classes, by label
    source: str  # in words

    def to(self, device: torch.device) -> Points:
        """The same points on a device."""
        moved = self.data.to(device), self.labels.to(device)
        return Points(*moved, self.names, self.source)

    def backdrop(self) -> dict[str, np.ndarray]:
        """For a page: "data" (points, 2), "data_labels" (points,), "names" (classes,)."""
        return {
            "data": self.data.cpu().numpy().copy(),
            "data_labels": self.labels.cpu().numpy().astype(np.int32),
            "names": np.array(self.names),
        }


def standardise(data: Float[Tensor, "points 2"]) -> Float[Tensor, "points 2"]:
    """Shifted and scaled along each axis to mean 0 and standard deviation 1, in float32."""
    exact = data.double()
    return ((exact - exact.mean(0)) / exact.std(0, correction=0)).float()


def load_points(name: str) -> Points:
    """The points of a `data` setting: "states", or the key of an upload. Raises ConfigError."""
    if name == "states":
        data, labels, names = sample_states()
        source = f"{len(data):,} points on the outlines of five US states (US Census Bureau)"
        return Points(standardise(data), labels, names, source)
    array, classes = own.check_points(own.load(name))
    values, labels_of = np.unique(classes, return_inverse=True)
    names = tuple(f"class {value}" for value in values) if len(values) > 1 else ("points",)
    source = f"{len(array):,} points of your own"
    return Points(standardise(torch.from_numpy(array)), torch.from_numpy(labels_of), names, source)


def keep_points(raw: bytes, filename: str) -> str:
    """Check a visitor's file of points and keep it; the key for a `data` setting."""
    data, labels = own.check_points(files.read(raw, filename))
    return own.keep({"data": data, "labels": labels})


class PointsSettings(Config):
    """Base of the settings of experiments on points."""

    data: Annotated[str, pydantic.AfterValidator(own.names_data("states"))] = setting(
        "states",
        label="Points",
        max_length=32,
        hidden=True,
        help="The outlines of five states, or points of one's own.",
    )
