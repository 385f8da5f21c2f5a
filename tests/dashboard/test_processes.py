"""Worker processes: how they are started."""

import io
import json
import os
import queue

import psutil

from core.__main__ import listen
from dashboard.processes import MALLOC, WorkerProcess, worker_environment
from tests.dashboard.conftest import until


def test_a_loading_takes_the_place_of_what_was_ordered_before_it(monkeypatch):
    ended = []
    monkeypatch.setattr("core.__main__.os._exit", ended.append)
    orders = ["load", "start", "load", "speed", "start"]
    lines = [json.dumps({"do": do, "number": n}).encode() + b"\n" for n, do in enumerate(orders)]
    commands = queue.SimpleQueue()
    listen(io.BytesIO(b"".join(lines)), commands)
    assert [commands.get()["number"] for _ in range(commands.qsize())] == [2, 3, 4]
    assert ended == [0]


async def test_workers_are_told_how_to_deal_with_memory():
    worker = await WorkerProcess.start({**os.environ, "GLIBC_TUNABLES": ""})
    try:
        process = psutil.Process(worker.pid)
        await until(lambda: process.cmdline()[1:] == ["-m", "core"])  # no longer a fork of this one
        told = process.environ()["GLIBC_TUNABLES"]
        assert told  # glibc may end it behind the first part, once it has read all
        assert MALLOC.startswith(told)
    finally:
        await worker.end()


def test_what_a_user_says_of_malloc_holds():
    own = "glibc.malloc.hugetlb=0"
    told = worker_environment({"GLIBC_TUNABLES": own, "HOME": "here"})
    assert told == {"GLIBC_TUNABLES": f"{MALLOC}:{own}", "HOME": "here"}
