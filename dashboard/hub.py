"""The routes of a live run: frames and commands on a socket, recordings and exports by GET.

A viewer gets a frame only when it has said `ready`, and then the latest one, so a slow
browser sees fewer frames and slows nobody. What goes over the socket:

    server, text    {"type": "status", status, message, place, wanted, stepping, generation, saved,
                     step, speed, steer, stride, last}; the multiples of stride up to last are
                     recorded
    server, binary  a packet of core.frames: the backdrop; or a frame, with the rows to append
    client, text    {"do": "ready", "frames": n} for n more frames, 1 unless said; and, from
                    those who may steer, start, pause, step, reset, save, stop,
                    speed {steps_per_second}, rewind {step}, set {settings}
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import mimetypes
import time
from collections.abc import Iterator
from typing import Annotated, Literal
from urllib.parse import urlsplit

import pydantic
import safetensors
import safetensors.torch
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from core.checkpoints import CHECKPOINT
from core.experiments import find as find_experiment
from core.frames import csv, packet
from dashboard.export import plotly_js, replay_html
from dashboard.laboratory import Laboratory
from dashboard.processes import made_file
from dashboard.run import Run, Viewer
from dashboard.stage.bundle import bundle

MOST_WAITING = 8  # files
MOST_AT_ONCE = 64  # recorded frames in one answer
MOST_CREDIT = 8  # frames
GONE, FOREIGN = 4404, 4403  # close codes: no such run; a page of another origin


class Simple(pydantic.BaseModel, extra="forbid"):
    """A command without arguments."""

    do: Literal["start", "pause", "step", "reset", "save", "stop"]


class Ready(pydantic.BaseModel, extra="forbid"):
    """Room for more frames."""

    do: Literal["ready"]
    frames: Annotated[int, pydantic.Field(ge=1, le=MOST_CREDIT)] = 1


class Speed(pydantic.BaseModel, extra="forbid"):
    """Steps per second, or null for as fast as it goes."""

    do: Literal["speed"]
    steps_per_second: Annotated[float, pydantic.Field(ge=0.1, le=100_000)] | None


class Rewind(pydantic.BaseModel, extra="forbid"):
    """Go on from an earlier step."""

    do: Literal["rewind"]
    step: Annotated[int, pydantic.Field(ge=0, le=2**31 - 1)]


class Set(pydantic.BaseModel, extra="forbid"):
    """Other values for some live settings, as a URL has them."""

    do: Literal["set"]
    settings: Annotated[
        dict[str, Annotated[str, pydantic.Field(max_length=1000)]], pydantic.Field(max_length=8)
    ]


Command = Simple | Ready | Speed | Rewind | Set
COMMAND: pydantic.TypeAdapter[Command] = pydantic.TypeAdapter(
    Annotated[Command, pydantic.Field(discriminator="do")]
)


def routes(laboratory: Laboratory) -> list[BaseRoute]:
    """The routes to mount beside Streamlit's own."""

    making = asyncio.Semaphore(1)  # of files: each takes a core
    waiting: list[str] = []  # for that, or under way

    def find(request: Request) -> Run:
        found = laboratory.find(request.path_params["run"])
        if found is None:
            raise HTTPException(404, "This run is no longer here.")
        return found[0]

    async def live(websocket: WebSocket) -> None:
        origin = websocket.headers.get("origin")
        if origin and urlsplit(origin).netloc != websocket.headers.get("host"):
            await websocket.close(FOREIGN)
            return
        found = laboratory.find(websocket.path_params["run"])
        await websocket.accept()
        if found is None:
            await websocket.close(GONE)
            return
        await _attend(websocket, laboratory, *found)

    async def frames(request: Request) -> Response:
        run = find(request)
        if request.path_params["generation"] != str(run.generation):
            raise HTTPException(409, "The run has begun anew.")
        try:
            steps = [int(step) for step in request.path_params["steps"].split(",")]
        except ValueError:
            raise HTTPException(400, "Name steps as numbers with commas between.") from None
        kept = run.timeline.frames
        found = [kept[step] for step in steps[:MOST_AT_ONCE] if step in kept]
        return _download(packet(found), "application/octet-stream")

    async def scalars(request: Request) -> Response:
        run = find(request)
        series = run.series  # its arrays are replaced, never written to: they can be shared
        body = await asyncio.to_thread(csv, series.names, series.steps, series.values)
        return _download(body.encode(), "text/csv", _attachment(run, "csv"))

    async def weights(request: Request) -> Response:
        run = find(request)
        checkpoint = run.folder / CHECKPOINT
        if not checkpoint.exists():
            raise HTTPException(404, "Nothing is saved yet; pause the run and try again.")
        body = await asyncio.to_thread(_only_weights, str(checkpoint))
        return _download(body, "application/octet-stream", _attachment(run, "safetensors"))

    async def file(request: Request) -> Response:
        run, name = find(request), request.path_params["name"]
        if name not in find_experiment(run.experiment).files:
            raise HTTPException(404, "This run offers no such file.")
        checkpoint = run.folder / CHECKPOINT
        if not checkpoint.exists():
            raise HTTPException(404, "Nothing is saved yet; pause the run and try again.")
        if len(waiting) >= MOST_WAITING:
            raise HTTPException(503, "Many files are being made just now; try again in a minute.")
        waiting.append(name)
        try:
            async with making:
                body = await made_file(checkpoint, name, laboratory.places.pool.environment)
        finally:
            waiting.remove(name)
        if body is None:
            raise HTTPException(500, "This file could not be made; reset the run and try again.")
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return _download(body, kind, _attachment(run, name))

    async def replay(request: Request) -> Response:
        run = find(request)
        messages = [run.backdrop, run.series.encode(), *run.timeline.frames.values(), run.latest]
        kept = [message for message in messages if message]
        html = await asyncio.to_thread(replay_html, messages=kept, **run.card)
        return _download(html.encode(), "text/html", _attachment(run, "html"))

    async def stage_js(_: Request) -> Response:
        return _download(bundle().encode(), "text/javascript")

    async def plotly(_: Request) -> Response:
        return _download(plotly_js().encode(), "text/javascript")

    async def nothing(_: Request) -> Response:
        raise HTTPException(404, "There is nothing here.")

    prefix = "/glassbox/runs/{run:str}"
    return [
        WebSocketRoute(f"{prefix}/live", live),
        Route(f"{prefix}/{{generation:str}}/frames/{{steps:str}}", frames),
        Route(f"{prefix}/scalars.csv", scalars),
        Route(f"{prefix}/weights.safetensors", weights),
        Route(f"{prefix}/files/{{name:str}}", file),
        Route(f"{prefix}/replay.html", replay),
        Route("/glassbox/stage.js", stage_js),
        Route("/glassbox/plotly.min.js", plotly),
        Route("/glassbox/{rest:path}", nothing),
    ]


async def _attend(websocket: WebSocket, laboratory: Laboratory, run: Run, steer: bool) -> None:
    """Serve one open socket until it closes."""
    viewer = Viewer()
    viewer.wake.set()
    run.viewers.add(viewer)
    sender = asyncio.create_task(_send(websocket, run, viewer, steer))
    try:
        while (message := await websocket.receive())["type"] == "websocket.receive":
            _receive(message.get("text") or "", laboratory, run, viewer, steer)
    finally:
        sender.cancel()
        run.viewers.discard(viewer)
        run.unwatched_since = time.monotonic()


def _receive(text: str, laboratory: Laboratory, run: Run, viewer: Viewer, steer: bool) -> None:
    try:
        command = COMMAND.validate_json(text)
    except pydantic.ValidationError:
        return  # our own stage says nothing else
    if isinstance(command, Ready):
        viewer.credit = min(viewer.credit + command.frames, MOST_CREDIT)
        if viewer.frames != run.frames:  # else the next frame wakes it
            viewer.wake.set()
        run.ask()
    elif steer:
        laboratory.command(run, **command.model_dump())


async def _send(websocket: WebSocket, run: Run, viewer: Viewer, steer: bool) -> None:
    """Whenever something changed, send what this viewer has not seen yet."""
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        while True:
            await viewer.wake.wait()
            viewer.wake.clear()
            if viewer.generation != run.generation:
                viewer.generation, viewer.step, viewer.frames, viewer.backdrop = (
                    run.generation,
                    -1,
                    -1,
                    None,
                )
            await _send_status(websocket, run, viewer, steer)
            if run.backdrop and viewer.backdrop is not run.backdrop:
                viewer.backdrop = run.backdrop
                await websocket.send_bytes(packet([run.backdrop]))
            if viewer.credit and run.latest and viewer.frames != run.frames:
                viewer.credit -= 1
                # No other frame: the stage gives the memory of a packet back as a whole.
                viewer.frames, messages = run.frames, [run.latest]
                if (rows := run.rows_after(viewer.step)) is not None:
                    viewer.step = run.series.last
                    messages.append(rows)
                await websocket.send_bytes(packet(messages))
            if viewer.credit:
                run.ask()


async def _send_status(websocket: WebSocket, run: Run, viewer: Viewer, steer: bool) -> None:
    status = {
        "type": "status",
        "status": run.status,
        "message": run.message,
        "place": run.place,
        "wanted": run.wanted,
        "stepping": run.steps_owed > 0,
        "generation": run.generation,
        "saved": run.saved > 0,
        "speed": run.speed,
        "steer": steer,
        "stride": run.timeline.stride,
    }
    if status != viewer.status:  # not for every step: frames tell those
        viewer.status = status
        now = {"step": run.step, "last": max(run.timeline.frames, default=0)}
        await websocket.send_text(json.dumps(status | now))


def _only_weights(checkpoint: str) -> bytes:
    """The modules' tensors of a checkpoint, with experiment and settings as metadata."""
    with safetensors.safe_open(checkpoint, "pt") as file:
        metadata = file.metadata()
        prefixes = tuple(f"{name}." for name in json.loads(metadata["modules"]))
        names: Iterator[str] = file.keys()
        tensors = {n: file.get_tensor(n) for n in names if not prefixes or n.startswith(prefixes)}
    return safetensors.torch.save(tensors, metadata)


def _attachment(run: Run, ending: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{run.experiment}.{ending}"'}


def _download(body: bytes, kind: str, headers: dict[str, str] | None = None) -> Response:
    # "identity" keeps the server's gzip off: the arrays do not shrink, and it would cost a core.
    quick = {"Content-Encoding": "identity"} if kind == "application/octet-stream" else {}
    return Response(body, media_type=kind, headers={**quick, **(headers or {})})
