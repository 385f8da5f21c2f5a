"""Inputs and targets for regression from a visitor's file, in their own units.

An `.npz` or `.pt` file names `x_train`, `y_train`, `x_val`, `y_val` and, if one likes, `x_test`.
A CSV file has a row per point: the inputs, the target, and `train`, `val` or `test`; the target
of a test row may be empty. Where a CSV has no such last column, every fifth row is for validation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from core.config import ConfigError, clip
from core.data import files, own
from core.data.files import Arrays

SPLITS = {"train": 0.0, "val": 1.0, "test": 2.0}
NEEDED = ("x_train", "y_train", "x_val", "y_val")
LEAST_SPREAD = 1e-12  # times the mean, in standard deviations
EVERY = 5  # of the rows of a CSV that names no splits, one is for validation


@dataclass(frozen=True)
class Table:
    """Float64, as in the file; `x_test` has no rows where none were given."""

    x_train: Float[Tensor, "train d"]
    y_train: Float[Tensor, " train"]
    x_val: Float[Tensor, "val d"]
    y_val: Float[Tensor, " val"]
    x_test: Float[Tensor, "test d"]


def keep_table(raw: bytes, filename: str, inputs: int) -> str:
    """Check a visitor's file and keep it; the key under which `load_table` finds it."""
    return own.keep(check_table(files.read(raw, filename, SPLITS), inputs))


def load_table(key: str, inputs: int) -> Table:
    """What was kept. Raises ConfigError where nothing of that kind is."""
    arrays = check_table(own.load(key), inputs)
    return Table(**{name: torch.from_numpy(array.copy()) for name, array in arrays.items()})


def check_table(arrays: Arrays, inputs: int) -> dict[str, np.ndarray]:
    """The five arrays of a `Table` with `inputs` columns of x. Raises ConfigError."""
    if set(arrays) == {"data"}:
        arrays = _split(arrays["data"], inputs)
    if missing := [name for name in NEEDED if name not in arrays]:
        found = ", ".join(f"“{clip(name)}”" for name in list(arrays)[:5]) or "none"
        raise ConfigError(
            f"The file has no array named “{missing[0]}” (found: {found}); rename yours."
        )
    checked = {name: _matrix(arrays[name], name, inputs) for name in ("x_train", "x_val")}
    empty = np.empty((0, inputs))
    checked["x_test"] = _matrix(arrays.get("x_test", empty), "x_test", inputs)
    for part in ("train", "val"):
        y, rows = _matrix(arrays[f"y_{part}"], f"y_{part}", 1)[:, 0], len(checked[f"x_{part}"])
        if len(y) != rows:
            raise ConfigError(
                f"“x_{part}” has {rows:,} rows and “y_{part}” has {len(y):,}; give as many of each."
            )
        files.check_rows(rows, f"“x_{part}”")
        checked[f"y_{part}"] = y
    for name in ("x_train", "y_train"):
        check_spread(checked[name], name)
    return checked


def check_spread(values: np.ndarray, name: str) -> None:
    """Raise ConfigError where a column cannot be divided by its standard deviation."""
    least = np.maximum(LEAST_SPREAD * np.abs(values.mean(0)), own.TINY)
    if (values.std(0) <= least).any():
        raise ConfigError(
            f"“{name}” has a column that varies too little, or not at all; scale it up, or give"
            " numbers that differ."
        )


def _split(data: np.ndarray, inputs: int) -> dict[str, np.ndarray]:
    """The arrays of a CSV, whose columns are inputs, target and, if there is one, split."""
    if data.ndim != 2 or data.shape[1] not in (inputs + 1, inputs + 2):
        shape = own.shape_of(data)
        columns = "x" if inputs == 1 else ", ".join(f"x{i + 1}" for i in range(inputs))
        raise ConfigError(f"The table is {shape}; give the columns {columns}, y and split.")
    x, y = data[:, :inputs], data[:, inputs]
    if data.shape[1] == inputs + 2:
        split = data[:, -1]
    else:
        split = (np.arange(len(data)) % EVERY == EVERY - 1).astype(float)
    if not np.isin(split, list(SPLITS.values())).all():
        raise ConfigError("The last column says train, val or test in every row; correct it.")
    train, val, test = (split == number for number in SPLITS.values())
    return {
        "x_train": x[train], "y_train": y[train],
        "x_val": x[val], "y_val": y[val],
        "x_test": x[test],
    }  # fmt: skip


def _matrix(array: np.ndarray, name: str, columns: int) -> np.ndarray:
    """Finite float64 numbers (rows, columns); (rows,) will do for one column."""
    if array.ndim == 1 and columns == 1:
        array = array[:, None]
    if array.ndim != 2 or array.shape[1] != columns:
        wanted = "N or N × 1" if columns == 1 else f"N × {columns}"
        raise ConfigError(
            f"“{clip(name)}” is {own.shape_of(array)}; make it {wanted}, one row per point."
        )
    if len(array) > files.MOST_ROWS:
        files.check_rows(len(array), f"“{name}”")
    return own.numbers(array, name)
