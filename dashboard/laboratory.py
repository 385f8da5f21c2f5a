"""All runs of a server, and who may steer them.

A run outlives its process and its viewers. Everything here lives on the server's event loop;
scripts call in by `on_loop`.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from core.config import Config
from dashboard import housekeeping
from dashboard.limits import Limits
from dashboard.places import WAITING, Places
from dashboard.run import Run

T = TypeVar("T")
BROKEN = ("failed", "crashed")
AT_THE_END = "This run is at its end; settings of its steps take effect when it begins anew."


class Laboratory:
    """All runs of this server. Use as an async context manager within the server's life."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        housekeeping.sweep()
        self.folder = Path(tempfile.mkdtemp(prefix=f"{housekeeping.PREFIX}{os.getpid()}-"))
        self.runs: dict[str, Run] = {}
        self.watched: dict[str, Run] = {}  # by watch id
        environment = os.environ | {"GLASSBOX_FOLDER": str(self.folder / "runs")}
        self.places = Places(self.limits, environment, self.runs)

    async def __aenter__(self) -> Laboratory:
        self.loop = asyncio.get_running_loop()
        self.places.pool.fill()
        self._keeping = asyncio.create_task(housekeeping.keep_house(self))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._keeping.cancel()
        await asyncio.gather(self._keeping, return_exceptions=True)
        await self.places.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def on_loop(self, function: Callable[..., T], *arguments: Any) -> T:
        """Call a method of this class from a script's thread."""

        async def call() -> T:
            return function(*arguments)

        return asyncio.run_coroutine_threadsafe(call(), self.loop).result(timeout=10)

    def find(self, key: str) -> tuple[Run, bool] | None:
        """The run of an id, and whether that id may steer it. None: there is no such run."""
        if key in self.runs:
            return self.runs[key], True
        if key in self.watched:
            return self.watched[key], False
        return None

    def open(
        self,
        visitor: str,
        experiment: str,
        config: Config,
        speed: float | None,
        card: dict[str, Any],
        origin: Run | None = None,
        step: int = 0,
    ) -> Run:
        """A new run, which gets a worker as soon as one is free.

        Where there are too many another goes. With an `origin`, which stays in any case, it goes on
        from a step of that one.
        """
        mine = [run for run in self.runs.values() if run.visitor == visitor]
        self._thin_out(mine, self.limits.runs_per_visitor, origin)
        self._thin_out(list(self.runs.values()), self.limits.runs, origin)
        key = secrets.token_hex(16)
        watch = hashlib.sha256(f"watch {key}".encode()).hexdigest()[:32]
        folder = self.folder / "runs" / watch
        folder.mkdir(parents=True)
        run = Run(key, watch, visitor, folder, experiment, config, speed, card)
        self.runs[key] = self.watched[watch] = run
        if origin and step > 0:
            self.places.fork(run, origin, min(step, origin.step))
        else:
            self.places.load(run)
        return run

    def fork(self, origin: Run, visitor: str, step: int) -> Run | None:
        """A second run with this one's past up to a step, which goes its own way from there.

        None where the run has ended, or lost its present state: that is to be mended first.
        """
        if origin.id not in self.runs or origin.status in BROKEN:
            return None
        what = (origin.experiment, origin.config, origin.speed, origin.card)
        return self.open(visitor, *what, origin, step)

    def _thin_out(self, runs: list[Run], most: int, keep: Run | None) -> None:
        others = [run for run in runs if run is not keep]
        if others and len(runs) >= most:
            self.forget(min(others, key=_worth))

    def configure(
        self,
        run: Run,
        experiment: str,
        config: Config,
        card: dict[str, Any],
        play: bool = False,
    ) -> None:
        """Give a run other settings: live ones at its next step, others from the beginning.

        With `play` it begins anew in any case, and starts.
        """
        same = run.experiment == experiment and run.config == config
        if run.id not in self.runs or (same and not play):
            return
        live = not play and run.experiment == experiment and run.config.only_live_changes(config)
        was_running = play or run.status == "running" or run.wanted
        run.experiment, run.config, run.card = experiment, config, card
        if live:
            self.places.order(run, "set", config=config.model_dump(mode="json"))
            if run.status == "finished":
                run.say("finished", AT_THE_END)
        else:
            self.places.load(run)
            if was_running:
                self.places.start(run)

    def command(self, run: Run, do: str, **arguments: Any) -> None:
        """Obey somebody who may steer."""
        if run.id not in self.runs:
            return
        match do:
            case "reset":
                if run.message == WAITING:
                    self.places.release(run)
                self.places.load(run)
            case "speed":
                run.speed = arguments["steps_per_second"]
                self.places.order(run, "speed", **arguments)
            case "rewind":
                if arguments["step"] < run.step:
                    self.places.order(run, "rewind", **arguments)
            case "set":
                config, problems = run.config.read(run.config.query() | arguments["settings"])
                if not problems and run.config.only_live_changes(config):
                    self.configure(run, run.experiment, config, run.card)
            case "stop":
                self.forget(run)
            case "start":
                self.places.start(run)
            case "pause" | "step" | "save":
                self.places.order(run, do)

    def forget(self, run: Run) -> None:
        """Delete a run and everything it left behind."""
        self.places.release(run)
        del self.runs[run.id], self.watched[run.watch_id]
        shutil.rmtree(run.folder, ignore_errors=True)
        run.say("ended", "This run has ended; reload the page for a new one.")


@cache
def laboratory() -> Laboratory:
    """The one of this server."""
    return Laboratory()


def _worth(run: Run) -> tuple[bool, bool, float]:
    """By which runs are kept when there are too many: watched, under way, seen lately."""
    return bool(run.viewers), run.status == "running", run.unwatched_since
