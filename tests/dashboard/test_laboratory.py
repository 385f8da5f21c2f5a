"""Runs outlive their workers; workers outlive nothing."""

import os
import shutil
import signal
import time

import numpy as np
import psutil
import pytest

from core.checkpoints import CHECKPOINT
from core.experiments import find
from core.frames import decode_frame
from core.session import UNFORKED, UNSAVED
from dashboard.housekeeping import tidy
from dashboard.laboratory import AT_THE_END, Laboratory
from dashboard.limits import Limits
from dashboard.places import ORPHANED, WAITING
from dashboard.run import Run, Viewer
from tests.dashboard.conftest import CARD, until

KIND = find("gradient_descent")
SLOW = KIND.Config(learning_rate=1e-4, max_steps=2000)


def open_run(laboratory: Laboratory, speed: float | None = None, visitor: str = "me") -> Run:
    return laboratory.open(visitor, "gradient_descent", SLOW, speed, CARD)


async def test_a_run_starts_pauses_steps_and_finishes(laboratory):
    run = open_run(laboratory, speed=200)
    await until(lambda: run.latest)
    await until(lambda: run.status == "ready")
    assert run.backdrop
    laboratory.command(run, "start")
    await until(lambda: run.step >= 5)
    laboratory.command(run, "pause")
    await until(lambda: run.status == "paused")
    at = run.step
    laboratory.command(run, "step")
    await until(lambda: run.step > at and decode_frame(run.latest).step > at)
    assert (run.step, decode_frame(run.latest).step) == (at + 1, at + 1)
    laboratory.command(run, "speed", steps_per_second=None)
    laboratory.command(run, "start")
    await until(lambda: run.status == "finished")
    assert not run.message
    laboratory.configure(run, "gradient_descent", SLOW.variant(learning_rate=2e-4), CARD)
    assert (run.status, run.message) == ("finished", AT_THE_END)
    assert run.series.steps.tolist() == list(range(run.step + 1))
    assert sorted(run.timeline.frames) == list(range(0, run.step + 1, run.timeline.stride))


async def test_reset_and_other_settings_begin_anew_and_live_ones_do_not(laboratory):
    run = open_run(laboratory, speed=100)
    laboratory.command(run, "start")
    await until(lambda: run.step >= 3)
    generation = run.generation
    laboratory.configure(run, "gradient_descent", SLOW.variant(learning_rate=2e-4), CARD)
    await until(lambda: run.step >= 6)
    assert run.generation == generation
    laboratory.configure(run, "gradient_descent", SLOW.variant(surface="quadratic"), CARD)
    assert run.generation == generation + 1
    assert run.step == 0
    await until(lambda: run.status == "running" and run.step >= 2)
    laboratory.command(run, "reset")
    await until(lambda: run.status == "ready" and run.latest)
    assert decode_frame(run.latest).step == 0


async def test_a_run_that_stands_still_shows_live_settings_at_once(laboratory):
    run = open_run(laboratory)
    await until(lambda: run.status == "ready" and run.latest)
    before = run.frames
    laboratory.configure(run, "gradient_descent", SLOW.variant(learning_rate=2e-4), CARD)
    await until(lambda: run.frames > before)
    assert (run.status, run.step) == ("ready", 0)


async def test_rewinding_forgets_the_future(laboratory):
    run = open_run(laboratory)
    laboratory.command(run, "start")
    await until(lambda: run.status == "finished" or run.step > 600)
    laboratory.command(run, "pause")
    await until(lambda: run.status in ("paused", "finished"))
    laboratory.command(run, "rewind", step=128)
    await until(lambda: run.status == "paused" and run.latest)
    assert run.step == 128
    assert max(run.timeline.frames) <= 128
    assert run.series.last <= 128


async def test_a_fork_goes_its_own_way_and_leaves_the_run_it_came_from_alone(laboratory):
    origin = open_run(laboratory)
    laboratory.command(origin, "start")
    await until(lambda: origin.step > 300)
    laboratory.command(origin, "pause")
    await until(lambda: origin.status == "paused")
    at, recorded = origin.step, sorted(origin.timeline.frames)
    fork = laboratory.fork(origin, "me", 128)
    assert fork.id not in (origin.id, origin.watch_id)
    laboratory.command(fork, "start")  # at once: it waits, and does not begin anew
    await until(lambda: fork.step > 140)
    laboratory.command(fork, "pause")
    await until(lambda: fork.status == "paused")
    shared = fork.series.steps.tolist()
    assert shared == list(range(fork.step + 1))
    np.testing.assert_array_equal(fork.series.values[:129], origin.series.values[:129])
    changed = SLOW.variant(learning_rate=0.5)
    laboratory.configure(fork, "gradient_descent", changed, CARD)
    began = fork.step
    laboratory.command(fork, "step")
    await until(lambda: fork.step == began + 1 and fork.status == "paused")
    assert (fork.series.values[-1] != origin.series.values[fork.step]).any()
    assert (origin.step, sorted(origin.timeline.frames)) == (at, recorded)
    assert origin.config == SLOW


async def test_a_run_without_a_worker_or_a_past_can_be_forked(laboratory):
    origin = open_run(laboratory, 200)
    await until(lambda: origin.status == "ready" and origin.latest)
    fresh = laboratory.fork(origin, "me", 0)
    await until(lambda: fresh.status == "ready" and fresh.latest)
    laboratory.forget(fresh)
    laboratory.command(origin, "start")
    await until(lambda: origin.step >= 20)
    laboratory.command(origin, "pause")
    await until(lambda: origin.status == "paused" and origin.saved == origin.step)
    laboratory.places.release(origin)
    fork = laboratory.fork(origin, "me", 10**9)
    await until(lambda: fork.status == "paused" and fork.latest)
    assert fork.step == fork.saved == origin.step
    assert fork.backdrop


@pytest.mark.parametrize("fate", ["reset", "killed", "forgotten"])
async def test_a_fork_whose_origin_is_gone_says_so_and_begins_anew(laboratory, fate):
    origin = open_run(laboratory)
    laboratory.command(origin, "step")
    await until(lambda: origin.step == 1 and origin.status == "paused")
    os.kill(origin.worker.pid, signal.SIGSTOP)  # it cannot answer any more
    fork = laboratory.fork(origin, "me", 1)
    second = laboratory.fork(fork, "you", 1)
    if fate == "reset":
        laboratory.command(origin, "reset")
    elif fate == "killed":
        os.kill(origin.worker.pid, signal.SIGKILL)
    else:
        laboratory.forget(origin)
    await until(lambda: fork.status == "failed")
    assert fork.message == ORPHANED
    assert (second.status, second.message) == ("failed", ORPHANED)
    laboratory.command(fork, "reset")
    await until(lambda: fork.status == "ready" and fork.latest)


async def test_what_is_written_too_late_for_a_fork_is_not_taken(laboratory):
    origin = open_run(laboratory)
    laboratory.command(origin, "step")
    await until(lambda: origin.step == 1 and origin.status == "paused")
    os.kill(origin.worker.pid, signal.SIGSTOP)
    fork = laboratory.fork(origin, "me", 1)
    gone = laboratory.fork(origin, "me", 1)
    laboratory.forget(gone)
    laboratory.command(fork, "reset")
    for step in range(1, 4):
        laboratory.command(fork, "step")
        await until(lambda step=step: fork.saved == fork.step == step)
    kept = (fork.folder / CHECKPOINT).read_bytes()
    os.kill(origin.worker.pid, signal.SIGCONT)
    laboratory.command(origin, "step")
    await until(lambda: origin.step == 2 and origin.status == "paused")
    assert [path.name for path in fork.folder.iterdir()] == [CHECKPOINT]
    assert (fork.folder / CHECKPOINT).read_bytes() == kept
    assert not gone.folder.exists()


async def test_a_fork_whose_folder_was_tidied_away_says_so_and_its_origin_lives_on(laboratory):
    origin = open_run(laboratory)
    laboratory.command(origin, "step")
    await until(lambda: origin.step == 1 and origin.status == "paused")
    pid = origin.worker.pid
    for written in (False, True):
        os.kill(pid, signal.SIGSTOP)
        fork = laboratory.fork(origin, "me", 1)
        shutil.rmtree(fork.folder)
        if written:  # it went between the writing and the taking
            laboratory.places._take_fork(origin, origin.generation, fork.id, 1, "")
        os.kill(pid, signal.SIGCONT)
        await until(lambda fork=fork: fork.status == "failed")
        assert fork.message == UNFORKED
    laboratory.command(origin, "step")
    await until(lambda: origin.step == 2 and origin.status == "paused")


async def test_a_running_run_can_be_forked_and_a_broken_one_cannot(laboratory):
    origin = open_run(laboratory, 500)
    laboratory.command(origin, "start")
    await until(lambda: origin.step >= 20)
    at = origin.step
    fork = laboratory.fork(origin, "me", at)
    second = laboratory.fork(fork, "you", at)  # of one that waits itself
    await until(lambda: fork.status == "paused" and fork.step == at)
    assert fork.series.steps.tolist() == list(range(at + 1))
    await until(lambda: second.status == "paused" and second.step == at)
    os.kill(second.worker.pid, signal.SIGKILL)
    await until(lambda: second.status == "crashed")
    recorded = sorted(second.timeline.frames)
    assert laboratory.fork(second, "me", 5) is None
    assert (second.status, sorted(second.timeline.frames)) == ("crashed", recorded)
    laboratory.forget(second)
    assert laboratory.fork(second, "me", 5) is None


async def test_too_many_forks_push_others_out_but_not_the_run_they_come_from(laboratory):
    origin = open_run(laboratory)
    laboratory.command(origin, "step")
    await until(lambda: origin.step == 1 and origin.status == "paused")
    forks = [laboratory.fork(origin, "me", 1) for _ in range(4)]
    assert [run.id in laboratory.runs for run in (origin, *forks)] == [
        True,
        False,
        False,
        True,
        True,
    ]
    await until(lambda: forks[-1].status == "paused" and forks[-1].latest)


async def test_a_killed_worker_says_so_and_the_run_goes_on_from_its_checkpoint(laboratory):
    run = open_run(laboratory, speed=100)
    laboratory.command(run, "start")
    await until(lambda: run.step >= 5)
    laboratory.command(run, "save")
    await until(lambda: run.saved >= 5)
    saved = run.saved
    killed = time.monotonic()
    os.kill(run.worker.pid, signal.SIGKILL)
    await until(lambda: run.status == "crashed", seconds=2)
    assert time.monotonic() - killed < 2
    assert "SIGKILL" in run.message
    laboratory.command(run, "start")
    await until(lambda: run.status == "running" and run.step > saved)
    laboratory.command(run, "pause")
    await until(lambda: run.status == "paused")
    assert run.series.steps.tolist() == list(range(run.step + 1))


async def test_idle_runs_give_their_worker_up_and_come_back(laboratory):
    first, second = open_run(laboratory, 100), open_run(laboratory, 100)
    laboratory.command(first, "start")
    await until(lambda: first.step >= 3)
    laboratory.command(first, "pause")
    await until(lambda: first.status == "paused" and second.latest)
    at = first.step
    third = open_run(laboratory, 100)  # two places: the idle first or second gives way
    await until(lambda: third.latest)
    assert sum(run.worker is not None for run in (first, second, third)) == 2
    for run in (first, second):
        laboratory.command(run, "start")
    await until(lambda: first.step > at and second.step > 0)


async def test_when_all_places_are_busy_one_waits_in_line(laboratory):
    runs = [open_run(laboratory, 5, visitor) for visitor in "ab"]
    for run in runs:
        laboratory.command(run, "start")
    await until(lambda: all(run.status == "running" for run in runs))
    third, fourth = open_run(laboratory, 5, "c"), open_run(laboratory, 5, "d")
    laboratory.command(fourth, "start")
    assert (third.status, third.place, fourth.place) == ("queued", 1, 2)
    assert "room for 2 runs" in third.message
    assert "number 1 in line" in third.message
    assert (third.wanted, fourth.wanted) == (False, True)
    laboratory.command(runs[0], "pause")
    await until(lambda: third.latest)
    assert third.place == 0
    await until(lambda: fourth.status == "running")  # the idle third or first gave way
    assert not fourth.wanted


async def test_a_run_that_nobody_watches_gives_its_place_to_one_that_waits(laboratory):
    left, watched = (open_run(laboratory, 5, visitor) for visitor in "ab")
    for run in (left, watched):
        laboratory.command(run, "start")
    watched.viewers.add(Viewer())
    await until(lambda: left.step >= 1 and watched.step >= 1)
    soon = left.unwatched_since + laboratory.limits.yield_after + 1
    tidy(laboratory, soon)
    assert left.status == "running"  # nobody needs its place
    waiting = open_run(laboratory, 5, "c")
    laboratory.command(waiting, "start")
    tidy(laboratory, soon)
    await until(lambda: waiting.status == "running")
    assert (left.status, left.saved, left.worker) == ("paused", left.step, None)
    assert watched.status == "running"


async def test_a_run_keeps_its_place_while_it_goes_back_to_go_on(laboratory):
    run, other = (open_run(laboratory, 50, visitor) for visitor in "ab")
    for one in (run, other):
        laboratory.command(one, "start")
    await until(lambda: run.step >= 5 and other.step >= 1)
    waiting = open_run(laboratory, 50, "c")
    laboratory.command(run, "rewind", step=2)
    laboratory.command(run, "start")
    await until(lambda: run.status == "running" and run.step > 5)
    assert waiting.status == "queued"


async def test_a_run_keeps_the_place_that_it_has_just_got(laboratory):
    run, other = (open_run(laboratory, 50, visitor) for visitor in "ab")
    laboratory.command(other, "start")
    await until(lambda: run.status == "ready" and other.status == "running")
    laboratory.places.release(run)
    laboratory.command(run, "reset")
    open_run(laboratory, 50, "c")  # before the first has a worker
    await until(lambda: run.latest)


async def test_a_run_that_goes_on_after_a_rest_is_not_said_to_hang(laboratory):
    run = open_run(laboratory, 50, "a")
    laboratory.command(run, "start")
    await until(lambda: run.owed or run.ask())
    laboratory.command(run, "pause")
    await until(lambda: run.status == "paused")
    run.owed, run.stirred = 4, run.stirred - 100
    laboratory.command(run, "start")
    await until(lambda: run.status == "running")
    tidy(laboratory, time.monotonic())
    assert run.message != WAITING


async def test_who_leaves_the_line_is_not_wanted_and_the_others_move_up(laboratory):
    runs = [open_run(laboratory, 5, visitor) for visitor in "abcd"]
    third, fourth = runs[2:]
    for run in (*runs[:2], fourth):
        run.viewers.add(Viewer())
    for run in runs:
        laboratory.command(run, "start")
    await until(lambda: [run.status for run in runs[:2]] == ["running"] * 2)
    tidy(laboratory, third.unwatched_since + laboratory.limits.pause_after + 1)
    assert (third.status, third.wanted) == ("paused", False)
    await until(lambda: fourth.place == 1)
    assert fourth.wanted


async def test_play_begins_anew_and_starts(laboratory):
    run = open_run(laboratory, 100)
    laboratory.command(run, "start")
    await until(lambda: run.step >= 5)
    generation = run.generation
    laboratory.configure(run, "gradient_descent", SLOW, CARD, play=True)
    assert (run.step, run.generation, run.wanted) == (0, generation + 1, True)
    await until(lambda: run.status == "running" and run.step > 0)
    laboratory.command(run, "reset")
    laboratory.command(run, "start")
    laboratory.command(run, "pause")  # thinks better of it
    assert not run.wanted
    await until(lambda: run.status == "paused")


async def test_pages_opened_together_all_load(laboratory):
    runs = [open_run(laboratory, visitor=visitor) for visitor in "abcdef"]
    await until(lambda: all(run.latest and run.status == "ready" for run in runs))


async def test_a_run_without_a_worker_rewinds_and_goes_on(laboratory):
    run = open_run(laboratory, 200)
    laboratory.command(run, "start")
    await until(lambda: run.step >= 30)
    laboratory.command(run, "pause")
    await until(lambda: run.status == "paused" and run.saved == run.step)
    laboratory.places.release(run)
    laboratory.command(run, "rewind", step=8)
    laboratory.command(run, "start")
    await until(lambda: run.status == "running" and run.step > 8)
    laboratory.command(run, "pause")
    await until(lambda: run.status == "paused")
    assert run.series.steps.tolist() == list(range(run.step + 1))


async def test_single_steps_survive_the_loss_of_a_worker(laboratory):
    run = open_run(laboratory, 100)
    for step in range(1, 6):
        laboratory.command(run, "step")
        await until(lambda step=step: run.saved == run.step == step and run.status == "paused")
    laboratory.places.release(run)
    laboratory.command(run, "step")
    await until(lambda: run.step == 6)
    assert run.series.steps.tolist() == list(range(7))


async def test_single_steps_are_made_one_after_another_until_a_pause_or_reset(laboratory):
    run = open_run(laboratory, 100)
    await until(lambda: run.status == "ready" and run.latest)
    for _ in range(5):
        laboratory.command(run, "step")
    await until(lambda: run.step == 5 and not run.steps_owed)
    for _ in range(5):
        laboratory.command(run, "step")
    laboratory.command(run, "pause")
    assert run.steps_owed == 1  # the one under way
    laboratory.command(run, "save")
    await until(lambda: run.saved == run.step == 6 and not run.steps_owed)
    assert run.series.steps.tolist() == list(range(7))
    for _ in range(5):
        laboratory.command(run, "step")
    laboratory.command(run, "reset")
    await until(lambda: run.status == "ready" and run.latest)
    assert (run.step, run.steps_owed) == (0, 0)


async def test_reset_after_pause_begins_anew(laboratory):
    run = open_run(laboratory, 100)
    laboratory.command(run, "start")
    await until(lambda: run.step >= 10)
    laboratory.command(run, "pause")
    laboratory.command(run, "reset")
    await until(lambda: run.status == "ready" and run.latest)
    assert run.step == 0


async def test_an_ended_run_stays_ended(laboratory):
    run = open_run(laboratory)
    await until(lambda: run.latest)
    laboratory.command(run, "stop")
    for do in ("start", "step", "reset", "stop"):
        laboratory.command(run, do)
    assert run.status == "ended"
    assert run.reader is None


async def test_a_waiting_run_keeps_its_start_when_its_settings_change(laboratory):
    busy = [open_run(laboratory, 5, visitor) for visitor in "ab"]
    for run in busy:
        laboratory.command(run, "start")
    await until(lambda: all(run.status == "running" for run in busy))
    waiting = open_run(laboratory, 5, "c")
    laboratory.command(waiting, "start")
    laboratory.configure(waiting, "gradient_descent", SLOW.variant(surface="beale"), CARD)
    laboratory.command(busy[0], "pause")
    await until(lambda: waiting.status == "running")


async def test_no_worker_to_be_had_is_told(laboratory, monkeypatch):
    async def refuse():
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(laboratory.places.pool, "take", refuse)
    run = open_run(laboratory)
    await until(lambda: run.status == "crashed")
    assert "Cannot allocate memory" in run.message


async def test_a_visitor_has_a_bounded_number_of_runs(laboratory):
    runs = [open_run(laboratory) for _ in range(4)]
    assert runs[0].status == "ended"
    assert laboratory.find(runs[0].id) is None
    assert not runs[0].folder.exists()
    assert sum(run.visitor == "me" for run in laboratory.runs.values()) == 3


async def test_unwatched_runs_pause_are_freed_and_forgotten(laboratory):
    run = open_run(laboratory, 50)
    laboratory.command(run, "start")
    await until(lambda: run.step >= 3)
    left, limits = run.unwatched_since, laboratory.limits
    tidy(laboratory, left + limits.pause_after + 1)
    await until(lambda: run.status == "paused")
    tidy(laboratory, left + limits.free_after + 1)
    await until(lambda: run.worker is None)
    tidy(laboratory, left + limits.forget_after + 1)
    assert laboratory.find(run.id) is None


async def test_a_worker_that_hangs_is_told_until_it_goes_on(laboratory):
    run = open_run(laboratory, 50)
    laboratory.command(run, "start")
    await until(lambda: run.step >= 3)
    os.kill(run.worker.pid, signal.SIGSTOP)
    await until(lambda: run.owed or run.ask())
    tidy(laboratory, run.stirred + 31)
    assert run.status == "running"
    assert "worker hangs" in run.message
    os.kill(run.worker.pid, signal.SIGCONT)
    await until(lambda: not run.message)
    hung = run.worker.pid
    os.kill(hung, signal.SIGSTOP)
    await until(lambda: run.owed or run.ask())
    tidy(laboratory, run.stirred + 31)
    laboratory.command(run, "reset")
    await until(lambda: run.status == "ready" and run.worker.pid != hung)
    await until(lambda: not psutil.pid_exists(hung))


async def test_a_worker_that_hangs_while_it_loads_is_told_and_ended(laboratory):
    run = open_run(laboratory)
    await until(lambda: run.status == "ready")
    hung = run.worker.pid
    os.kill(hung, signal.SIGSTOP)
    laboratory.command(run, "reset")
    tidy(laboratory, run.stirred + 31)
    assert (run.status, run.message) == ("loading", WAITING)
    laboratory.command(run, "reset")
    await until(lambda: run.status == "ready" and run.worker.pid != hung)


async def test_a_run_whose_folder_goes_is_saved_again(laboratory):
    run = open_run(laboratory)
    await until(lambda: run.status == "ready")
    shutil.rmtree(run.folder)
    run.folder.write_text("in the way")
    laboratory.command(run, "step")
    await until(lambda: run.status == "paused" and run.message == UNSAVED)
    assert (run.step, run.saved) == (1, 0)
    run.folder.unlink()
    laboratory.command(run, "step")
    await until(lambda: run.saved == 2)
    await until(lambda: not run.message)


async def test_too_much_memory_ends_the_worker_with_a_sentence():
    async with Laboratory(Limits(workers=1, spare=0, megabytes=10)) as laboratory:
        run = open_run(laboratory)
        await until(lambda: run.worker)
        await until(lambda: run.status == "failed")
        assert "10 MB" in run.message


async def test_bad_settings_fail_with_their_sentence(laboratory):
    config = SLOW.variant(surface="own", expression="x**2 + y**2")
    run = laboratory.open("me", "gradient_descent", config, None, CARD)
    await until(lambda: run.latest)
    missing = "cuda" if not __import__("torch").cuda.is_available() else "mps"
    laboratory.configure(run, "gradient_descent", SLOW.variant(device=missing), CARD)
    await until(lambda: run.status == "failed")
    assert f"no {missing} device" in run.message
    laboratory.configure(run, "gradient_descent", SLOW, CARD)
    await until(lambda: run.status == "ready")


async def test_watch_ids_do_not_steer_and_ids_cannot_be_guessed(laboratory):
    run = open_run(laboratory)
    assert laboratory.find(run.id) == (run, True)
    assert laboratory.find(run.watch_id) == (run, False)
    assert laboratory.find("") is None
    assert len(run.id) == len(run.watch_id) == 32
    assert run.id not in run.watch_id


@pytest.mark.parametrize("how", ["closed", "killed"])
async def test_no_process_is_left(how, tmp_path):
    laboratory = Laboratory(Limits(workers=2, spare=1))
    async with laboratory:
        (spare,) = laboratory.places.pool._spare
        run = open_run(laboratory)
        await until(lambda: run.latest)
        assert run.worker is await spare  # that which was there already
        children = psutil.Process().children(recursive=True)
        assert children
        if how == "killed":  # as when the server is: the pipe ends
            run.worker._process.stdin.close()
            await until(lambda: run.worker is None)
    _, alive = psutil.wait_procs(children, timeout=5)
    assert not alive
    assert not laboratory.folder.exists()
