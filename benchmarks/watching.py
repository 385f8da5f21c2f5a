"""What watching costs: training alone, beside a client that does not draw, beside Chromium.

Short windows alternate, and what is watched is compared with the unwatched windows just before and
just after it, so that whatever else the machine does meets both alike. Alone is the loop as one
would write it, without a worker's way with memory; what that is worth, `memory` tells apart. No
debugger is attached to Chromium while a window is measured: it would copy every frame. Its page is
loaded once and has drawn for a while before the first window, because V8 is still compiling in a
page's first seconds. Between windows the run is paused, and once the page has fetched what was
recorded meanwhile it rests.
"""

from __future__ import annotations

import json
import os
import statistics
import struct
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import pairwise
from statistics import fmean
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlencode

from playwright.sync_api import Page, sync_playwright
from websockets.sync.client import ClientConnection, connect

from benchmarks.alone import Alone
from benchmarks.server import FLAGS, chromium, dashboard, free_port, run_of
from core.experiments import find
from core.frames import decode_frame
from dashboard.processes import worker_environment

T = TypeVar("T")
ROUNDS = 12
SETTLE = 0.2  # seconds, before a window is measured
COMPILED = 6.0  # seconds of drawing, after which a page is compiled
REST = 1.0  # seconds after a pause, in which a page fetches what was recorded
FRAME = b'"kind":"frame"'

Mark = tuple[int, float]  # a step, and the time at which it was seen


class Watched(NamedTuple):
    """A scene that is watched, settings with which it does not end, and for how long.

    Many short windows in a round meet less of what the machine does besides than a long one.
    A pause saves the run, so that automatic checkpoints fall outside; of a run's time they take
    CHECKPOINT_SHARE at most.
    """

    page: str
    scene: str
    experiment: str
    settings: tuple[tuple[str, Any], ...]
    seconds: float  # of a window
    windows: int = 1  # of a round


DIFFUSION = Watched(
    "diffusion_2d",
    "train",
    "diffusion_2d_training",
    # An evaluation falls into some windows and not into others: none here.
    (("batch_size", 512), ("epochs", 1000), ("evaluate_every", 100_000)),
    seconds=2,
    windows=2,
)
CNN = Watched("cnn", "learn", "cnn_training", (("epochs", 500), ("batch_size", 32)), seconds=4)
IMAGES = Watched(
    "diffusion_images",
    "train",
    "images_training",
    (("updates", 500_000), ("batch_size", 16), ("evaluate_every", 100_000)),
    seconds=0.5,
    windows=16,
)


@cache
def ratios(
    threads: int, watched: Watched = DIFFUSION, with_browser: bool = True
) -> dict[str, float]:
    """Training steps/s watched ÷ alone, by whom: the medians over rounds; and frames/s drawn."""
    settings = {**dict(watched.settings), "threads": threads}
    config = find(watched.experiment).Config(**settings)
    alone = Alone(watched.experiment, config.model_dump_json())
    medians: dict[str, float] = {}
    with dashboard() as address, undebugged_chromium() as browser:
        query = urlencode({"scene": watched.scene} | settings)
        here = browser.visit(f"{address}/{watched.page}?{query}")
        client = Client(f"{address}/glassbox/runs/{run_of(here)}/live".replace("http", "ws", 1))

        def by_client() -> float:
            return client.rate(client.watch, client.frame, watched.seconds)

        def by_browser() -> float:
            rate = client.rate(time.sleep, client.step, watched.seconds)
            time.sleep(REST)
            return rate

        if with_browser:
            client.rate(time.sleep, client.step, COMPILED)
            before, client.ran_for = browser.drawn(), 0.0
            medians["browser"] = _median_share("browser", by_browser, alone, watched)
            pauses = ROUNDS * watched.windows  # each of them has a picture of its own
            medians["drawn"] = (browser.drawn() - before - pauses) / client.ran_for
        browser.visit("about:blank")
        medians["client"] = _median_share("client", by_client, alone, watched)
        client.close()
    alone.close()
    return medians


def _median_share(name: str, rate: Callable[[], float], alone: Alone, watched: Watched) -> float:
    """A rate ÷ the one alone around it; the quartiles, which are printed, tell how sure it is."""
    unwatched = alone.steps_per_second(watched.seconds, SETTLE)
    shares: list[float] = []
    for _ in range(ROUNDS):
        rates, around = [], [unwatched]
        for _ in range(watched.windows):
            rates.append(rate())
            around.append(alone.steps_per_second(watched.seconds, SETTLE))
        unwatched = around[-1]
        shares.append(fmean(rates) / fmean(map(fmean, pairwise(around))))
    low, median, high = statistics.quantiles(shares)
    print(f"{name}: quartiles {low:.3f} … {high:.3f}; alone {unwatched:.1f} steps/s", flush=True)
    return median


def memory() -> float:
    """Steps/s of a loop that deals with memory as workers do, ÷ one that does not; the median."""
    config = find(DIFFUSION.experiment).Config(**dict(DIFFUSION.settings), threads=1)
    environments = (os.environ, worker_environment(os.environ))
    loops = [Alone(DIFFUSION.experiment, config.model_dump_json(), each) for each in environments]
    pairs = [[loop.steps_per_second(DIFFUSION.seconds) for loop in loops] for _ in range(ROUNDS)]
    for loop in loops:
        loop.close()
    return statistics.median(kept / plain for plain, kept in pairs)


def all_cores() -> int:
    """As many threads as the machine has cores."""
    return os.cpu_count() or 1


class Client:
    """Somebody who takes 30 frames a second and does not draw them."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.ran_for = 0.0  # seconds, in all
        self._socket: ClientConnection = connect(url, compression=None, max_size=None)
        self.send("ready")
        self.send("ready")

    def rate(
        self, watch: Callable[[float], None], mark: Callable[[], Mark], seconds: float
    ) -> float:
        """Steps per second of the run while it is watched so, once that has settled."""
        started = time.perf_counter()
        self.send("start")
        self._until("running")
        watch(SETTLE)
        first, began = mark()
        watch(seconds)
        last, ended = mark()
        self.send("pause")
        self._until("paused")  # its step is to be finished before something else is measured
        self.ran_for += time.perf_counter() - started
        return (last - first) / (ended - began)

    def watch(self, seconds: float) -> None:
        """Take frames for some seconds."""
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            self.frame()

    def frame(self) -> Mark:
        """Take the next frame."""
        while not isinstance(message := self._receive(), bytes) or FRAME not in message:
            pass
        (length,) = struct.unpack_from("<I", message)
        return decode_frame(message[4 : 4 + length]).step, time.perf_counter()

    def send(self, do: str) -> None:
        """Give a command."""
        self._socket.send(json.dumps({"do": do}))

    def step(self) -> Mark:
        """Where the run is: the first thing that the server tells a newcomer."""
        with connect(self.url, compression=None) as newcomer:
            return int(json.loads(newcomer.recv())["step"]), time.perf_counter()

    def close(self) -> None:
        """Leave."""
        self._socket.close()

    def _until(self, status: str) -> None:
        """Take what comes until the run is told to be so."""
        while isinstance(text := self._receive(), bytes) or json.loads(text)["status"] != status:
            pass

    def _receive(self) -> str | bytes:
        """The next message; where it is a frame, one more is asked for."""
        message = self._socket.recv(timeout=60)
        if isinstance(message, bytes) and FRAME in message:
            self.send("ready")
        return message


class Undebugged:
    """A Chromium of its own, with a debugger only for a moment at a time."""

    def __init__(self, port: int) -> None:
        self.port = port

    def visit(self, address: str) -> str:
        """Show an address; where it settles."""

        def go(page: Page) -> str:
            page.goto(address)
            if address != "about:blank":
                page.wait_for_selector(".stage-root canvas")
                page.wait_for_url("**run=*")
                page.wait_for_timeout(1500)
            return page.url

        return self._attached(go)

    def drawn(self) -> int:
        """How many frames the stage has drawn."""
        return self._attached(
            lambda page: int(page.locator(".stage-root").evaluate("root => root.stage.drawn"))
        )

    def _attached(self, do: Callable[[Page], T]) -> T:
        with sync_playwright() as playwright:
            browser = playwright.chromium.connect_over_cdp(f"http://localhost:{self.port}")
            return do(browser.contexts[0].pages[0])


@contextmanager
def undebugged_chromium() -> Iterator[Undebugged]:
    """Headless Chromium as a process of its own."""
    port = free_port()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options = [f"--remote-debugging-port={port}", f"--user-data-dir={profile}"]
        process = subprocess.Popen(
            [chromium(), "--headless", "--window-size=1400,900", *options, *FLAGS, "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            time.sleep(3)
            yield Undebugged(port)
        finally:
            process.terminate()
            process.wait()
