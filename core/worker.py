"""Drains experiments in a process of its own: `python -m core`.

Commands come in as JSON lines on standard input and are obeyed between two steps. Messages
go out on standard output: one byte of kind; generation, step and length of the body as
little-endian uint32; the body. A generation is one loading of an experiment; the reader
drops what an older one still says.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import struct
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any, BinaryIO

import torch

from core.config import ConfigError, clip
from core.session import Kind, Session

HEADER = struct.Struct("<cIII")  # kind, generation, step, length of the body
Command = dict[str, Any]


class Worker:
    """A session, the pace at which it steps, and the channel to the server."""

    def __init__(self, out: BinaryIO, commands: queue.SimpleQueue[Command]) -> None:
        self.out, self.commands = out, commands
        self.session: Session | None = None
        self.generation = 0
        self.running = False
        self.interval = 0.0  # seconds from step to step, at least
        self.due = 0.0  # when the next step is

    def serve(self) -> None:
        """Obey and step, for ever."""
        while True:
            while not self.running or not self.commands.empty():
                self._guarded(self._obey, self.commands.get())
            if (wait := self.due - time.monotonic()) > 0:
                with contextlib.suppress(queue.Empty):
                    self._guarded(self._obey, self.commands.get(timeout=wait))
            else:
                # A late step does not make the next ones hurry.
                self.due = max(self.due, time.monotonic() - self.interval) + self.interval
                self._guarded(self._advance)

    def tell(self, status: str, message: str = "") -> None:
        """Say how things stand, with a sentence for people where one is needed."""
        self._send(Kind.STATUS, json.dumps({"status": status, "message": message}).encode())

    def _guarded(self, action: Callable[..., None], *arguments: Any) -> None:
        """Whatever goes wrong with an experiment is an ordinary event, told in a sentence."""
        try:
            action(*arguments)
        except ConfigError as error:
            self._fail(str(error))
        except torch.OutOfMemoryError:
            self._fail("The device ran out of memory; choose smaller settings and reset.")
        except Exception as error:
            traceback.print_exc()
            self._fail(f"The experiment stopped: {type(error).__name__}: {clip(str(error), 200)}.")

    def _fail(self, sentence: str) -> None:
        with contextlib.suppress(Exception):
            if self.session:
                self.session.send_rows()
        self.running, self.session = False, None  # whatever state it is in is not to be trusted
        self.tell("failed", sentence)

    def _obey(self, command: Command) -> None:
        do = command.pop("do")
        if do == "load":
            self._load(**command)
        elif do == "speed":
            self._pace(**command)
        elif self.session:
            self._steer(self.session, do, command)

    def _steer(self, session: Session, do: str, command: Command) -> None:
        match do:
            case "start":
                self.running, self.due = True, time.monotonic()
                self.tell("running")
            case "pause":
                self._stop("paused")
            case "step":
                self.running = True
                self._advance()
                if self.running:
                    self._stop("paused")
            case "frames":
                session.frames_wanted = command["count"]
            case "set":
                session.set(**command)
                if not self.running:
                    session.show()
            case "save":
                session.save()
            case "fork":
                session.send_rows()  # a fork shares them
                step = min(command["step"], session.step)
                trouble = session.fork(step, command["folder"])
                told = {"key": command["key"], "at": step, "message": trouble}
                self._send(Kind.FORKED, json.dumps(told).encode())
            case "rewind":
                self.generation = command["generation"]
                self.running = False
                self.tell("paused", f"Going back to step {command['step']:,} …")
                session.rewind(command["step"])
                self._stop("paused")

    def _load(self, generation: int, steps_per_second: float | None, **settings: Any) -> None:
        self.generation, self.running, self.session = generation, False, None
        self._pace(steps_per_second)
        self.session = Session(self._send, **settings)
        self.session.open()
        self.tell("paused" if self.session.step else "ready")

    def _pace(self, steps_per_second: float | None) -> None:
        self.interval = 1 / steps_per_second if steps_per_second else 0.0
        self.due = time.monotonic()

    def _advance(self) -> None:
        assert self.session
        if not self.session.advance():
            limit = self.session.max_steps
            reached = self.session.step >= limit
            self._stop("finished", f"Stopped at the limit of {limit:,} steps." if reached else "")

    def _stop(self, status: str, message: str = "") -> None:
        assert self.session
        self.running = False
        self.session.show()
        trouble = self.session.save()
        self.tell(status, message or trouble)

    def _send(self, kind: Kind, body: bytes) -> None:
        step = self.session.step if self.session else 0
        self.out.write(HEADER.pack(kind.value, self.generation, step, len(body)) + body)
        self.out.flush()


def _enlarge_pipe(out: BinaryIO) -> None:
    """A frame then fits into the pipe whole, and writing it does not wait for the reader."""
    with contextlib.suppress(ImportError, AttributeError, OSError):  # Linux has it
        import fcntl

        fcntl.fcntl(out.fileno(), fcntl.F_SETPIPE_SZ, 2**20)


def _warm_up() -> None:
    """Pay now for what torch does at first use: autograd's threads, the optimisers' imports."""
    weight = torch.ones(1, requires_grad=True)
    optimizer = torch.optim.AdamW([weight])
    weight.exp().sum().backward()
    optimizer.step()


def serve(commands: queue.SimpleQueue[Command]) -> None:
    """Serve the process that started this one, for ever."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no message
    _enlarge_pipe(out)
    _warm_up()
    worker = Worker(out, commands)
    worker.tell("warm")
    worker.serve()
