"""A drained experiment: what it sends, records and saves, and the way back into its past."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file

from core import files
from core.checkpoints import CHECKPOINT
from core.config import ConfigError
from core.experiments import find
from core.files import file_of
from core.frames import decode_frame
from core.session import PAST, UNFORKED, UNSAVED, Kind, Session

Messages = list[tuple[Kind, bytes]]
FRAMES = (Kind.RECORDED, Kind.LIVE, Kind.BOTH)


@pytest.fixture
def drain(tmp_path: Path) -> Callable[..., tuple[Session, Messages]]:
    def start(**settings) -> tuple[Session, Messages]:
        sent: Messages = []
        session = Session(
            lambda kind, body: sent.append((kind, body)),
            experiment="gradient_descent",
            config={"max_steps": 1000, "learning_rate": 1e-3, **settings},
            folder=str(tmp_path),
        )
        session.open()
        return session, sent

    return start


def rows(sent: Messages) -> np.ndarray:
    tables = []
    for kind, body in sent:
        if kind is Kind.ROWS:
            names, _, raw = body.partition(b"\n")
            tables.append(np.frombuffer(raw).reshape(-1, 1 + len(json.loads(names))))
    return np.concatenate(tables)


def recorded(sent: Messages) -> list[int]:
    kept = (Kind.RECORDED, Kind.BOTH)
    return [decode_frame(body).step for kind, body in sent if kind in kept]


def test_files_of_an_experiment_are_made_from_its_checkpoint(tmp_path):
    def begin() -> Session:
        return Session(
            lambda kind, body: None,
            experiment="regression_curve",
            config=find("regression_curve").SMOKE.model_dump(),
            folder=str(tmp_path),
        )

    session = begin()
    session.advance()
    session.save()
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint.safetensors"]
    made = file_of(session.checkpoint, "predictions.csv")
    assert made == session.experiment.file("predictions.csv")
    with pytest.raises(KeyError):
        file_of(session.checkpoint, "../checkpoint.safetensors")
    begin()
    assert not any(tmp_path.iterdir())


def test_a_file_is_made_of_one_checkpoint_while_the_run_writes_the_next(tmp_path, monkeypatch):
    def saved(width: int) -> Session:
        config = {**find("regression_curve").SMOKE.model_dump(), "width": width}
        session = Session(lambda kind, body: None, "regression_curve", config, str(tmp_path))
        session.save()
        return session

    first = saved(4)

    def meanwhile(name: str) -> type:
        monkeypatch.undo()
        saved(8)
        return find(name)

    monkeypatch.setattr(files, "find", meanwhile)
    made = file_of(first.checkpoint, "predictions.csv")
    assert made == first.experiment.file("predictions.csv")


def test_opens_with_the_backdrop_and_the_first_frame(drain):
    _, sent = drain()
    assert [kind for kind, _ in sent] == [Kind.BACKDROP, Kind.ROWS, Kind.BOTH]
    assert decode_frame(sent[2][1]).step == 0


def test_makes_no_picture_that_nobody_asked_for(drain, monkeypatch):
    session, _ = drain()
    while session.timeline.stride < 4:
        session.advance()
    pictures = []
    take = session.experiment.picture
    monkeypatch.setattr(session.experiment, "picture", lambda: pictures.append(1) or take())
    before = len(session.timeline.frames)
    for _ in range(8):
        session.advance()
    assert len(pictures) == len(session.timeline.frames) - before == 2
    session.frames_wanted, session.next_frame = 1, 0.0
    session.advance()
    assert len(pictures) == 3


@pytest.mark.parametrize(("steps_per_second", "apart"), [(100, {3, 4}), (20, {1})])
def test_thirty_frames_a_second_at_most_and_one_of_a_step(
    drain, monkeypatch, steps_per_second, apart
):
    clock = [100.0]
    monkeypatch.setattr("core.session.time.monotonic", lambda: clock[0])
    session, sent = drain()
    sent.clear()
    session.frames_wanted = 100
    for step in range(1, 101):  # all of which are recorded
        clock[0] = 100 + step / steps_per_second
        session.advance()
    live = [decode_frame(body).step for kind, body in sent if kind is Kind.BOTH]
    assert set(np.diff(live[1:])) == apart
    assert session.frames_wanted == 100 - len(live)
    assert recorded(sent) == list(range(1, 101))
    assert not any(kind is Kind.LIVE for kind, _ in sent)


def test_pictures_that_cost_much_take_half_of_the_time(drain, monkeypatch):
    clock = [100.0]
    monkeypatch.setattr("core.session.time.monotonic", lambda: clock[0])
    session, _ = drain()
    session.timeline.stride = 1024
    picture = session.experiment.picture

    def slow() -> object:
        clock[0] += 0.1
        return picture()

    monkeypatch.setattr(session.experiment, "picture", slow)
    session.frames_wanted = 100
    began, steps = clock[0], 0
    while clock[0] < began + 4:
        clock[0] += 0.01
        steps += session.advance()
    assert steps == pytest.approx(200, abs=20)


def test_early_rows_come_with_their_frame_and_late_ones_when_they_would_show(drain):
    session, sent = drain(max_steps=2000, learning_rate=1e-4)
    session.timeline.stride = 2**20
    for step in range(1801):
        session.frames_wanted, session.next_frame = int(step < 100 or step > 1750), 0.0
        session.advance()
    ends = [int(rows([message])[-1, 0]) for message in sent if message[0] is Kind.ROWS]
    assert ends[:100] == list(range(100))
    assert set(np.diff(ends[-20:])) == {2}
    session.show()
    assert rows(sent)[:, 0].tolist() == list(range(1802))


def test_sends_every_row_once_and_rows_before_their_frame(drain):
    session, sent = drain()
    for _ in range(700):
        session.advance()
    session.show()
    steps = rows(sent)[:, 0]
    assert steps.tolist() == list(range(701))
    last = 0
    for kind, body in sent:
        if kind is Kind.ROWS:
            last = int(rows([(kind, body)])[-1, 0])
        elif kind in FRAMES:
            assert decode_frame(body).step == last


def test_recording_depends_on_steps_alone(drain):
    (a, sent_a), (b, sent_b) = drain(), drain()
    for step in range(600):
        a.advance()
        b.frames_wanted, b.next_frame = int(step % 7 == 0), 0.0
        b.advance()
    assert recorded(sent_a) == recorded(sent_b)
    for step, frame in a.timeline.frames.items():
        mine, theirs = decode_frame(frame), decode_frame(b.timeline.frames[step])
        assert (mine.step, mine.words, mine.scalars) == (theirs.step, theirs.words, theirs.scalars)
        np.testing.assert_equal(mine.arrays, theirs.arrays)


def test_stops_at_the_limit(tmp_path):
    session = Session(
        lambda *_: None, "gradient_descent", {"learning_rate": 1e-4}, str(tmp_path), max_steps=5
    )
    assert sum(session.advance() for _ in range(9)) == 5


def test_checkpoint_holds_state_and_settings_and_resumes(drain, tmp_path):
    session, _ = drain()
    for _ in range(20):
        session.advance()
    session.save()
    with safe_open(tmp_path / "checkpoint.safetensors", "pt") as file:
        metadata = file.metadata()
    assert metadata["experiment"] == "gradient_descent"
    assert json.loads(metadata["config"])["learning_rate"] == 1e-3
    assert not list(tmp_path.glob("*.part"))
    again = Session(
        lambda *_: None,
        "gradient_descent",
        {"max_steps": 1000, "learning_rate": 1e-3},
        str(tmp_path),
        resume=True,
    )
    assert again.step == 20
    saved = load_file(tmp_path / "checkpoint.safetensors")
    assert all(torch.equal(again.experiment.state_dict()[name], saved[name]) for name in saved)


def test_a_run_that_cannot_be_saved_goes_on_and_is_saved_later(drain, tmp_path):
    session, sent = drain()
    session.advance()
    assert session.save() == ""
    shutil.rmtree(tmp_path)
    tmp_path.write_text("no folder can be made here")
    session.advance()
    assert session.save() == UNSAVED
    assert json.loads(sent[-1][1]) == {"saved": 0, "message": UNSAVED}
    assert session.advance()
    tmp_path.unlink()
    assert session.save() == ""
    assert json.loads(sent[-1][1]) == {"saved": 3, "message": ""}
    assert session.checkpoint.exists()


def test_what_is_gone_cannot_be_gone_on_with(tmp_path):
    with pytest.raises(ConfigError, match="no longer here; begin it anew"):
        Session(lambda *_: None, "gradient_descent", {}, str(tmp_path), resume=True)


@pytest.mark.parametrize("target", [0, 1, 57, 299])
def test_rewinding_comes_back_to_the_very_state(drain, target):
    session, sent = drain()
    config = session.config.model_dump()
    passing = {}
    for step in range(300):
        if step == 40:
            session.set(config | {"learning_rate": 2e-3})
        if session.step == target:
            passing = session.experiment.state_dict()
        session.advance()
    session.show()
    before = rows(sent)
    session.rewind(target)
    assert session.step == target
    state = session.experiment.state_dict()
    assert all(torch.equal(state[name], passing[name]) for name in passing)
    assert max(session.timeline.frames) <= target
    sent.clear()
    for _ in range(target, 300):
        session.advance()
    session.show()
    if target >= 40:  # the same settings held from there on
        np.testing.assert_array_equal(rows(sent), before[target + 1 :])


def test_rewinding_after_a_resume_knows_the_settings_of_before(drain, tmp_path):
    session, _ = drain()
    for step in range(60):
        if step == 30:
            session.set(session.config.model_dump() | {"learning_rate": 0.01})
        if step == 45:
            passing = session.experiment.state_dict()
        session.advance()
    session.save()
    again = Session(
        lambda *_: None,
        "gradient_descent",
        session.config.model_dump(),
        str(tmp_path),
        resume=True,
    )
    again.open()
    again.rewind(45)
    state = again.experiment.state_dict()
    assert all(torch.equal(state[name], passing[name]) for name in passing)


@pytest.mark.parametrize("target", [1, 57, 120, 300])
def test_a_fork_is_what_the_run_was_and_leaves_the_run_alone(drain, tmp_path, target):
    session, sent = drain()
    twin, twin_sent = drain()
    for step in range(310):
        for each in (session, twin):
            if step == 100:
                each.set(each.config.model_dump() | {"learning_rate": 2e-3})
            if each.step == target:
                passing = each.experiment.state_dict()
        if step == 300:
            (tmp_path / "fork").mkdir()
            assert session.fork(target, str(tmp_path / "fork")) == ""
        session.advance()
        twin.advance()
    session.show()
    twin.show()
    np.testing.assert_array_equal(rows(sent), rows(twin_sent))
    assert recorded(sent) == recorded(twin_sent)
    (tmp_path / "fork" / PAST).rename(tmp_path / "fork" / CHECKPOINT)
    config = session.config.model_dump()
    folder = str(tmp_path / "fork")
    fork = Session(lambda *_: None, "gradient_descent", config, folder, resume=True)
    state = fork.experiment.state_dict()
    assert fork.step == target
    assert all(torch.equal(state[name], passing[name]) for name in passing)
    fork.advance()
    fork.rewind(target)  # it knows the settings of its past
    state = fork.experiment.state_dict()
    assert all(torch.equal(state[name], passing[name]) for name in passing)


def test_a_fork_that_cannot_be_written_is_told_in_a_sentence(drain, tmp_path):
    session, _ = drain()
    session.advance()
    assert session.fork(1, str(tmp_path / "gone")) == UNFORKED
    assert not (tmp_path / "gone").exists()  # the fork was forgotten: nothing is left of it
    assert session.advance()


def test_a_fork_whose_data_are_gone_is_told_and_leaves_the_run_alone(drain, tmp_path, monkeypatch):
    session, _ = drain()
    session.advance()
    session.advance()

    def gone(*_: object) -> None:
        raise ConfigError("These data are no longer here.")

    monkeypatch.setattr(session, "kind", gone)
    assert session.fork(1, str(tmp_path)) == "These data are no longer here."
    monkeypatch.setattr(session, "kind", lambda *_: 1 / 0)
    assert session.fork(1, str(tmp_path)) == UNFORKED
    assert session.advance()


def test_live_setting_holds_from_the_next_step(drain):
    session, _ = drain()
    session.advance()
    session.set(session.config.model_dump() | {"learning_rate": 0.5})
    assert session.experiment.config.learning_rate == 0.5


def test_bad_settings_are_told(tmp_path):
    with pytest.raises(ConfigError, match="Learning rate"):
        Session(lambda *_: None, "gradient_descent", {"learning_rate": 7}, str(tmp_path))


def test_every_experiment_can_be_drained(tmp_path):
    for name in ("gradient_descent", "basins"):
        kind = find(name)
        session = Session(lambda *_: None, name, kind.SMOKE.model_dump(), str(tmp_path))
        session.open()
        assert session.advance()
