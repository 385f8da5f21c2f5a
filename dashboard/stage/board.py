"""The panel of a plane seen from above, such as a robot's table; `js/board.js` draws it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

from dashboard.stage.marks import Color
from dashboard.stage.panel import Extent, Panel


@dataclass(frozen=True)
class Body:
    """An array (K, N, 2) of the corners of K polygons, filled, or else `hollow`."""

    corners: str
    label: str
    color: Color
    hollow: bool = False


@dataclass(frozen=True)
class Route:
    """An array (K, N, 2) of K ways through N places, with `dots` there; `thin` ones are faint."""

    places: str
    label: str
    color: Color
    thin: bool = False
    dots: bool = False


@dataclass(frozen=True)
class Disc:
    """An array (K, 2) of middles of discs with a radius in units of the plane."""

    middles: str
    label: str
    color: Color
    radius: float


@dataclass(frozen=True, kw_only=True)
class Board(Panel):
    """Bodies, ways and discs at equal aspect, in this order; y runs down, as on a screen.

    Of K bodies, ways or discs, those with NaN are left out. The live `settings` for x and y follow
    a pointer that is dragged there, as `hint` tells one that rests there.
    """

    extent: Extent
    bodies: tuple[Body, ...] = ()
    routes: tuple[Route, ...] = ()
    discs: tuple[Disc, ...] = ()
    settings: tuple[str, str] | None = None
    hint: str = "drag to go here"

    def _check(self) -> None:
        self._require_extent(self.extent)
        marks: Sequence[Body | Route | Disc] = (*self.bodies, *self.routes, *self.discs)
        self._require(bool(marks), "needs at least one body, way or disc")
        for mark in marks:
            self._require(mark.color in get_args(Color), f"has no colour “{mark.color}”")
        for disc in self.discs:
            self._require(disc.radius > 0, "needs a `radius` above zero")
