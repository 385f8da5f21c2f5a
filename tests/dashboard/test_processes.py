"""Worker processes: how they are started."""

import os

import psutil

from dashboard.processes import MALLOC, WorkerProcess, worker_environment


async def test_workers_are_told_how_to_deal_with_memory():
    worker = await WorkerProcess.start({**os.environ, "GLIBC_TUNABLES": ""})
    try:
        told = psutil.Process(worker.pid).environ()["GLIBC_TUNABLES"]
        assert told  # glibc may end it behind the first part, once it has read all
        assert MALLOC.startswith(told)
    finally:
        await worker.end()


def test_what_a_user_says_of_malloc_holds():
    own = "glibc.malloc.hugetlb=0"
    told = worker_environment({"GLIBC_TUNABLES": own, "HOME": "here"})
    assert told == {"GLIBC_TUNABLES": f"{MALLOC}:{own}", "HOME": "here"}
