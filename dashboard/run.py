"""A run: an experiment with its settings, what it has left behind, and who watches it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.config import Config
from core.frames import Series, Timeline
from dashboard.processes import WorkerProcess

FRAMES_PER_SECOND = 30


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
    timeline: Timeline = field(default_factory=Timeline)
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
    asked: bool = False  # a frame is on its way
    last_asked: float = 0.0
    _rows: tuple[tuple[int, int, int], bytes] | None = None

    def changed(self) -> None:
        """Wake everybody who watches."""
        for viewer in self.viewers:
            viewer.wake.set()

    def say(self, status: str, message: str = "") -> None:
        """Change the status that everybody sees."""
        self.status, self.message = status, message
        self.wanted &= status in ("queued", "loading", "ready", "paused")
        self.changed()

    def clear(self, after: int = -1) -> None:
        """Begin a new generation that keeps what was recorded up to a step."""
        self.generation += 1
        self.timeline.cut(after)
        self.series.cut(after)
        if after < 0:
            self.timeline, self.series, self.backdrop = Timeline(), Series(), None
        self.latest, self.asked = None, False

    def rows_after(self, step: int) -> bytes | None:
        """The rows that a viewer lacks who has seen those up to a step; encoded once for all."""
        wanted = (self.generation, step, self.series.last)
        if step >= self.series.last:
            return None
        if self._rows is None or self._rows[0] != wanted:
            self._rows = wanted, self.series.encode(after=step)
        return self._rows[1]

    def ask(self) -> None:
        """Have the worker make a frame, at most FRAMES_PER_SECOND times a second."""
        if self.asked or self.status != "running":
            return
        self.asked = True
        loop = asyncio.get_running_loop()
        self.last_asked = max(loop.time(), self.last_asked + 1 / FRAMES_PER_SECOND)
        loop.call_at(self.last_asked, self._ask_now)

    def _ask_now(self) -> None:
        if self.worker:
            self.worker.send("frame")


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
