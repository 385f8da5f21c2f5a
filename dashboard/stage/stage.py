"""A stage: panels side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dashboard.stage.panel import Panel, StageError


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Panels in columns; `widths` are relative."""

    columns: tuple[tuple[Panel, ...], ...]
    widths: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not self.columns or not all(self.columns):
            raise StageError("A stage needs a panel in every column.")
        if self.widths and (len(self.widths) != len(self.columns) or min(self.widths) <= 0):
            raise StageError("A stage needs one width above zero for each of its columns.")
        keys = [panel.key or panel.title for panel in self.panels()]
        if len(set(keys)) < len(keys):
            raise StageError("The panels of a stage need titles, or keys, that differ.")

    def panels(self) -> Iterator[Panel]:
        """All panels, column by column."""
        for column in self.columns:
            yield from column

    def to_json(self) -> dict[str, Any]:
        """The declaration as the browser reads it."""
        return {
            "columns": [[panel.to_json() for panel in column] for column in self.columns],
            "widths": list(self.widths) or [1.0] * len(self.columns),
        }
