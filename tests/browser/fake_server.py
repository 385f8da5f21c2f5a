"""A server with one made-up run, which speaks the stage's protocol and does as it is told."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Iterator
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from core.frames import packet
from dashboard.export import plotly_js
from dashboard.stage import Stage
from dashboard.stage.bundle import bundle
from tests.browser import made_up

LAST = 2000
LOST = (WebSocketDisconnect, RuntimeError)  # the other side has gone, or this one has closed
PAGE = """<!doctype html><link rel="icon" href="data:,">
<meta name="viewport" content="width=device-width">
<body style="margin:16px"><input id="field"><button id="other">Other</button><div id="host"></div>
<script type="module">
import { mount } from "/stage.js";
const host = document.getElementById("host");
const shadow = host.attachShadow({ mode: "open" });
const root = shadow.appendChild(document.createElement("div"));
window.options = (more) => ({
  panels: %s, source: { kind: "live", base: "", run: "fake" }, speeds: [1, 30, null],
  onPick: (key, at) => (window.picked = [key, at]), ...more,
});
window.remount = (more) => (window.stage = mount(root, options(more)));
remount();
</script>"""


class FakeRun:
    """What the server knows. `told` are the commands it got."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.backdrop, _, *frames = made_up.recording(LAST, 10, 200)
        self.frames = dict(zip(range(0, LAST + 1, 10), frames, strict=True))
        self.told: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.sockets: set[WebSocket] = set()
        self.status, self.message, self.place = "ready", "", 0
        self.generation, self.step, self.stride = 0, 0, 20
        self.speed: float | None = None
        self.wanted = self.stepping = False
        self.stuck = False  # steps that are asked for do not end
        self.away = False  # no socket opens meanwhile
        self.steer, self.here, self.credit = True, True, 0

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/", self.page),
                Route("/stage.js", lambda _: Response(bundle(), media_type="text/javascript")),
                Route("/glassbox/plotly.min.js", lambda _: Response(plotly_js())),
                Route("/glassbox/runs/fake/{generation:int}/frames/{steps}", self.recorded),
                WebSocketRoute("/glassbox/runs/fake/live", self.live),
            ]
        )

    async def page(self, _: Request) -> Response:
        return HTMLResponse(PAGE % json.dumps(self.stage.to_json()))

    async def recorded(self, request: Request) -> Response:
        if not self.here or request.path_params["generation"] != self.generation:
            return Response(status_code=404)
        self.asked.append(request.path_params["steps"])
        found = [self.frames[int(step)] for step in request.path_params["steps"].split(",")]
        return Response(packet(found))

    async def live(self, socket: WebSocket) -> None:
        while self.away:
            await asyncio.sleep(0.02)
        await socket.accept()
        if not self.here:
            await socket.close(4404)
            return
        self.sockets.add(socket)
        await self.tell_status()
        await socket.send_bytes(packet([self.backdrop]))
        await socket.send_bytes(packet([made_up.table(self.step)]))
        self.credit = 0
        runner = asyncio.create_task(self.run(socket))
        with contextlib.suppress(*LOST):
            while True:
                await self.obey(json.loads(await socket.receive_text()))
        runner.cancel()
        self.sockets.discard(socket)

    async def run(self, socket: WebSocket) -> None:
        """Send a frame for each credit: the present one, then as the training goes on."""
        sent: tuple[int, int] | None = None
        with contextlib.suppress(*LOST):
            while True:
                await asyncio.sleep(1 / 30)
                if not self.credit or self.status == "loading":
                    continue
                if self.status == "running" and self.step < LAST and sent:
                    await socket.send_bytes(packet([made_up.table(self.step + 10, self.step + 1)]))
                    self.step += 10
                if sent != (self.generation, self.step):
                    sent = self.generation, self.step
                    self.credit -= 1
                    await socket.send_bytes(packet([self.frames[self.step]]))

    async def obey(self, command: dict[str, Any]) -> None:
        if command["do"] == "ready":
            self.credit += command["frames"]
            return
        self.told.append(command)
        match command["do"]:
            case "start":
                self.status = "running"
            case "pause":
                self.status = "paused"
            case "step" if not self.stuck:
                self.step += 10
            case "speed":
                self.speed = command["steps_per_second"]
            case "reset":
                self.status, self.step, self.generation = "ready", 0, self.generation + 1
            case "rewind":
                self.step, self.generation = command["step"], self.generation + 1
        await self.tell_status()
        if command["do"] in ("reset", "rewind"):
            for socket in self.sockets:
                await socket.send_bytes(packet([made_up.table(self.step)]))

    async def tell_status(self) -> None:
        status = {
            "type": "status",
            "status": self.status,
            "message": self.message,
            "place": self.place,
            "wanted": self.wanted,
            "stepping": self.stepping,
            "generation": self.generation,
            "saved": True,
            "step": self.step,
            "speed": self.speed,
            "steer": self.steer,
            "stride": self.stride,
            "last": self.step - self.step % self.stride,
        }
        for socket in self.sockets:
            await socket.send_text(json.dumps(status))

    async def drop(self) -> None:
        """Lose all connections."""
        lost, self.sockets = self.sockets, set()
        for socket in lost:
            await socket.close(1012)


class Served:
    """The run behind an address, from another thread."""

    def __init__(self, run: FakeRun, address: str, loop: asyncio.AbstractEventLoop) -> None:
        self.run, self.address, self.loop = run, address, loop

    def put(self, **status: Any) -> None:
        """Change how the run stands, and say so."""
        vars(self.run).update(status)
        asyncio.run_coroutine_threadsafe(self.run.tell_status(), self.loop).result()

    def drop(self) -> None:
        asyncio.run_coroutine_threadsafe(self.run.drop(), self.loop).result()


@contextlib.contextmanager
def serve(stage: Stage) -> Iterator[Served]:
    """A server of its own for one test, on a free port."""
    run = FakeRun(stage)
    config = uvicorn.Config(
        run.app(), port=0, log_level="error", lifespan="off", ws="websockets-sansio"
    )
    server = uvicorn.Server(config)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_until_complete, args=[server.serve()])
    thread.start()
    while not server.started:
        thread.join(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield Served(run, f"http://127.0.0.1:{port}", loop)
    finally:
        server.should_exit = server.force_exit = True
        thread.join()
        loop.close()
