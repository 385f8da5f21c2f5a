"""Kernels by name, in any size, and a reader's own, written as numbers."""

from __future__ import annotations

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from core.config import ConfigError
from core.data.typed import parse_rows

Name = Literal["edges", "upright", "blur", "sharpen", "emboss", "identity", "own"]
NAMES: dict[Name, str] = {
    "edges": "edges",
    "upright": "upright edges",
    "blur": "blur",
    "sharpen": "sharpen",
    "emboss": "emboss",
    "identity": "identity",
    "own": "my own",
}


def named_kernel(name: Name, size: int) -> Float[Tensor, "size size"]:
    """A kernel of k × k numbers; in the middle is the cell k // 2.

    Edges: the sum of the window less k² times its middle. Sharpen: the middle less the edges.
    Emboss: the slope from top left to bottom right, and the middle. Blur: the mean.
    """
    middle = size // 2
    identity = torch.zeros(size, size, dtype=torch.float64)
    identity[middle, middle] = 1
    along = torch.arange(size, dtype=torch.float64) - (size - 1) / 2  # sums to 0
    edges = torch.ones_like(identity) - size**2 * identity
    return {
        "edges": edges,
        "upright": along.expand(size, size).clone(),
        "blur": torch.full_like(identity, 1 / size**2),
        "sharpen": identity - edges,
        "emboss": along[:, None] + along + identity,
        "identity": identity,
    }[name]


def parse_kernel(text: str, size: int) -> Float[Tensor, "size size"]:
    """Rows parted by semicolons, such as "0 1 0; 1 -4 1; 0 1 0". Raises ConfigError."""
    rows = parse_rows(text)
    if len(rows) != size or any(len(row) != size for row in rows):
        widths = " and ".join(map(str, sorted({len(row) for row in rows}))) or "no"
        raise ConfigError(
            f"Give my kernel {size} rows of {size} numbers, parted by semicolons, or change the"
            f" kernel size; rows now: {len(rows)}, of length {widths}."
        )
    return torch.tensor(rows, dtype=torch.float64)


def parse_numbers(text: str, name: str, least: int, most: int) -> Float[Tensor, " count"]:
    """Numbers in a row, such as "1 2 3". Raises ConfigError."""
    numbers = [number for row in parse_rows(text) for number in row]
    if not least <= len(numbers) <= most:
        wanted = f"{least} to {most}" if least < most else str(most)
        raise ConfigError(
            f"{name} has {len(numbers)} numbers: give {wanted}, parted by blanks, such as “1 2 3”."
        )
    return torch.tensor(numbers, dtype=torch.float64)
