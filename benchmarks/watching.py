"""What watching costs: training alone, beside a client that does not draw, beside Chromium.

Windows of a few seconds alternate, so that whatever else the machine does meets all alike.
"""

from __future__ import annotations

import json
import os
import statistics
import struct
import time
from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Locator, Page
from websockets.sync.client import ClientConnection, connect

from benchmarks.alone import Alone
from benchmarks.server import browser_page, dashboard, run_of
from core.experiments import find

ROUNDS, SECONDS = 7, 4.0
NAME = "diffusion_2d_training"
SETTINGS: dict[str, Any] = {"batch_size": 512, "epochs": 1000}  # it must not end


@cache
def ratios(threads: int) -> dict[str, float]:
    """Training steps/s watched ÷ alone, and frames/s drawn; medians over the rounds."""
    settings = SETTINGS | {"threads": threads}
    alone = Alone(NAME, find(NAME).Config(**settings).model_dump_json())
    rounds: list[dict[str, float]] = []
    with dashboard() as address:
        page_address = f"{address}/diffusion_2d?{urlencode({'scene': 'train'} | settings)}"
        with browser_page(page_address) as page:
            client = Client(f"{address}/glassbox/runs/{run_of(page)}/live".replace("http", "ws", 1))
            stage = page.locator(".stage-root")
            for _ in range(ROUNDS):
                rounds.append(
                    {
                        "alone": alone.steps_per_second(SECONDS),
                        **_watched_by(client, page),
                        **_drawn_in(stage, client),
                    }
                )
            client.close()
    alone.close()
    print(
        f"{threads} thread(s), steps/s: "
        + ", ".join(
            f"{name} {statistics.median(r[name] for r in rounds):.1f}"
            for name in ("alone", "client", "browser")
        )
    )
    return {
        "client": statistics.median(r["client"] / r["alone"] for r in rounds),
        "browser": statistics.median(r["browser"] / r["alone"] for r in rounds),
        "drawn": statistics.median(r["drawn"] for r in rounds),
    }


def all_cores() -> int:
    """As many threads as the machine has cores."""
    return os.cpu_count() or 1


class Client:
    """Somebody who takes 30 frames a second and does not draw them."""

    def __init__(self, url: str) -> None:
        self._socket: ClientConnection = connect(url, compression=None, max_size=None)
        self.step = 0

    def send(self, do: str, **arguments: Any) -> None:
        """Give a command."""
        self._socket.send(json.dumps({"do": do, **arguments}))

    def watch(self, seconds: float) -> None:
        """Take frames for some seconds."""
        self.send("ready")
        self.send("ready")
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            try:
                message = self._socket.recv(timeout=left)
            except TimeoutError:
                return
            if isinstance(message, bytes):
                (length,) = struct.unpack_from("<Q", message)
                header = json.loads(message[8 : 8 + length])["__metadata__"]
                if header["kind"] == "frame":
                    self.step = int(header["step"])
                    self.send("ready")

    def close(self) -> None:
        """Leave."""
        self._socket.close()


def _watched_by(client: Client, page: Page) -> dict[str, float]:
    """Steps per second while only the client takes frames: the browser shows another page."""
    here = page.url
    page.goto("about:blank")
    client.send("start")
    rate = _rate(client.watch, lambda: client.step)
    client.send("pause")
    page.goto(here)
    page.wait_for_selector(".stage-root canvas")
    page.wait_for_timeout(1500)
    return {"client": rate}


def _drawn_in(stage: Locator, client: Client) -> dict[str, float]:
    """Steps and frames per second while Chromium draws, and nobody else watches."""
    drawn: list[int] = []

    def watch(seconds: float) -> None:
        drawn.append(stage.evaluate("stage => stage.stage.drawn"))
        time.sleep(seconds)

    client.send("start")
    rate = _rate(watch, lambda: stage.evaluate("stage => stage.stage.step"))
    frames = stage.evaluate("stage => stage.stage.drawn") - drawn[-1]
    client.send("pause")
    stage.page.wait_for_timeout(500)
    return {"browser": rate, "drawn": frames / SECONDS}


def _rate(watch: Callable[[float], None], step: Callable[[], int]) -> float:
    """Steps per second over a window, after a second to settle."""
    watch(1)
    began, first = time.perf_counter(), step()
    watch(SECONDS)
    return (step() - first) / (time.perf_counter() - began)
