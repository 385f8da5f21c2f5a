"""What all panels of a stage share: a title, a text for those who cannot see it, checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from dashboard.stage.marks import Color, Mark

Range = tuple[float, float]
Extent = tuple[float, float, float, float]  # x0, x1, y0, y1
Names = tuple[str, ...] | str  # the names themselves, or the name of a text array

MOST_CLASSES = 10


class StageError(ValueError):
    """A panel that cannot be drawn as declared. The message says what to change."""


@dataclass(frozen=True, kw_only=True)
class Panel:
    """What all panels share. `alt` says what is drawn; a summary in numbers is added to it."""

    title: str
    alt: str
    note: str = ""
    key: str = ""  # what a pick reports; the title if empty

    def __post_init__(self) -> None:
        self._require(bool(self.title.strip()), "needs a title")
        self._require(bool(self.alt.strip()), "needs an `alt` text for people who cannot see it")
        self._check()

    def to_json(self) -> dict[str, Any]:
        """The declaration as the browser reads it."""
        return (
            {"kind": type(self).__name__.lower()} | asdict(self) | {"key": self.key or self.title}
        )

    def _check(self) -> None:
        """Refuse what cannot be drawn."""

    def _require(self, holds: bool, cure: str) -> None:
        if not holds:
            raise StageError(f"{type(self).__name__} “{self.title}” {cure}.")

    def _require_order(self, name: str, pair: Range | None) -> None:
        self._require(pair is None or pair[0] < pair[1], f"needs `{name}` from low to high")

    def _require_extent(self, extent: Extent | str | None) -> None:
        if isinstance(extent, tuple):
            self._require(len(extent) == 4, "needs an `extent` of x0, x1, y0, y1")
            self._require_order("extent", extent[:2])
            self._require_order("extent", extent[2:])

    def _require_classes(self, names: Names | None) -> None:
        self._require(
            not isinstance(names, tuple) or 0 < len(names) <= MOST_CLASSES,
            f"has colours for 1 to {MOST_CLASSES} classes",
        )

    def _require_axis(self, axis: Literal["x", "y"], pair: Range | None, log: bool) -> None:
        self._require_order(f"{axis}_range", pair)
        above_zero = pair is None or pair[0] > 0
        self._require(not log or above_zero, f"needs `{axis}_range` above zero on a log axis")

    def _require_colors(self, marks: Sequence[Mark]) -> None:
        for mark in marks:
            self._require(mark.color in get_args(Color), f"has no colour “{mark.color}”")
        labels = [mark.label for mark in marks if mark.label]
        self._require(len(set(labels)) == len(labels), "needs labels that differ")
