"""Summer rainfall at 1,720 weather stations of North America: (longitude, latitude) to mm.

From NOAA's Global Historical Climatology Network (public domain).
"""

from __future__ import annotations

import io
from typing import Annotated

import numpy as np
import pydantic
import torch

from core import assets
from core.config import Config, ConfigError, generator, setting
from core.data import own
from core.data.tables import Table, check_spread, keep_table, load_table

STATIONS = assets.ASSETS / "data" / "rainfall" / "stations.npz"
HELD_OUT = 344  # stations, a fifth; the same ones in every run
MOST_PLACES = 5_000  # of each part: an epoch of batches of one then takes a few seconds


def load_rainfall() -> Table:
    """Places in degrees and mean rainfall from June to August in mm."""
    with np.load(io.BytesIO(assets.read(STATIONS))) as stations:
        columns = [stations[name] for name in ("lon", "lat", "jja_precip_mm")]
    x1, x2, y = (torch.from_numpy(column).double() for column in columns)
    x = torch.stack([x1, x2], dim=1)
    order = torch.randperm(len(x), generator=generator(0))
    val, train = order[:HELD_OUT], order[HELD_OUT:]
    return Table(x[train], y[train], x[val], y[val], x_test=x[:0])


def load_places(name: str) -> Table:
    """The table of a `data` setting: "rainfall", or the key of an upload. Raises ConfigError."""
    table = load_rainfall() if name == "rainfall" else load_table(name, inputs=2)
    for part in ("train", "val", "test"):
        if (rows := len(getattr(table, f"x_{part}"))) > MOST_PLACES:
            raise ConfigError(
                f"“x_{part}” has {rows:,} points and {MOST_PLACES:,} are the most for a net in"
                " NumPy; keep a random part."
            )
    check_spread(table.y_val.numpy(), "y_val")
    return table


def keep_places(raw: bytes, filename: str) -> str:
    """Check a visitor's file of two inputs and a target and keep it; the key for `data`."""
    key = keep_table(raw, filename, inputs=2)
    load_places(key)
    return key


class PlacesSettings(Config):
    """Base of the settings of experiments on functions of the plane."""

    data: Annotated[str, pydantic.AfterValidator(own.names_data("rainfall"))] = setting(
        "rainfall",
        label="Data",
        max_length=32,
        hidden=True,
        help="Rainfall at weather stations, or one's own (N, 2) inputs.",
    )
