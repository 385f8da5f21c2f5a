"""Who has a place: a run needs a worker process to move, and a server has only so many.

An idle run gives its place up when others wait, and goes on later from its checkpoint as if
nothing had happened.
"""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import time
from collections.abc import Coroutine, Mapping
from typing import Any

import numpy as np

from core.checkpoints import CHECKPOINT
from core.session import PAST, UNFORKED, UNSAVED, Kind
from dashboard.limits import Limits
from dashboard.processes import Message, Pool, WorkerProcess
from dashboard.run import Run

IDLE = ("ready", "paused", "finished", "failed", "crashed")
ORPHANED = "The run that this one was to go on from has ended or begun anew; begin this one anew."
WAITING = "This takes long. It may need a while; if the worker hangs, beginning anew ends it."
logger = logging.getLogger(__name__)


class Places:
    """The workers of a server, the line in front of them, and the orders to them."""

    def __init__(
        self, limits: Limits, environment: Mapping[str, str], runs: Mapping[str, Run]
    ) -> None:
        self.limits, self.runs = limits, runs
        self.pool = Pool(limits.spare, environment)
        self.queue: list[Run] = []
        self._following: set[asyncio.Task[None]] = set()
        self._endings: set[asyncio.Task[None]] = set()  # of workers; never cancelled

    async def close(self) -> None:
        """End all workers."""
        self.queue.clear()
        for task in self._following:
            task.cancel()
        await asyncio.gather(*self._following, return_exceptions=True)
        await asyncio.gather(*self._endings, self.pool.close())

    def load(self, run: Run) -> None:
        """Begin a run anew with its settings, as soon as it has a place."""
        self._disown(run)
        run.orders.clear()
        run.clear()
        run.step = run.saved = 0
        run.wanted, run.origin = False, None
        if run.worker:
            self._send_load(run, run.worker)
        else:
            self._enqueue(run)

    def fork(self, run: Run, origin: Run, step: int) -> None:
        """Have a run go on from a step of another, as soon as that one's worker has written it."""
        run.inherit(origin, step)
        run.origin, run.stirred = origin, time.monotonic()
        run.say("loading")
        self.order(origin, "fork", step=step, key=run.id, folder=str(run.folder))

    def start(self, run: Run) -> None:
        """Let a run go, as soon as it can."""
        if run.status == "failed":
            self.release(run)  # a new worker goes on from the checkpoint, if there is one
        self.order(run, "start")
        run.wanted = True  # until it runs: meanwhile nobody takes its worker
        run.changed()

    def _send_load(self, run: Run, worker: WorkerProcess) -> None:
        run.stirred = time.monotonic()
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

    def order(self, run: Run, do: str, **arguments: Any) -> None:
        """Have the worker do something; without one, what moves the run waits for one."""
        if do == "pause" and run.wanted:
            run.wanted = False
            run.changed()
        if do in ("start", "pause", "rewind"):
            run.steps_owed = min(run.steps_owed, 1)  # none but the one under way
        if run.worker and do == "step":
            run.steps_owed += 1
            if run.steps_owed == 1:
                self._send_step(run, run.worker)
        elif run.worker:
            if do == "rewind":
                run.clear(after=arguments["step"])
                arguments["generation"] = run.generation
            run.worker.send(do, **arguments)
        elif do == "pause":
            run.orders = [order for order in run.orders if order[0] in ("rewind", "fork")]
        elif do in ("start", "step", "rewind", "fork"):
            run.orders.append((do, arguments))
            self._enqueue(run)

    def _send_step(self, run: Run, worker: WorkerProcess) -> None:
        """One of the steps owed. The next waits for its end, so that a pause may come between."""
        run.stirred = time.monotonic()
        worker.send("step")
        run.changed()

    def _enqueue(self, run: Run) -> None:
        if not run.reader and not run.origin and run not in self.queue:
            self.queue.append(run)
        self._serve_queue()

    def _serve_queue(self) -> None:
        while self.queue and self._make_room():
            run = self.queue.pop(0)
            run.place = 0
            run.say("loading")
            run.reader = _spawn(self._work(run), self._following)
        for place, run in enumerate(self.queue, start=1):
            run.place = place
            run.say("queued", self._line(place))

    def _line(self, place: int) -> str:
        """Where a run stands in line, and what its visitor can do about it."""
        most = self.limits.workers
        runs = "one run" if most == 1 else f"{most} runs"
        return (
            f"This server has room for {runs} at a time, and others are using it. You are number "
            f"{place} in line: keep this page open, and your turn comes by itself as soon as "
            "somebody pauses, is done or leaves."
        )

    def _make_room(self) -> bool:
        """Whether a worker may be had: a free place, or one that an idle run gives up."""
        busy = [run for run in self.runs.values() if run.reader]
        if len(busy) < self.limits.workers:
            return True
        idle = [
            run
            for run in busy
            if run.status in IDLE and not (run.wanted or run.steps_owed or self._forks(run))
        ]
        if idle:
            self.release(min(idle, key=lambda run: (bool(run.viewers), run.unwatched_since)))
        return bool(idle)

    def release(self, run: Run) -> None:
        """Take a run's worker or its place in line away. Its checkpoint stays, so it can go on."""
        self._disown(run)
        if run in self.queue:
            self.queue.remove(run)
        elif run.reader:
            run.reader.cancel()
            run.reader = run.worker = None
            run.steps_owed = 0
        else:
            return
        asyncio.get_running_loop().call_soon(self._serve_queue)

    async def _work(self, run: Run) -> None:
        """Give a run a worker and take in what it says until it ends."""
        try:
            worker = await self.pool.take()
        except OSError as error:
            run.reader = None
            run.say("crashed", f"No worker could be started: {error.strerror}. Try again.")
            return
        run.worker = worker
        asyncio.get_running_loop().call_later(1.0, self.pool.fill)  # not while the run is starting
        try:
            run.clear(after=run.saved if run.saved else -1)
            self._send_load(run, worker)
            orders, run.orders = run.orders, []
            for do, arguments in orders:
                self.order(run, do, **arguments)
            async for message in worker.messages():
                if message.kind is Kind.FORKED:
                    self._take_fork(run, message.generation, **json.loads(message.body))
                elif message.generation == run.generation:
                    self._take(run, message)
            run.reader = run.worker = None
            self._disown(run)
            cure = f"go on from step {run.saved:,}, the last saved" if run.saved else "begin anew"
            run.say("crashed", f"The worker ended unexpectedly ({_cause(worker)}); {cure}.")
        except Exception:
            logger.exception("a run was lost")
            run.reader = run.worker = None
            self._disown(run)
            run.say("crashed", "The server could not follow this run any more.")
        finally:
            _spawn(worker.end(), self._endings)
            self._serve_queue()

    def _forks(self, origin: Run) -> list[Run]:
        """The runs that wait for a state of this one's past."""
        return [run for run in self.runs.values() if run.origin is origin]

    def _take_fork(self, origin: Run, generation: int, key: str, at: int, message: str) -> None:
        """A state of a run's past is written: the one that waits for it can go on."""
        run = self.runs.get(key)
        if run is None:
            return
        past = run.folder / PAST
        if run.origin is not origin:
            past.unlink(missing_ok=True)
            return
        if not message:
            try:
                past.replace(run.folder / CHECKPOINT)
            except OSError:  # temporary folders get tidied away
                message = UNFORKED
        if message:
            self._give_up(run, message)
        else:
            if generation == origin.generation:  # with what has come since it was asked for
                run.inherit(origin, at)
            run.origin, run.saved = None, at
            self._enqueue(run)

    def _disown(self, origin: Run) -> None:
        """What those who wait for a state of this run's past wait for does not come."""
        for run in self._forks(origin):
            self._give_up(run, ORPHANED)

    def _give_up(self, run: Run, message: str) -> None:
        """A fork does not come about, nor do those of it."""
        run.origin = None
        run.orders.clear()
        run.say("failed", message)
        self._disown(run)

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
            case Kind.RECORDED | Kind.LIVE | Kind.BOTH:
                if run.message == WAITING:
                    run.message = ""
                if message.kind is not Kind.LIVE and run.timeline.wants(message.step):
                    run.timeline.add(message.step, message.body)
                run.take(message.body, live=message.kind is not Kind.RECORDED)
            case Kind.STATUS:
                status = json.loads(message.body)
                if "saved" in status:
                    run.saved = status["saved"]
                    if status["message"] or run.message == UNSAVED:
                        run.say(run.status, status["message"])
                else:
                    run.say(**status)
                    if run.status == "failed":
                        self._disown(run)
                    if run.status == "paused" and run.steps_owed and run.worker:
                        run.steps_owed -= 1
                        if run.steps_owed:
                            self._send_step(run, run.worker)
                    self._serve_queue()  # a run that has come to rest may give way


def _spawn(work: Coroutine[Any, Any, None], among: set[asyncio.Task[None]]) -> asyncio.Task[None]:
    task = asyncio.create_task(work)
    among.add(task)
    task.add_done_callback(among.discard)
    return task


def _cause(worker: WorkerProcess) -> str:
    """How a process ended, in a word or two."""
    code = worker.exit_code or 0
    known = {int(number): number.name for number in signal.Signals}
    return known.get(-code, f"signal {-code}") if code < 0 else f"code {code}"
