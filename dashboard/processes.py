"""Worker processes behind one small interface, and a pool of warm ones.

They are started with `subprocess` and `-m`: multiprocessing's spawn would import the main
module again, which is Streamlit here.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from core.session import Kind
from core.worker import HEADER

ROOT = Path(__file__).parents[1]
# How glibc deals with memory: what one step frees serves the next, instead of going back to the
# system, which would clear it again; and large pages, so that the processor looks fewer of them up.
# Other C libraries do not read it.
MALLOC = (
    "glibc.malloc.hugetlb=1"
    f":glibc.malloc.mmap_threshold={2**25}:glibc.malloc.trim_threshold={2**27}"
)


def worker_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of a worker; what it says of malloc already is said last, and holds."""
    own = environment.get("GLIBC_TUNABLES")
    return {**environment, "GLIBC_TUNABLES": f"{MALLOC}:{own}" if own else MALLOC}


class Message(NamedTuple):
    """What a worker says, and at which generation and step it said so."""

    kind: Kind
    generation: int
    step: int
    body: bytes


async def made_file(checkpoint: Path, name: str, environment: Mapping[str, str]) -> bytes | None:
    """What `python -m core.files` makes of a checkpoint; None where it fails."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "core.files", str(checkpoint), name,
        stdout=asyncio.subprocess.PIPE, cwd=ROOT, env=dict(environment),
    )  # fmt: skip
    body, _ = await process.communicate()
    return body if process.returncode == 0 else None


class WorkerProcess:
    """One `python -m core`: commands in, messages out, gone when its server is."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._warm = asyncio.create_task(self._read())  # its first message says it is warm

    @classmethod
    async def start(cls, environment: Mapping[str, str]) -> WorkerProcess:
        """Start a process. It imports torch first, so its first answer takes seconds."""
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "core",
            stdin=pipe, stdout=pipe, cwd=ROOT, env=worker_environment(environment), limit=2**22,
        )  # fmt: skip
        return cls(process)

    @property
    def pid(self) -> int:
        """The number of the operating system's process."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """How it ended: negative for a signal; None while it runs."""
        return self._process.returncode

    def send(self, do: str, **arguments: Any) -> None:
        """Give a command; it is obeyed between two steps. Nothing happens to a dead worker."""
        assert self._process.stdin
        with contextlib.suppress(OSError, RuntimeError):
            self._process.stdin.write(json.dumps({"do": do, **arguments}).encode() + b"\n")

    async def messages(self) -> AsyncIterator[Message]:
        """What the worker says, one after another, until the process ends."""
        try:
            await self._warm
            while True:
                yield await self._read()
        except (asyncio.IncompleteReadError, ConnectionError):
            await self._process.wait()

    async def _read(self) -> Message:
        assert self._process.stdout
        header = await self._process.stdout.readexactly(HEADER.size)
        kind, generation, step, length = HEADER.unpack(header)
        body = await self._process.stdout.readexactly(length)
        return Message(Kind(kind), generation, step, body)

    async def end(self) -> None:
        """End the process now; what it had not saved is lost."""
        self._warm.cancel()
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.communicate()  # reads the pipes to their end, which closes them


class Pool:
    """A few workers that have torch imported already, so that a run starts at once."""

    def __init__(self, size: int, environment: Mapping[str, str]) -> None:
        self.size, self.environment = size, environment
        self._spare: list[asyncio.Task[WorkerProcess]] = []

    def fill(self) -> None:
        """Start workers until `size` are spare."""
        while len(self._spare) < self.size:
            self._spare.append(self._start())

    async def take(self) -> WorkerProcess:
        """The spare worker that has had the longest time to warm up, or a new one."""
        while True:
            starting = self._spare.pop(0) if self._spare else self._start()
            try:
                worker = await asyncio.shield(starting)
            except asyncio.CancelledError:
                self._spare.append(starting)
                raise
            if worker.exit_code is None:
                return worker

    async def close(self) -> None:
        """End the spare workers."""
        self.size = 0
        while self._spare:
            await (await self._spare.pop()).end()

    def _start(self) -> asyncio.Task[WorkerProcess]:
        return asyncio.create_task(WorkerProcess.start(self.environment))
