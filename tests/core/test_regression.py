"""F1: least squares reached by walking, and a curve learnt down to the noise."""

import io
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.neighbors import KNeighborsRegressor
from torch.nn.functional import mse_loss

from core.config import generator
from core.data.batches import Epochs
from core.data.tables import keep_table
from core.experiments.foundations.regression_curve import MEMBERS, RegressionCurve
from core.experiments.foundations.regression_line import RegressionLine, bowl, least_squares
from core.nets.ensemble import member
from core.nets.mlp import mlp
from core.regression.data import Pairs, noisy_curve, spread
from core.regression.noise import Neighbours


@pytest.fixture(autouse=True)
def uploads(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("GLASSBOX_UPLOADS", str(tmp_path / "uploads"))
    return tmp_path / "uploads"


def drain(experiment):
    while experiment.step():
        pass
    return experiment


@pytest.mark.parametrize("settings", [{}, {"seed": 1, "slope": -1.0, "intercept": 1.0}])
def test_the_line_comes_within_two_per_cent_of_least_squares(settings):
    line = drain(RegressionLine(RegressionLine.Config(**settings)))
    x, y = line.train.x[:, 0].numpy(), line.train.y[:, 0].numpy()
    slope, intercept = np.polyfit(x, y, 1)
    now = line.initial()
    assert now["slope"] == pytest.approx(slope, rel=0.02)
    assert now["intercept"] == pytest.approx(intercept, rel=0.02)
    assert now["distance"] < 0.02
    x, y = line.validation.x[:, 0].numpy(), line.validation.y[:, 0].numpy()
    best = np.square(slope * x + intercept - y).mean()
    assert now["validation_loss"] == pytest.approx(best, rel=0.02)


def test_least_squares_is_numpys_and_the_lowest_point_of_the_bowl():
    line = RegressionLine(RegressionLine.SMOKE)
    x, y = line.train.x, line.train.y
    expected = np.polyfit(x[:, 0].numpy(), y[:, 0].numpy(), 1)
    np.testing.assert_allclose(least_squares(x, y), expected, rtol=1e-5)
    half = torch.tensor([0.8, 0.8])
    heights = bowl(line.train, line.best - half, line.best + half)
    assert heights.argmin() == heights.numel() // 2
    np.testing.assert_allclose(heights.min(), line.floor, rtol=1e-5)
    slope, intercept = line.best - half * torch.tensor([1.0, -1.0])
    np.testing.assert_allclose(heights[-1, 0], mse_loss(slope * x + intercept, y), rtol=1e-5)


def test_an_epoch_serves_every_point_once():
    points = torch.arange(50.0)[:, None]
    sizes, seen = [], []
    for x, y in Pairs(points, 2 * points).batches(16, generator(0)):
        assert torch.equal(y, 2 * x)
        sizes.append(len(x))
        seen += x.flatten().tolist()
    assert sizes == [16, 16, 16, 2]
    assert sorted(seen) == points.flatten().tolist() != seen


def test_long_epochs_take_several_steps_and_serve_every_point_once_too():
    whole, parts = Epochs(1000, [generator(0)]), Epochs(1000, [generator(0)])
    heavy = 100_000  # weights: 12 batches of 64 a step
    assert (whole.steps(3, 64, 1), parts.steps(3, 64, heavy)) == (3, 6)
    for epoch in (1, 2):
        once = torch.cat(whole.take(64, 1))
        steps = [torch.cat(parts.take(64, heavy)) for _ in range(2)]
        assert torch.equal(torch.cat(steps), once)
        assert [len(step) for step in steps] == [768, 232]
        assert sorted(once.flatten().tolist()) == list(range(1000))
        assert parts.done == epoch


def test_a_lower_rate_ends_the_trembling_of_small_batches():
    line = RegressionLine(RegressionLine.Config(batch_size="16"))
    for _ in range(30):
        line.step()
    trembling = [line.step()["distance"] for _ in range(15)]
    line.config = line.config.variant(learning_rate=1e-4)
    for _ in range(40):
        line.step()
    calm = [line.step()["distance"] for _ in range(15)]
    assert max(calm) < 0.01 < max(trembling)


def test_a_line_that_is_zero_everywhere_is_no_division_by_zero():
    line = RegressionLine(RegressionLine.Config(slope=0, intercept=0, noise=0, points=20, epochs=3))
    assert all(np.isfinite(value) for value in drain(line).initial().values())


def test_the_noise_is_that_of_sklearns_neighbours_and_near_the_truth():
    table = noisy_curve(1000, 0.4, generator(3))
    neighbours = Neighbours(table.x_train, table.y_train)
    peer = KNeighborsRegressor(neighbours.k).fit(table.x_train, table.y_train)
    left = np.square(table.y_val.numpy() - peer.predict(table.x_val.numpy())).mean()
    noise = neighbours.noise_variance(table.x_val, table.y_val)
    assert noise == pytest.approx(left * neighbours.k / (neighbours.k + 1), rel=1e-9)
    assert noise == pytest.approx(float(spread(table.x_val, 0.4).square().mean()), rel=0.1)
    places = torch.tensor([[-3.5], [-2.0], [2.0], [3.5]], dtype=torch.float64)
    along = neighbours.noise_along(places)
    assert along.isnan().tolist() == [True, False, False, True]
    np.testing.assert_allclose(along[1:3], spread(places, 0.4)[1:3, 0], rtol=0.25)


def test_no_point_is_its_own_neighbour_where_x_repeats():
    places = torch.arange(10.0).double()[:, None]
    x, y = places.repeat_interleave(2, 0), torch.tensor([-1.0, 1.0]).double().repeat(10)
    along = Neighbours(x, y).noise_along(places)
    np.testing.assert_allclose(along, 2**0.5)  # each differs by 2 from the other of its pair


@pytest.mark.parametrize("settings", [{}, {"seed": 4, "activation": "tanh"}])
def test_the_curve_comes_within_five_per_cent_of_the_noise(settings):
    run = drain(RegressionCurve(RegressionCurve.Config(**settings)))
    now = run.initial()
    assert 0.95 < now["validation_loss"] / now["noise"] < 1.05
    assert f"5 of {MEMBERS} nets" in run.words()
    spread_of = run.picture()["spread"]
    assert np.median(spread_of[:15]) > 3 * np.median(spread_of[40:160])  # where data are not


def test_each_network_is_as_if_trained_alone():
    run = RegressionCurve(RegressionCurve.Config(batch_size="64"))
    for _ in range(3):
        run.step()
    for k in (0, MEMBERS - 1):
        source = generator(run.config.seed + 1 + k)
        net = mlp((1, 10, 10, 1), source)
        optimiser = torch.optim.AdamW(net.parameters(), run.config.learning_rate)
        for _ in range(3):
            for rows in torch.randperm(len(run.x), generator=source).split(64):
                optimiser.zero_grad()
                mse_loss(net(run.x[rows]), run.y[rows]).backward()
                optimiser.step()
        for a, b in zip(net.parameters(), member(run.net, k).parameters(), strict=True):
            torch.testing.assert_close(a, b, rtol=1e-3, atol=1e-4)


def own(scale: float = 1.0, shift: float = 0.0, away: float = 0.0) -> str:
    """The key of a table of one's own, with seven places to predict at."""
    made = noisy_curve(200, 0.2, generator(5))
    stream = io.BytesIO()
    np.savez(
        stream,
        x_train=made.x_train * scale + shift,
        y_train=made.y_train * scale + shift,
        x_val=made.x_val * scale + shift + away,
        y_val=made.y_val * scale + shift,
        x_test=np.linspace(-2, 2, 7) * scale + shift,
    )
    return keep_table(stream.getvalue(), "own.npz", 1)


def test_predictions_are_in_the_units_of_ones_own_data():
    runs = [
        drain(RegressionCurve(RegressionCurve.Config(data=key, epochs=100)))
        for key in (own(), own(scale=1000.0, shift=50.0))
    ]
    assert runs[0].provenance()["data"] == "200 own points and 200 for validation"
    assert "truth" not in runs[0].backdrop()
    small, large = (
        np.genfromtxt(io.BytesIO(run.file("predictions.csv")), delimiter=",", names=True)
        for run in runs
    )
    assert len(small) == 7
    np.testing.assert_allclose(large["x"], 1000 * small["x"] + 50)
    np.testing.assert_allclose(large["mean"], 1000 * small["mean"] + 50, rtol=0.01, atol=10)
    np.testing.assert_allclose(small["net_2"], runs[0].predict(runs[0].table.x_test)[1])
    assert runs[1].floor == pytest.approx(1e6 * runs[0].floor)
    with pytest.raises(KeyError):
        runs[0].file("../checkpoint.safetensors")


def test_validation_far_from_training_is_warned_of():
    run = RegressionCurve(RegressionCurve.Config(data=own(away=1e8), epochs=5))
    run.step()
    assert "over 1,000 times the noise" in run.words()
    assert "more than 100 standard deviations" in run.words()
    assert run.picture()["noise_share"].max() <= 10
    assert "deviations" not in RegressionCurve(RegressionCurve.Config(data=own())).words()


def test_without_test_rows_the_curve_itself_is_the_file():
    run = RegressionCurve(RegressionCurve.SMOKE)
    lines = run.file("predictions.csv").decode().splitlines()
    assert lines[0] == "x,mean,spread,net_1,net_2,net_3,net_4,net_5"
    assert len(lines) == 1 + len(run.places)


def test_what_diverges_stops_and_says_so():
    run = RegressionCurve(RegressionCurve.SMOKE)
    with torch.no_grad():
        run.net[0].weight.mul_(1e38)
        run.net[2].weight.mul_(1e38)
    assert run.step() is not None
    assert run.step() is None
    assert "Diverged at step 1" in run.words()
    assert not any(np.isinf(a).any() for a in run.picture().values() if a.dtype.kind == "f")


def test_dead_units_are_told():
    run = RegressionCurve(RegressionCurve.SMOKE)
    with torch.no_grad():
        run.net[0].bias.sub_(100)
    run.step()
    assert run.dead >= 20  # the whole first layer
    assert f" {run.dead} of 40 units are dead" in run.words()
    twin = RegressionCurve(RegressionCurve.SMOKE)
    twin.load_state_dict(run.state_dict())
    assert twin.words() == run.words()
    assert "dead" not in RegressionCurve(RegressionCurve.Config(activation="tanh")).words()
