"""What panels draw: lines, paths and points, each with a name and a colour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Color = Literal[
    "ink", "soft", "accent",
    "data", "model", "gradient", "right", "wrong",
    "c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9",
]  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One column of the series as a curve."""

    name: str
    label: str
    color: Color
    dashed: bool = False


@dataclass(frozen=True)
class Path:
    """Two columns of the series as a path; left out where the run has no such columns."""

    x: str
    y: str
    label: str
    color: Color


@dataclass(frozen=True)
class Trace:
    """An array y (N,) over an array x (N,), or y (K, N): K `thin` lines. NaN is a gap.

    `band` names arrays (N,) of its lower and upper edge.
    """

    x: str
    y: str
    label: str
    color: Color
    dashed: bool = False
    thin: bool = False
    band: tuple[str, str] | None = None


@dataclass(frozen=True)
class Scatter:
    """An array (M, 2) as points."""

    points: str
    label: str
    color: Color
    faint: bool = False


@dataclass(frozen=True)
class Rule:
    """A value of one axis as a dashed line across: a number, or an array (1,)."""

    at: float | str
    label: str
    color: Color = "soft"
    axis: Literal["x", "y"] = "y"


@dataclass(frozen=True)
class Outline:
    """An array (K, 4) of row, column, rows and columns as boxes around cells; no rows: no box."""

    boxes: str
    color: Color


@dataclass(frozen=True)
class Handles:
    """An array (K, 2) as named arrows from the origin, as strong as `weights` (K,) from 0 to 1.

    With a live `setting` they can be dragged: it gets all of them as a text, "x y; x y".
    """

    points: str
    names: tuple[str, ...] | str
    color: Color | Literal["classes"]
    weights: str | None = None
    setting: str = ""


Mark = Line | Path | Trace | Scatter | Rule
