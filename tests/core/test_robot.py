"""Push-T against its recordings and against plain geometry; the policy that plans on it."""

import math
import os
from pathlib import Path

import numpy as np
import pytest
import torch
import zarr

from core import checkpoints
from core.config import ConfigError, generator
from core.data import demonstrations
from core.data.demonstrations import keep_demonstrations, split, windows
from core.diffusion.ddpm import predict_xstart
from core.experiments.generative.policy_rollout import PLANS, PolicyRollout
from core.experiments.generative.policy_training import PolicyTraining
from core.nets.action_unet import ActionUNet
from core.robot import board, push_t
from core.robot import measure as measured
from core.robot import record as recorded
from core.robot.board import GOAL, coverage, mirror, mirror_pose, normalise, observe, to_pixels
from core.robot.policy import HORIZON, Policy, seen
from core.robot.push_t import at_rest, starts, step
from core.robot.record import record
from core.robot.rollouts import roll_out

CPU = torch.device("cpu")
DATA = Path(os.environ.get("GLASSBOX_DATA", "/none"), demonstrations.PUBLIC)
# How far, in pixels over the whole way, block and pusher may be from where they were, and the
# coverage at the end. What ships is rounded, and pushes magnify that; the public ones may not ship.
RECORDED = {"rollouts": (16.0, 0.5, 0.1)}
if DATA.is_file():
    RECORDED["public"] = (1.0, 1e-3, 0.01)


@pytest.fixture(scope="module")
def policy() -> Policy:
    return Policy.of(checkpoints.shipped("policy"), CPU)


def test_coverage_is_the_share_of_points_in_both():
    def inside(x, y, pose):
        cos, sin = math.cos(pose[2]), math.sin(pose[2])
        u, v = cos * (x - pose[0]) + sin * (y - pose[1]), cos * (y - pose[1]) - sin * (x - pose[0])
        return (abs(u) <= 60) & (v >= 0) & (v <= 30) | (abs(u) <= 15) & (v >= 30) & (v <= 120)

    x, y = np.meshgrid(np.arange(0, 512, 0.5), np.arange(0, 512, 0.5))
    goal = inside(x, y, GOAL)
    source = np.random.default_rng(0)
    for pose in source.uniform((180, 180, 0), (330, 330, 2 * np.pi), (12, 3)).tolist():
        both = (goal & inside(x, y, pose)).sum() / goal.sum()
        assert coverage(*pose) == pytest.approx(both, abs=2e-3)
    assert coverage(*GOAL) == pytest.approx(1)
    assert coverage(60, 60, 0) == 0


def test_corners_are_the_boxes():
    pose = np.array([[0, 0, 200, 100, 0.7]])
    cornered = board.corners(pose)[0]
    for box in (board.BAR, board.STEM):
        for corner in board.placed(box, 200, 100, 0.7):
            assert np.abs(cornered - corner).sum(axis=1).min() < 1e-9
    assert observe(pose).shape == (1, board.OBSERVED)


def test_normalising_is_undone():
    pixels = torch.tensor([0.0, 256, 512])
    assert normalise(pixels).tolist() == [-1, 0, 1]
    torch.testing.assert_close(to_pixels(normalise(pixels)), pixels)


def test_the_mirrored_task_is_the_same_task():
    """The goal covered alike, and pushed alike where no wall is met: those are a pixel off."""
    for state in starts(4, 5):
        mirrored = mirror_pose(state[:5])
        assert coverage(*mirrored[2:]) == pytest.approx(coverage(*state[2:5]))
        np.testing.assert_allclose(mirror_pose(mirrored), state[:5])
        outline = mirror(board.corners(state[:5]))
        for corner in board.corners(mirrored):
            assert np.abs(outline - corner).sum(axis=1).min() < 1e-9
    state = at_rest(np.array([200.0, 200, 260, 260, 1]))
    other = at_rest(mirror_pose(state[:5]))
    for _ in range(8):
        state = step(state, np.array([300.0, 330]))
        other = step(other, mirror(np.array([300.0, 330])))
    assert abs(state[4] - 1) > 0.1  # it was turned
    np.testing.assert_allclose(mirror_pose(other[:5]), state[:5], atol=1e-6)


def test_the_pusher_obeys_its_control_law():
    """Semi-implicit Euler of ẍ = 100 (target − x) − 20 ẋ, which never overshoots."""
    state = at_rest(np.array([100.0, 100, 400, 400, 0]))
    x, v, target = np.array([100.0, 100]), np.zeros(2), np.array([180.0, 60])
    for _ in range(5):
        state = step(state, target)
        for _ in range(10):
            v = v + (100 * (target - x) - 20 * v) / 100
            x = x + v / 100
    np.testing.assert_allclose(state[:2], x)
    np.testing.assert_allclose(state[5:7], v)
    assert 170 < x[0] < 180


def test_nothing_moves_by_itself_and_what_is_pushed_goes_with_the_push():
    start = at_rest(np.array([100.0, 256, 300, 200, 0]))
    state = start
    for _ in range(10):
        state = step(state, start[:2])
    np.testing.assert_array_equal(state, start)  # at rest, and no energy from nothing

    middle = 200 + (15 + 75) / 2  # the height of the T's centre of gravity
    state = at_rest(np.array([200.0, middle + 30, 300, 200, 0]))
    moved = []
    for _ in range(12):
        state = step(state, np.array([290.0, middle + 30]))  # towards the stem, from its left
        moved.append(state[2:5])
    gone = np.array(moved[-1]) - (300, 200, 0)
    assert gone[0] > 5  # to the right
    assert gone[2] < -0.05  # and turned, for the push was below the centre of gravity
    for _ in range(10):
        state = step(state, np.array([100.0, middle]))  # let go
    rest = state
    for _ in range(10):
        state = step(state, np.array([100.0, middle]))
    np.testing.assert_allclose(state[2:5], rest[2:5], atol=1e-9)
    np.testing.assert_allclose(state[7:], 0, atol=1e-9)  # a block that nobody pushes has no speed


def test_a_space_made_anew_each_tick_pushes_as_one_that_is_kept():
    """What a contact remembers from tick to tick is worth less than a pixel."""
    source = np.random.default_rng(3)
    for state in starts(3, 8):
        kept = push_t._board(state)
        for target in np.repeat(source.uniform(100, 400, (6, 2)), 10, axis=0):
            state = step(state, target)
            for _ in range(10):
                pull = 100 * (target - kept.pusher.position) - 20 * np.array(kept.pusher.velocity)
                kept.pusher.velocity += tuple(pull / 100)
                kept.space.step(1 / 100)
        np.testing.assert_allclose(state[:5], push_t._read(kept)[:5], atol=1.5)


@pytest.mark.parametrize("name", RECORDED)
def test_recorded_actions_move_the_block_as_they_did(name):
    block, pusher, covered = RECORDED[name]
    made = demonstrations.load(name)
    for one in made[:8]:
        state = at_rest(one.poses[0])
        path = [state[:5]]
        for target in one.targets[:-1]:
            state = step(state, target)
            path.append(state[:5])
        made_here, recorded = np.array(path), one.poses
        assert np.hypot(*(made_here - recorded)[:, 2:4].T).max() < block
        assert np.hypot(*(made_here - recorded)[:, :2].T).max() < pusher
        assert abs(coverage(*state[2:5]) - coverage(*recorded[-1, 2:])) < covered
    if name != "public":
        return
    assert len(made) == 206
    assert sum(len(one.targets) for one in made) == 25_650
    keypoints, first = np.load(DATA)["keypoint"], 0
    for one in made[:8]:  # their keypoints are fixed to our T
        turn, last = one.poses[:, 4], first + len(one.targets)
        away = keypoints[first:last] - one.poses[:, None, 2:4]
        x = np.cos(turn)[:, None] * away[..., 0] + np.sin(turn)[:, None] * away[..., 1]
        assert x.std(axis=0).max() < 0.1
        first = last


def test_a_target_out_of_reach_or_of_no_number_does_no_harm():
    state = at_rest(np.array([256.0, 100, 256, 300, 0]))
    np.testing.assert_array_equal(step(state, np.array([math.nan, math.nan])), state)
    for _ in range(5):
        state = step(state, np.array([math.inf, -1e300]))
    assert np.isfinite(state).all()
    assert state[0] > 1_000
    assert state[1] < -1_000


def test_a_training_that_diverges_says_so_and_still_tries():
    run = PolicyTraining(PolicyTraining.SMOKE)
    with torch.no_grad():
        for parameter in [*run.net.parameters(), *run.averaged.parameters()]:
            parameter.fill_(math.nan)
    while run.step() is not None:
        pass
    assert "diverged" in run.words()
    assert not np.isinf(run.picture()["plans0"]).any()


def test_starts_are_spread_and_off_the_board_is_refused():
    made = starts(50, 1)
    np.testing.assert_array_equal(made, starts(50, 1))
    assert made[:, :2].min() >= 50
    assert made[:, 2:4].max() <= 400
    for pose in ([600.0, 100, 200, 200, 0], [100.0, 100, math.nan, 200, 0]):
        with pytest.raises(ConfigError, match="start on the board"):
            at_rest(np.array(pose))


def example(steps: tuple[int, ...] = (5, 3) + (4,) * 10) -> dict[str, np.ndarray]:
    """Demonstrations with steps that can be told apart."""
    total = sum(steps)
    state = np.arange(total)[:, None] + np.array([0.0, 100, 200, 300, 0])
    action = np.arange(total)[:, None] + np.array([50.0, 150])
    return {"state": state, "action": action, "episode_ends": np.cumsum(steps)}


def packed(tmp_path: Path, **arrays: np.ndarray) -> bytes:
    np.savez(tmp_path / "some.npz", **arrays)
    return (tmp_path / "some.npz").read_bytes()


def test_windows_hold_what_was_seen_and_what_was_then_done(tmp_path):
    made = demonstrations.load(keep_demonstrations(packed(tmp_path, **example()), "some.npz"))
    assert [len(one.targets) for one in made[:3]] == [5, 3, 4]
    some = windows(made[:2], 4)
    assert some.observed.shape == (8, 2 * board.OBSERVED)
    assert some.actions.shape == (8, 4, 2)
    pusher = to_pixels(some.observed[:, [0, board.OBSERVED]])  # its x before and now
    assert pusher.round().tolist()[:2] == [[0, 0], [0, 1]]
    assert pusher.round().tolist()[5:7] == [[5, 5], [5, 6]]  # the second begins anew
    ahead = to_pixels(some.actions)[..., 0].round().tolist()
    assert ahead[0] == [50, 51, 52, 53]
    assert ahead[3] == [53, 54, 54, 54]  # the last action is repeated
    both = windows(made[:2], 4, mirrored=True)
    assert len(both) == 16
    torch.testing.assert_close(both.actions[:5], some.actions[:5])
    flipped = torch.from_numpy(mirror(to_pixels(some.actions[:5]).double().numpy())).float()
    torch.testing.assert_close(to_pixels(both.actions[5:10]), flipped)
    learnt, held_out = split(made)
    assert len(learnt) + len(held_out) == len(made)
    assert not {id(one) for one in learnt} & {id(one) for one in held_out}


@pytest.mark.parametrize(
    ("change", "cure"),
    [
        ({"action": None}, "no array “action”"),
        ({"state": np.zeros((48, 4))}, "make them steps × 5"),
        ({"action": np.zeros((47, 2))}, "make them steps × 5"),
        ({"episode_ends": np.array([20, 48])}, "from 10 to 1,000 whole numbers"),
        ({"episode_ends": np.arange(1, 13) * 4 + 2}, "the last of them 48"),
        ({"episode_ends": np.array([4, 3, *range(12, 52, 4)])}, "keep those of 2 to 2,000"),
        ({"state": np.full((48, 5), 9e3)}, "off the board"),
        ({"state": np.full((48, 5), np.nan)}, "NaN or infinity"),
    ],
)
def test_demonstrations_that_cannot_be_used_are_refused(tmp_path, change, cure):
    arrays = {name: a for name, a in (example() | change).items() if a is not None}
    with pytest.raises(ConfigError, match=cure):
        keep_demonstrations(packed(tmp_path, **arrays), "some.npz")


def test_the_public_set_is_read_from_its_folder_or_fetched_once(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("GLASSBOX_DATA", raising=False)
    archive = tmp_path / "pusht.zip"
    monkeypatch.setattr(demonstrations, "URL", archive.as_uri())
    with pytest.raises(ConfigError, match="take the shipped rollouts"):
        demonstrations.load("public")  # there is nothing to fetch
    archive.write_bytes(b"no archive")
    with pytest.raises(ConfigError, match="take the shipped rollouts"):
        demonstrations.load("public")
    archive.unlink()
    with zarr.storage.ZipStore(archive, mode="w") as store:
        for name, place in demonstrations.ARRAYS.items():
            zarr.create_array(
                store, name=f"{demonstrations.GROUP}/{place}", data=example()[name], zarr_format=2
            )
    assert len(demonstrations.load("public")) == 12
    archive.unlink()
    made = demonstrations.load("public")  # from the cache
    np.testing.assert_array_equal(made[0].targets, example()["action"][:5])
    monkeypatch.setenv("GLASSBOX_DATA", str(tmp_path))
    (tmp_path / demonstrations.PUBLIC).parent.mkdir(parents=True)
    (tmp_path / demonstrations.PUBLIC).write_bytes(packed(tmp_path, **example()))
    (tmp_path / "cache" / "glassbox" / demonstrations.PUBLIC.name).unlink()
    assert len(demonstrations.load("public")) == 12


def test_what_ships_is_good_and_says_whose_it_is():
    made = demonstrations.load("rollouts")
    assert len(made) >= 50
    best = [max(coverage(*pose[2:]) for pose in one.poses[-3:].tolist()) for one in made[:20]]
    assert min(best) > 0.7
    assert "shipped policy" in demonstrations.source("rollouts")


def test_a_net_hears_what_was_observed_and_how_noisy_it_is():
    net = ActionUNet(36, 16, generator(0))
    same = ActionUNet(36, 16, generator(0))
    plans = torch.randn(3, HORIZON, 2, generator=generator(1))
    t, observed = torch.tensor([0, 50, 99]), torch.randn(3, 36, generator=generator(2))
    with torch.no_grad():
        noise = net(plans, t, observed)
        torch.testing.assert_close(same(plans, t, observed), noise)
        assert noise.shape == plans.shape
        assert not torch.allclose(net(plans, t, observed + 1), noise, atol=1e-3)
        assert not torch.allclose(net(plans, t.flip(0), observed)[0], noise[0], atol=1e-3)
        assert net(plans[:, :6], t, observed).shape == (3, 6, 2)
    again = ActionUNet.of(net.state_dict())
    torch.testing.assert_close(again(plans, t, observed), noise)


def test_plans_alone_are_plans_in_a_batch_and_chance_is_in_the_start(policy):
    poses = starts(5, 1)[:, :5]
    observed = seen(poses, poses)
    noise = torch.randn(5, HORIZON, 2, generator=generator(0))
    together = policy.plan(noise, observed, 4)
    assert together.shape == (5, HORIZON, 2)
    torch.testing.assert_close(policy.plan(noise[2:3], observed[2:3], 4), together[2:3])
    torch.testing.assert_close(policy.plan(noise, observed, 4), together, rtol=0, atol=0)
    other = torch.randn(5, HORIZON, 2, generator=generator(1))
    assert not torch.allclose(policy.plan(other, observed, 4), together, atol=1e-3)
    assert together.abs().max() <= 1 + 1e-5


def test_kept_plans_stay_on_the_board_and_others_as_they_are(policy):
    plans, observed = torch.randn(4, HORIZON, 2, generator=generator(0)), torch.zeros(4, 36)
    for t in (99, 50, 0):
        kept, free = (policy.eps(plans, t, observed, kept=kept) for kept in (True, False))
        ends = predict_xstart(policy.schedule, plans, kept, t)
        assert ends.abs().max() < 1 + 1e-3
        inside = predict_xstart(policy.schedule, plans, free, t).abs() <= 1
        torch.testing.assert_close(kept[inside], free[inside], rtol=1e-3, atol=1e-3)


def test_the_shipped_policy_does_what_it_was_shown_and_that_can_be_learnt_from(policy):
    noted = checkpoints.about("policy")["figures"]
    assert noted["coverage"] >= 0.8
    arrays = record(policy, boards=5, ticks=250)
    ends = arrays["episode_ends"]
    assert len(ends) >= 3  # of five, that covered 85 % of the goal; pushes are chaotic
    assert arrays["state"].dtype == np.float16
    assert len(arrays["state"]) == len(arrays["action"]) == ends[-1]
    last = arrays["state"][ends - 1].astype(float)
    assert all(coverage(*pose[2:]) > 0.7 for pose in last.tolist())
    leaps = np.hypot(*np.diff(arrays["action"][: ends[0]].astype(float), axis=0).T)
    assert np.median(leaps) < 15  # pixels in a tenth of a second: smooth


def test_a_rollout_stops_when_it_is_done(policy):
    state = at_rest(np.array([100.0, 100, *GOAL]))[None]
    made = roll_out(policy, np.repeat(state, 2, axis=0), generator(0), ticks=3)
    assert made.ticks.tolist() == [1, 1]


def test_a_step_denoises_or_acts_and_chunks_are_as_long_as_set():
    run = PolicyRollout(PolicyRollout.Config(planning_steps=5, chunk=3, seconds=3))
    assert run.picture()["plans"].shape == (PLANS - 1, HORIZON, 2)
    ticks = []
    for _ in range(16):
        run.step()
        ticks.append(int(run.counts[3]))
    assert ticks == [0] * 5 + [1, 2, 3] + [3] * 5 + [4, 5, 6]
    run.config = run.config.variant(chunk=5)
    for _ in range(2):
        run.step()
    assert int(run.counts[3]) == 8  # the plan goes on
    run.step()
    assert run.counts.tolist() == [5, 1, 0, 8]
    assert run.t == 75


def test_a_hand_takes_over_and_gives_back():
    run = PolicyRollout(PolicyRollout.Config(planning_steps=2, seconds=5))
    run.step()
    run.config = run.config.variant(hand=True, to_x=60.0, to_y=60.0)
    for _ in range(15):
        run.step()
    np.testing.assert_allclose(run.state[:2], [60, 60], atol=1)
    assert np.isnan(run.picture()["plan"]).all()
    assert "Your hand" in run.words()
    run.config = run.config.variant(hand=False)
    run.step()
    assert run.counts.tolist() == [2, 1, 0, 15]


def test_plans_that_are_not_kept_take_the_pusher_off_the_board():
    run = PolicyRollout(PolicyRollout.Config(kept=False, seconds=3))
    while run.step() is not None:
        pass
    assert float((run.state[:2] - 256).abs().max()) > 512
    assert "at best" in run.words()
    before = PolicyRollout(PolicyRollout.Config(kept=False))
    for _ in range(18):
        before.step()
    assert "off the board" in before.words()


def test_weights_that_are_no_policys_are_refused(tmp_path, monkeypatch):
    with pytest.raises(ConfigError, match="not known here"):
        PolicyRollout.Config.parse({"weights": "other"})
    with pytest.raises(ConfigError, match="not those of a robot's policy"):
        Policy.of(checkpoints.shipped("vae"), CPU)
    with pytest.raises(ConfigError, match="no longer here"):
        PolicyRollout(PolicyRollout.Config(weights="0" * 32))


def test_it_learns_and_a_run_of_it_can_push(tmp_path, monkeypatch):
    config = PolicyTraining.Config(
        share=0.2, width=16, steps=100, batch_size=64, evaluate_every=100, try_every=100, trial=1
    )
    run = PolicyTraining(config)
    start = run.scalars()["validation_loss"]
    while (scalars := run.step()) is not None:
        last = scalars
    assert start > 0.9
    assert last["validation_loss"] < 0.5
    assert 0 <= last["coverage"] <= 1
    pushed = Policy.of(run.state_dict(), CPU)
    torch.testing.assert_close(
        pushed.plan(run.shown_noise[:1], run.shown.observed[:1], 10),
        run.policy.plan(run.shown_noise[:1], run.shown.observed[:1], 10),
    )


def test_figures_are_of_other_starts_than_those_learnt_from():
    ours = starts(measured.BOARDS, measured.SEED)
    theirs = starts(recorded.BOARDS, recorded.SEED)
    assert np.abs(ours[:, None] - theirs[None]).max(axis=2).min() > 1
