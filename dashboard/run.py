"""A run: an experiment with its settings, what it has left behind, and who watches it."""

from __future__ import annotations

import asyncio
import time
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.config import Config
from core.frames import Series, Timeline
from dashboard.processes import WorkerProcess

MOST_AHEAD = 8  # frames that a worker may make before it is asked again


@dataclass(eq=False)
class Run:
    """One experiment with its settings, its history and its viewers."""

    id: str  # whoever knows it may steer
    watch_id: str  # whoever knows it may watch; the id cannot be told from it
    visitor: str
    folder: Path
    experiment: str
    config: Config
    speed: float | None  # steps per second; None: as fast as it goes
    card: dict[str, Any]  # title, question and panels, for the exported page
    status: str = "loading"
    message: str = ""
    place: int = 0  # in the queue
    step: int = 0
    saved: int = 0  # step of the checkpoint
    generation: int = 0
    timeline: Timeline[bytes] = field(default_factory=Timeline)
    series: Series = field(default_factory=Series)
    backdrop: bytes | None = None
    latest: bytes | None = None  # the newest frame, and how many came before it
    frames: int = 0
    worker: WorkerProcess | None = None
    reader: asyncio.Task[None] | None = None
    orders: list[tuple[str, dict[str, Any]]] = field(default_factory=list)  # await a worker
    viewers: set[Viewer] = field(default_factory=set)
    unwatched_since: float = field(default_factory=time.monotonic)
    wanted: bool = False  # it shall run, as soon as it can
    steps_owed: int = 0  # single ones, which the worker is asked for one after another
    origin: Run | None = None  # for a state of whose past it waits
    owed: int = 0  # frames that the worker was asked for
    ahead: int = 1  # so many at a time
    stirred: float = 0.0  # when it was last asked for some, or gave one
    _rows: tuple[tuple[int, int, int], bytes] | None = None

    def changed(self) -> None:
        """Wake everybody who watches."""
        for viewer in self.viewers:
            viewer.wake.set()

    def say(self, status: str, message: str = "") -> None:
        """Change the status that everybody sees."""
        if status == "running" != self.status:
            self.stirred = time.monotonic()
        self.status, self.message = status, message
        if status not in ("queued", "loading", "ready", "paused"):
            self.wanted, self.steps_owed = False, 0
        self.changed()

    def inherit(self, other: Run, step: int) -> None:
        """Take over the recorded past of another run up to a step."""
        self.timeline, self.series = copy(other.timeline), copy(other.series)
        self.timeline.cut(step)
        self.series.cut(step)
        self.backdrop, self.step = other.backdrop, step

    def clear(self, after: int = -1) -> None:
        """Begin a new generation that keeps what was recorded up to a step."""
        self.generation += 1
        self.timeline.cut(after)
        self.series.cut(after)
        if after < 0:
            self.timeline, self.series, self.backdrop = Timeline(), Series(), None
        self.latest, self.owed, self.steps_owed = None, 0, 0

    def rows_after(self, step: int) -> bytes | None:
        """The rows that a viewer lacks who has seen those up to a step; encoded once for all."""
        wanted = (self.generation, step, self.series.last)
        if step >= self.series.last:
            return None
        if self._rows is None or self._rows[0] != wanted:
            self._rows = wanted, self.series.encode(after=step)
        return self._rows[1]

    def ask(self) -> None:
        """Have the worker make frames, the more at a time the longer viewers have kept up."""
        if self.owed or self.status != "running" or not self.worker:
            return
        self.owed, self.stirred = self.ahead, time.monotonic()
        self.worker.send("frames", count=self.owed)

    def take(self, frame: bytes, live: bool) -> None:
        """A new newest frame, which those who watch shall see if it is live."""
        self.latest, self.stirred = frame, time.monotonic()
        if not live:
            return
        self.frames, self.owed = self.frames + 1, max(0, self.owed - 1)
        awaited = any(viewer.credit for viewer in self.viewers)
        self.ahead = min(2 * self.ahead, MOST_AHEAD) if awaited else 1
        self.changed()


@dataclass(eq=False)
class Viewer:
    """Somebody's open socket: what it has seen, and how many frames it can take."""

    wake: asyncio.Event = field(default_factory=asyncio.Event)
    credit: int = 0
    generation: int = -1
    frames: int = 0
    step: int = -1  # of the last row sent
    backdrop: bytes | None = None
    status: dict[str, Any] = field(default_factory=dict)
