"""The panels of a stage, declared in Python and drawn by the ES modules beside this file.

A panel names the arrays of a frame (over those of the backdrop) or the columns of the series
it draws. The same declaration draws it live, under the scrubber, in an exported image and in
a standalone replay. In titles, `x_{t}` sets a subscript.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from dashboard.stage.marks import Color, Handles, Line, Outline, Path, Rule, Scatter, Trace
from dashboard.stage.panel import Extent, Names, Panel, Range


@dataclass(frozen=True, kw_only=True)
class Curves(Panel):
    """Columns of the series over the steps, labelled at their ends."""

    lines: tuple[Line, ...]
    log_y: bool = False
    y_range: Range | None = None
    x_title: str = "step"

    def _check(self) -> None:
        self._require(bool(self.lines), "needs at least one line")
        self._require_colors(self.lines)
        self._require_axis("y", self.y_range, self.log_y)


@dataclass(frozen=True, kw_only=True)
class Plot(Panel):
    """Lines, points and marked values over axes of their own, labelled where they end.

    What is not declared is found in the arrays: an axis spans those of the backdrop and grows
    with the frame's, by at most as much again on each side, and never shrinks. `x_names` stand at
    0, 1, 2 … in place of figures.
    """

    lines: tuple[Trace, ...] = ()
    scatters: tuple[Scatter, ...] = ()
    rules: tuple[Rule, ...] = ()
    log_x: bool = False
    log_y: bool = False
    x_range: Range | None = None
    y_range: Range | None = None
    x_title: str = ""
    y_title: str = ""
    x_names: tuple[str, ...] = ()

    def _check(self) -> None:
        self._require(bool(self.lines or self.scatters), "needs at least one line or scatter")
        self._require_colors((*self.lines, *self.scatters, *self.rules))
        self._require_axis("x", self.x_range, self.log_x)
        self._require_axis("y", self.y_range, self.log_y)


@dataclass(frozen=True, kw_only=True)
class Points(Panel):
    """A cloud of points (N, 2) at equal aspect, coloured by class where `labels` (N,) are named.

    `behind` is a faint cloud (M, 2), `arrows` are (K, 4) of x, y, dx, dy, and `background` is
    a grid (H, W) of classes over `extent`, row 0 at the bottom.
    """

    points: str
    labels: str | None = None
    classes: Names | None = None
    behind: str | None = None
    arrows: str | None = None
    background: str | None = None
    extent: Extent | str | None = None
    size: float | None = None  # diameter in pixels; by the number of points if None

    def _check(self) -> None:
        self._require_classes(self.classes)
        self._require_extent(self.extent)
        self._require(
            self.background is None or self.extent is not None,
            "needs an `extent` to lay its background out",
        )
        self._require(self.size is None or self.size > 0, "needs a `size` above zero")


@dataclass(frozen=True, kw_only=True)
class Vectors(Panel):
    """Arrows of the plane that people can take by their heads, at equal aspect.

    `path` names points (N, 2) that are joined by a line; NaN is a gap.
    """

    sets: tuple[Handles, ...]
    extent: Extent
    path: str | None = None

    def _check(self) -> None:
        self._require(bool(self.sets), "needs at least one set of points")
        self._require_extent(self.extent)
        for handles in self.sets:
            known = (*get_args(Color), "classes")
            self._require(handles.color in known, f"has no colour “{handles.color}”")


@dataclass(frozen=True, kw_only=True)
class Contours(Panel):
    """Paths over the level lines of a grid (H, W) of heights, row 0 at the bottom.

    `extent` names an array of x0, x1, y0, y1; `scatters` are points, their labels not shown;
    `marks` are points (K, 2) worth finding, `positions` points (K, 2) that move, `arrows` are
    (K, 4) of x, y, dx, dy. With `pick`, a click reports its place.
    """

    grid: str
    extent: str
    paths: tuple[Path, ...] = ()
    scatters: tuple[Scatter, ...] = ()
    marks: str | None = None
    positions: str | None = None
    arrows: str | None = None
    pick: bool = False

    def _check(self) -> None:
        self._require_colors((*self.paths, *self.scatters))


@dataclass(frozen=True, kw_only=True)
class Atlas(Panel):
    """One grey picture (H, W) of bytes over a plane, row 0 at the bottom.

    `extent` names an array of x0, x1, y0, y1; `places` are points (K, 2) on it. The live
    `settings` for x and y follow a pointer that is dragged there.
    """

    image: str
    extent: str
    places: str | None = None
    x_title: str = ""
    y_title: str = ""
    settings: tuple[str, str] | None = None


@dataclass(frozen=True, kw_only=True)
class Surface(Panel):
    """The grid of `Contours` as a surface in space, with the paths on it."""

    grid: str
    extent: str
    paths: tuple[Path, ...] = ()

    def _check(self) -> None:
        self._require_colors(self.paths)


@dataclass(frozen=True, kw_only=True)
class Heatmap(Panel):
    """A table (H, W) as colours. With `extent` it is a map, and row 0 is at the bottom.

    `value_range` is that of the colours, or names an array (2,); that of the values, if None.
    On a log axis cells are evenly spaced in the logarithm, and the extent is above zero. The
    cells at the places (K, 2) of `framed` have a frame. `names` are those of rows and columns
    alike, in place of their numbers, `rows` those of rows alone.
    """

    values: str
    extent: Extent | str | None = None
    scale: Literal["even", "signed", "classes"] = "even"
    classes: Names | None = None
    x_title: str = ""
    y_title: str = ""
    value_range: Range | str | None = None
    log_x: bool = False
    log_y: bool = False
    framed: str | None = None
    names: Names | None = None
    rows: Names | None = None

    def _check(self) -> None:
        self._require(self.scale in ("even", "signed", "classes"), f"has no scale “{self.scale}”")
        self._require(
            (self.scale == "classes") == (self.classes is not None),
            'needs both `scale="classes"` and `classes`, or neither',
        )
        self._require_classes(self.classes)
        self._require_extent(self.extent)
        if isinstance(self.value_range, tuple):
            self._require_order("value_range", self.value_range)
        self._require(
            self.extent is not None or not (self.log_x or self.log_y or self.framed),
            "needs an `extent` for log axes and frames",
        )
        self._require(self.extent is None or not self.rows, "has names for rows or an `extent`")


@dataclass(frozen=True, kw_only=True)
class Grid(Panel):
    """A table (H, W) as cells, each with its number where there is room; NaN is an empty cell.

    "grey" is from black, 0, to white, 255; "signed" is about zero, to the far end of
    `value_range`, which may name an array (2,), or of the values if None. `names` are of rows.
    """

    values: str
    scale: Literal["signed", "grey"] = "signed"
    value_range: Range | str | None = None
    outlines: tuple[Outline, ...] = ()
    names: Names = ()

    def _check(self) -> None:
        self._require(self.scale in ("signed", "grey"), f"has no scale “{self.scale}”")
        for outline in self.outlines:
            known = outline.color in get_args(Color)
            self._require(known, f"has no colour “{outline.color}”")
        if isinstance(self.value_range, tuple):
            self._require_order("value_range", self.value_range)


@dataclass(frozen=True, kw_only=True)
class Images(Panel):
    """Pictures (N, H, W) or (N, H, W, C) in a grid: uint8, or float32 about zero.

    Where there are more captions than pictures, the places of the others stay empty.
    """

    images: str
    columns: int
    captions: Names | None = None

    def _check(self) -> None:
        self._require(self.columns > 0, "needs at least one column")


@dataclass(frozen=True, kw_only=True)
class Bars(Panel):
    """Values (K,) as bars with names. The unit "%" shows shares of 1 as per cent.

    `target` is a value, or names an array (K,), to be reached. `upright` bars have room for
    many values: their names and figures show under the pointer.
    """

    values: str
    names: Names
    upright: bool = False
    colors: Color | Literal["classes"] = "data"
    target: float | str | None = None
    value_range: Range | None = None
    unit: str = ""

    def _check(self) -> None:
        known = (*get_args(Color), "classes")
        self._require(self.colors in known, f"has no colour “{self.colors}”")
        self._require_order("value_range", self.value_range)
        if self.colors == "classes":
            self._require_classes(self.names)


@dataclass(frozen=True, kw_only=True)
class Matrix(Panel):
    """Counts (N, N) of what was taken for what: rows are the truth, columns the prediction."""

    values: str
    names: Names


@dataclass(frozen=True, kw_only=True)
class Pad(Panel):
    """A sheet to write on with the pointer; `hint` stands on it while it is empty.

    When the pen rests, the scene's `drawn` gets the strokes.
    """

    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class Tokens(Panel):
    """A text array as words, shaded by weights (N,) from 0 to 1; `chosen` holds indices."""

    tokens: str
    weights: str | None = None
    chosen: str | None = None
