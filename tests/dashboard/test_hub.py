"""The routes, from the outside: frames by credit, steering by right, recordings by step."""

import json
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from io import StringIO

import numpy as np
import pytest
from safetensors.numpy import load
from starlette.applications import Starlette
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from core.experiments import find
from core.frames import decode_frame
from dashboard.hub import FOREIGN, GONE, routes
from dashboard.laboratory import Laboratory
from dashboard.limits import Limits
from dashboard.run import Run
from tests.dashboard.conftest import CARD

CONFIG = find("gradient_descent").Config(learning_rate=1e-4, max_steps=2000)


class Hub:
    """A server in a test, and its laboratory."""

    def __init__(self, client: TestClient, laboratory: Laboratory) -> None:
        self.client, self.laboratory = client, laboratory

    def open(self, speed: float | None = 100) -> Run:
        return self.laboratory.on_loop(
            self.laboratory.open, "me", "gradient_descent", CONFIG, speed, CARD
        )

    def live(self, key: str, **headers: str):
        return self.client.websocket_connect(f"/glassbox/runs/{key}/live", headers=headers)


@pytest.fixture
def hub() -> Iterator[Hub]:
    laboratory = Laboratory(Limits(workers=2, spare=0))

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with laboratory:
            yield

    app = Starlette(routes=routes(laboratory), lifespan=lifespan)
    with TestClient(app) as client:
        yield Hub(client, laboratory)


def unpack(body: bytes) -> dict[str, bytes]:
    """The messages of a packet, by kind."""
    found = {}
    while body:
        (length,) = struct.unpack_from("<I", body)
        message, body = body[4 : 4 + length], body[4 + length :]
        (header,) = struct.unpack_from("<Q", message)
        found[json.loads(message[8 : 8 + header])["__metadata__"]["kind"]] = message
    return found


def listen(socket, kind: str, ready: bool = True):
    """The next message of a kind; frames are acknowledged on the way."""
    while True:
        message = socket.receive()
        if text := message.get("text"):
            if kind == "status":
                return json.loads(text)
        elif found := unpack(message["bytes"]).get(kind):
            if kind == "frame" and ready:
                socket.send_json({"do": "ready"})
            return found


def wait_for(socket, status: str) -> dict:
    while (told := listen(socket, "status"))["status"] != status:
        pass
    return told


def meet(socket) -> tuple[dict, bytes]:
    """The status "ready" and the backdrop, which come in either order."""
    status, backdrop = {}, b""
    while status.get("status") != "ready" or not backdrop:
        message = socket.receive()
        if text := message.get("text"):
            status = json.loads(text)
        elif found := unpack(message["bytes"]).get("backdrop"):
            backdrop = found
        else:
            socket.send_json({"do": "ready"})
    return status, backdrop


def test_a_viewer_sees_status_backdrop_and_frames(hub):
    run = hub.open()
    with hub.live(run.id) as socket:
        status, backdrop = meet(socket)
        assert status["steer"] is True
        assert "surface" in load(backdrop)
        socket.send_json({"do": "ready"})
        assert decode_frame(listen(socket, "frame")).step == 0
        socket.send_json({"do": "start"})
        steps = [decode_frame(listen(socket, "frame")).step for _ in range(10)]
        assert steps == sorted(set(steps))
        socket.send_json({"do": "pause"})
        paused = wait_for(socket, "paused")
        assert paused["stride"] == 1
        assert paused["last"] == paused["step"]


def test_what_is_saved_is_told(hub):
    run = hub.open()
    with hub.live(run.id) as socket:
        assert wait_for(socket, "ready")["saved"] is False
        socket.send_json({"do": "step"})
        while not listen(socket, "status")["saved"]:
            pass


def test_no_credit_no_frame(hub):
    run = hub.open()
    with hub.live(run.id) as socket:
        meet(socket)
        socket.send_json({"do": "start"})
        wait_for(socket, "running")
        socket.send_json({"do": "pause"})
        wait_for(socket, "paused")  # nothing but words came in between, or `listen` would hang
        socket.send_json({"do": "ready"})
        frame = decode_frame(listen(socket, "frame", ready=False))
        assert frame.step == run.step


def test_series_arrives_whole_and_in_order(hub):
    run = hub.open(speed=None)
    with hub.live(run.id) as socket:
        socket.send_json({"do": "ready"})
        socket.send_json({"do": "start"})
        steps: list[int] = []
        while not steps or steps[-1] < 300:
            message = socket.receive()
            found = unpack(message.get("bytes", b""))
            if "series" in found:
                steps += load(found["series"])["steps"].tolist()
            if "frame" in found:
                socket.send_json({"do": "ready"})
        assert steps == list(range(steps[-1] + 1))


def test_late_viewers_and_second_tabs_see_the_same_run(hub):
    run = hub.open()
    with hub.live(run.id) as first, hub.live(run.id) as second:
        for socket in (first, second):
            socket.send_json({"do": "ready"})
            wait_for(socket, "ready")
        first.send_json({"do": "start"})
        wait_for(second, "running")
        second.send_json({"do": "pause"})
        assert wait_for(first, "paused")["step"] == run.step
    with hub.live(run.id) as again:  # a reload
        again.send_json({"do": "ready"})
        assert wait_for(again, "paused")["step"] == run.step
        while "frame" not in (found := unpack(again.receive().get("bytes", b""))):
            pass
        assert decode_frame(found["frame"]).step == run.step
        assert load(found["series"])["steps"].tolist() == list(range(run.step + 1))


def test_watching_is_not_steering(hub):
    run = hub.open()
    with hub.live(run.watch_id) as watcher, hub.live(run.id) as owner:
        assert wait_for(watcher, "ready")["steer"] is False
        wait_for(owner, "ready")
        for command in ({"do": "start"}, {"do": "stop"}, {"do": "rewind", "step": 0}):
            watcher.send_json(command)
        owner.send_json({"do": "step"})
        assert wait_for(owner, "paused")["step"] == 1
        assert run.status == "paused"


@pytest.mark.parametrize(
    "nonsense",
    ["", "not json", "[]", '{"do": "fly"}', '{"do": "speed", "steps_per_second": "NaN"}',
     '{"do": "speed", "steps_per_second": -1}', '{"do": "rewind", "step": -5}',
     '{"do": "rewind", "step": 1e99}', '{"do": "start", "more": 1}', "9" * 100_000,
     "[" * 50_000],
)  # fmt: skip
def test_nonsense_on_the_socket_changes_nothing(hub, nonsense):
    run = hub.open()
    with hub.live(run.id) as socket:
        wait_for(socket, "ready")
        socket.send_text(nonsense)
        socket.send_json({"do": "step"})
        assert wait_for(socket, "paused")["step"] == 1


def test_forged_ids_are_not_found(hub):
    for key in ("0" * 32, "..%2f..", "x"):
        assert hub.client.get(f"/glassbox/runs/{key}/scalars.csv").status_code == 404
        assert hub.client.get(f"/glassbox/runs/{key}/0/frames/0").status_code == 404
    with hub.live("f" * 32) as socket, pytest.raises(WebSocketDisconnect) as closed:
        socket.receive_text()
    assert closed.value.code == GONE


def test_pages_of_other_origins_are_refused(hub):
    run = hub.open()
    with pytest.raises(WebSocketDisconnect) as closed, hub.live(run.id, origin="https://evil.test"):
        pass
    assert closed.value.code == FOREIGN
    with hub.live(run.id, origin="http://testserver") as socket:
        wait_for(socket, "ready")


def record(hub: Hub) -> Run:
    run = hub.open(speed=None)
    with hub.live(run.id) as socket:
        wait_for(socket, "ready")
        socket.send_json({"do": "start"})
        wait_for(socket, "finished")
    return run


def test_recorded_frames_come_by_step(hub):
    run = record(hub)
    stride = run.timeline.stride
    wanted = f"0,{stride},{3 * stride},{10**8}"
    where = f"/glassbox/runs/{run.watch_id}/{run.generation}/frames"
    answer = hub.client.get(f"{where}/{wanted}")
    steps, body = [], answer.content
    while body:
        (length,) = struct.unpack_from("<I", body)
        steps.append(decode_frame(body[4 : 4 + length]).step)
        body = body[4 + length :]
    assert steps == [0, stride, 3 * stride]
    assert hub.client.get(f"{where}/one,two").status_code == 400
    past = f"/glassbox/runs/{run.watch_id}/{run.generation + 1}/frames/0"
    assert hub.client.get(past).status_code == 409


def test_exports(hub):
    run = record(hub)
    prefix = f"/glassbox/runs/{run.watch_id}"
    table = np.genfromtxt(
        StringIO(hub.client.get(f"{prefix}/scalars.csv").text), delimiter=",", names=True
    )
    assert table["step"].tolist() == run.series.steps.tolist()
    weights = hub.client.get(f"{prefix}/weights.safetensors")
    assert "gradient_descent.safetensors" in weights.headers["content-disposition"]
    assert load(weights.content)
    page = hub.client.get(f"{prefix}/replay.html").text
    assert "A question?" in page
    assert "http://" not in page.replace("http://www.w3.org", "")


def test_weights_before_anything_is_saved(hub):
    run = hub.open()
    answer = hub.client.get(f"/glassbox/runs/{run.id}/weights.safetensors")
    assert answer.status_code == 404
    assert "pause" in answer.text


def test_files_of_an_experiment(hub, monkeypatch):
    kind = find("regression_curve")
    run = hub.laboratory.on_loop(
        hub.laboratory.open, "me", "regression_curve", kind.SMOKE, None, CARD
    )
    files = f"/glassbox/runs/{run.watch_id}/files"
    assert "pause" in hub.client.get(f"{files}/predictions.csv").text
    with hub.live(run.id) as socket:
        meet(socket)
        socket.send_json({"do": "start"})
        wait_for(socket, "finished")
    answer = hub.client.get(f"{files}/predictions.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert "regression_curve.predictions.csv" in answer.headers["content-disposition"]
    assert answer.text.startswith("x,mean,spread")
    assert hub.client.get(f"{files}/checkpoint.safetensors").status_code == 404
    assert hub.client.get(f"{files}/..%2Fpredictions.csv").status_code == 404
    monkeypatch.setattr("dashboard.hub.MOST_WAITING", 0)  # as if others were waiting for theirs
    busy = hub.client.get(f"{files}/predictions.csv")
    assert busy.status_code == 503
    assert "again in a minute" in busy.text


def test_the_stage_and_plotly_are_served_from_here(hub):
    assert "export" in hub.client.get("/glassbox/stage.js").text
    assert len(hub.client.get("/glassbox/plotly.min.js").content) > 1_000_000


def test_live_settings_can_be_set_and_others_not(hub):
    lookup = find("attention_lookup")
    run = hub.laboratory.on_loop(
        hub.laboratory.open, "me", "attention_lookup", lookup.Config(), 5, CARD
    )
    with hub.live(run.id) as socket:
        meet(socket)
        for settings in ({"seed": "3"}, {"beta": "-1"}, {"query_at": "nonsense"}, {"none": "1"}):
            socket.send_json({"do": "set", "settings": settings})
        socket.send_json({"do": "set", "settings": {"query_at": "-1.5 0.25"}})
        socket.send_json({"do": "ready"})
        while (frame := load(listen(socket, "frame")))["query"][0].tolist() != [-1.5, 0.25]:
            pass  # the picture changes although the run has not begun
        assert frame["weights"].argmax() == 2
    assert run.config == lookup.Config(query_at="-1.5 0.25")
