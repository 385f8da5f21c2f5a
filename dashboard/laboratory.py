"""All runs of a server: who may steer them, and which process they run in.

A run outlives its process and its viewers. It holds a worker only while it needs one: idle
runs give theirs up when others wait, and go on later from their checkpoint as if nothing
had happened. Everything here lives on the server's event loop; scripts call in by `on_loop`.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import os
import secrets
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Coroutine
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import psutil

from core.config import Config
from core.session import Kind
from dashboard.limits import Limits
from dashboard.processes import Message, Pool, WorkerProcess
from dashboard.run import Run

T = TypeVar("T")
IDLE = ("ready", "paused", "finished", "failed", "crashed")
PATIENCE = 30.0  # seconds that a frame may take before people are told
WAITING = "This step takes long. It may need a while; if the worker hangs, beginning anew ends it."
PREFIX = "glassbox-"  # of temporary folders; the server's process id follows
logger = logging.getLogger(__name__)


class Laboratory:
    """All runs of this server. Use as an async context manager within the server's life."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        _sweep()
        self.folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
        environment = os.environ | {"GLASSBOX_RUNS": str(self.folder / "runs")}
        self.pool = Pool(self.limits.spare, environment)
        self.runs: dict[str, Run] = {}
        self.watched: dict[str, Run] = {}  # by watch id
        self.queue: list[Run] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._endings: set[asyncio.Task[None]] = set()  # of workers; never cancelled

    async def __aenter__(self) -> Laboratory:
        self.loop = asyncio.get_running_loop()
        self.pool.fill()
        self._spawn(self._keep_house(), self._tasks)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.queue.clear()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*self._endings, self.pool.close())
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
    ) -> Run:
        """A new run, which gets a worker as soon as one is free."""
        mine = [run for run in self.runs.values() if run.visitor == visitor]
        if len(mine) >= self.limits.runs_per_visitor:
            self.forget(min(mine, key=_worth))
        if len(self.runs) >= self.limits.runs:
            self.forget(min(self.runs.values(), key=_worth))
        key = secrets.token_hex(16)
        watch = hashlib.sha256(f"watch {key}".encode()).hexdigest()[:32]
        folder = self.folder / "runs" / watch
        folder.mkdir(parents=True)
        run = Run(key, watch, visitor, folder, experiment, config, speed, card)
        self.runs[key] = self.watched[watch] = run
        self._load(run)
        return run

    def configure(self, run: Run, experiment: str, config: Config, card: dict[str, Any]) -> None:
        """Give a run other settings: live ones at its next step, others from the beginning."""
        if run.id not in self.runs or (run.experiment == experiment and run.config == config):
            return
        live = run.experiment == experiment and run.config.only_live_changes(config)
        was_running = run.status == "running" or ("start", {}) in run.orders
        run.experiment, run.config, run.card = experiment, config, card
        if live:
            self._order(run, "set", config=config.model_dump(mode="json"))
        else:
            self._load(run)
            if was_running:
                self._start(run)

    def command(self, run: Run, do: str, **arguments: Any) -> None:
        """Obey somebody who may steer."""
        if run.id not in self.runs:
            return
        match do:
            case "reset":
                if run.message == WAITING:
                    self._release(run)
                self._load(run)
            case "speed":
                run.speed = arguments["steps_per_second"]
                self._order(run, "speed", **arguments)
            case "rewind":
                if arguments["step"] < run.step:
                    self._order(run, "rewind", **arguments)
            case "stop":
                self.forget(run)
            case "start":
                self._start(run)
            case "pause" | "step" | "save":
                self._order(run, do)

    def _start(self, run: Run) -> None:
        if run.status == "failed":
            self._release(run)  # a new worker goes on from the checkpoint, if there is one
        self._order(run, "start")
        if run.worker and run.status in IDLE:
            run.say("running")  # at once, lest an idle run's worker be taken from it

    def forget(self, run: Run) -> None:
        """Delete a run and everything it left behind."""
        self._release(run)
        del self.runs[run.id], self.watched[run.watch_id]
        shutil.rmtree(run.folder, ignore_errors=True)
        run.say("ended", "This run has ended; reload the page for a new one.")

    # Workers

    def _load(self, run: Run) -> None:
        run.orders.clear()
        run.clear()
        run.step = run.saved = 0
        if run.worker:
            self._send_load(run, run.worker)
        else:
            self._enqueue(run)

    def _send_load(self, run: Run, worker: WorkerProcess) -> None:
        run.say("loading")
        worker.send(
            "load",
            generation=run.generation,
            experiment=run.experiment,
            config=run.config.model_dump(mode="json"),
            folder=str(run.folder),
            resume=run.saved > 0,
            max_steps=self.limits.steps,
            steps_per_second=run.speed,
        )

    def _order(self, run: Run, do: str, **arguments: Any) -> None:
        """Have the worker do something; without one, what moves the run waits for one."""
        if run.worker:
            if do == "rewind":
                run.clear(after=arguments["step"])
                arguments["generation"] = run.generation
            run.worker.send(do, **arguments)
        elif do == "pause":
            run.orders = [order for order in run.orders if order[0] != "start"]
        elif do in ("start", "step", "rewind"):
            run.orders.append((do, arguments))
            self._enqueue(run)

    def _enqueue(self, run: Run) -> None:
        if not run.reader and run not in self.queue:
            self.queue.append(run)
        self._serve_queue()

    def _serve_queue(self) -> None:
        while self.queue and self._make_room():
            run = self.queue.pop(0)
            run.place = 0
            run.reader = self._spawn(self._work(run), self._tasks)
        for place, run in enumerate(self.queue, start=1):
            run.place = place
            taken = f"All {self.limits.workers} places are taken"
            run.say("queued", f"{taken}; you are number {place} in line.")

    def _make_room(self) -> bool:
        """Whether a worker may be had: a free place, or one that an idle run gives up."""
        busy = [run for run in self.runs.values() if run.reader]
        if len(busy) < self.limits.workers:
            return True
        idle = [run for run in busy if run.status in IDLE and not run.orders]
        if idle:
            self._release(min(idle, key=lambda run: (bool(run.viewers), run.unwatched_since)))
        return bool(idle)

    def _release(self, run: Run) -> None:
        """Take a run's worker away. Its checkpoint stays, so it can go on."""
        if run in self.queue:
            self.queue.remove(run)
        if run.reader:
            run.reader.cancel()
            run.reader = run.worker = None
            self.loop.call_soon(self._serve_queue)

    async def _work(self, run: Run) -> None:
        """Give a run a worker and take in what it says until it ends."""
        try:
            worker = await self.pool.take()
        except OSError as error:
            run.reader = None
            run.say("crashed", f"No worker could be started: {error.strerror}. Try again.")
            return
        run.worker = worker
        self.loop.call_later(1.0, self.pool.fill)  # not while the run is starting
        try:
            run.clear(after=run.saved if run.saved else -1)
            self._send_load(run, worker)
            orders, run.orders = run.orders, []
            for do, arguments in orders:
                self._order(run, do, **arguments)
            async for message in worker.messages():
                if message.generation == run.generation:
                    self._take(run, message)
            run.reader = run.worker = None
            run.say("crashed", f"The worker ended unexpectedly ({_cause(worker)}).")
        except Exception:
            logger.exception("a run was lost")
            run.reader = run.worker = None
            run.say("crashed", "The server could not follow this run any more.")
        finally:
            self._spawn(worker.end(), self._endings)
            self._serve_queue()

    def _take(self, run: Run, message: Message) -> None:
        run.step = message.step
        match message.kind:
            case Kind.BACKDROP:
                run.backdrop = message.body
            case Kind.ROWS:
                names, _, rows = message.body.partition(b"\n")
                columns = json.loads(names)
                table = np.frombuffer(rows, np.float64).reshape(-1, 1 + len(columns))
                run.series.extend(columns, table[:, 0].astype(int), table[:, 1:])
            case Kind.RECORDED | Kind.LIVE:
                run.latest, run.frames, run.asked = message.body, run.frames + 1, False
                if run.message == WAITING:
                    run.message = ""
                if message.kind is Kind.RECORDED and run.timeline.wants(message.step):
                    run.timeline.add(message.step, message.body)
                run.changed()
            case Kind.STATUS:
                status = json.loads(message.body)
                if "saved" in status:
                    run.saved = status["saved"]
                else:
                    run.say(**status)
                    self._serve_queue()  # a run that has come to rest may give way

    # House-keeping

    async def _keep_house(self) -> None:
        while True:
            await asyncio.sleep(1)
            self.keep_house(time.monotonic())

    def keep_house(self, now: float) -> None:
        """Pause, free and forget what nobody watches; end what takes too much memory."""
        for run in list(self.runs.values()):
            unwatched = 0 if run.viewers else now - run.unwatched_since
            if unwatched > self.limits.forget_after:
                self.forget(run)
            elif unwatched > self.limits.free_after and run.status in IDLE:
                self._release(run)
            elif unwatched > self.limits.pause_after and run in self.queue:
                self._release(run)
                run.orders.clear()
                run.say("paused", "It left the line, because nobody was watching.")
            elif unwatched > self.limits.pause_after and run.status == "running":
                self._order(run, "pause")
            if run.status == "running" and run.asked and now - run.last_asked > PATIENCE:
                run.say("running", WAITING)
            if run.worker and _megabytes(run.worker.pid) > self.limits.megabytes:
                self._release(run)
                limit = f"{self.limits.megabytes:,} MB"
                run.say("failed", f"The run took more than {limit}; choose smaller settings.")

    @staticmethod
    def _spawn(
        work: Coroutine[Any, Any, None], among: set[asyncio.Task[None]]
    ) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        among.add(task)
        task.add_done_callback(among.discard)
        return task


@cache
def laboratory() -> Laboratory:
    """The one of this server."""
    return Laboratory()


def _worth(run: Run) -> tuple[bool, bool, float]:
    """By which runs are kept when there are too many: watched, under way, seen lately."""
    return bool(run.viewers), run.status == "running", run.unwatched_since


def _cause(worker: WorkerProcess) -> str:
    """How a process ended, in a word or two."""
    code = worker.exit_code or 0
    known = {int(number): number.name for number in signal.Signals}
    return known.get(-code, f"signal {-code}") if code < 0 else f"code {code}"


def _megabytes(pid: int) -> float:
    try:
        return float(psutil.Process(pid).memory_info().rss) / 2**20
    except psutil.Error:  # it ended a moment ago
        return 0.0


def _sweep() -> None:
    """Delete what servers left behind that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}[0-9]*-*"):
        if not psutil.pid_exists(int(folder.name.split("-")[1])):
            shutil.rmtree(folder, ignore_errors=True)
