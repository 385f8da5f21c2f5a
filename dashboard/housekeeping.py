"""What keeps a server habitable: rest for runs that nobody watches, an end for those too large."""

from __future__ import annotations

import asyncio
import logging
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from dashboard.places import IDLE, WAITING

if TYPE_CHECKING:
    from dashboard.laboratory import Laboratory

logger = logging.getLogger(__name__)
PREFIX = "glassbox-"  # of temporary folders; the server's process id follows
PATIENCE = 30.0  # seconds that a frame may take before people are told


async def keep_house(laboratory: Laboratory) -> None:
    """Tidy up once a second, for ever."""
    while True:
        await asyncio.sleep(1)
        try:
            tidy(laboratory, time.monotonic())
        except Exception:  # one run's trouble must not leave the house to itself
            logger.exception("house-keeping failed, and goes on")


def tidy(laboratory: Laboratory, now: float) -> None:
    """Pause, free and forget what nobody watches; end what takes too much memory.

    Where others wait for a place, a run that nobody watches pauses soon.
    """
    limits, places = laboratory.limits, laboratory.places
    pause_after = limits.yield_after if places.queue else limits.pause_after
    for run in list(laboratory.runs.values()):
        unwatched = 0 if run.viewers else now - run.unwatched_since
        if unwatched > limits.forget_after:
            laboratory.forget(run)
        elif unwatched > limits.free_after and run.status in IDLE:
            places.release(run)
        elif unwatched > limits.pause_after and run in places.queue:
            places.release(run)
            run.orders, run.wanted = [], False
            run.say("paused", "It left the line, because nobody was watching.")
        elif unwatched > pause_after and run.status == "running":
            places.order(run, "pause")
        loading = (run.worker or run.origin) and run.status == "loading"
        at_work = run.steps_owed or loading or (run.owed and run.status == "running")
        if at_work and now - run.stirred > PATIENCE:
            run.say(run.status, WAITING)
        if run.worker and _megabytes(run.worker.pid) > limits.megabytes:
            places.release(run)
            limit = f"{limits.megabytes:,} MB"
            run.say("failed", f"The run took more than {limit}; choose smaller settings.")


def sweep() -> None:
    """Delete what servers left behind that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}[0-9]*-*"):
        if not psutil.pid_exists(int(folder.name.split("-")[1])):
            shutil.rmtree(folder, ignore_errors=True)


def _megabytes(pid: int) -> float:
    try:
        return float(psutil.Process(pid).memory_info().rss) / 2**20
    except psutil.Error:  # it ended a moment ago
        return 0.0
