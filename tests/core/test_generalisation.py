"""What the fits of the curve do beyond the contract: each net as it would be alone, and reach."""

import math

import numpy as np
import pytest
import torch
from torch.nn.functional import mse_loss
from torch.utils.data import DataLoader, TensorDataset

from core.config import ConfigError, generator
from core.experiments import find
from core.experiments.foundations.generalisation import draw
from core.fits import fits
from core.nets.mlp import mlp

Generalisation = find("generalisation")
Memorising = find("memorising")


def drain(experiment) -> list:
    return list(iter(experiment.step, None))


def alone(config, n: int, k: int) -> tuple[torch.nn.Sequential, list[float]]:
    """Net k as anybody would train it in plain PyTorch, and its loss in each epoch of all."""
    source = generator(k)
    x, y = draw(n, config.noise, source)
    data = TensorDataset(math.sqrt(12) * (x[:, None] - 0.5), y[:, None])
    net = mlp((1, *[config.width] * config.layers, 1), source)
    per_epoch = math.ceil(config.largest / config.batch_size)
    total = config.epochs * per_epoch
    optimizer = torch.optim.SGD(net.parameters(), config.learning_rate, momentum=0.9)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, total)
    losses: list[float] = []
    while len(losses) < total:
        order = torch.randperm(n, generator=source).tolist()
        for inputs, labels in DataLoader(data, config.batch_size, sampler=order):
            if len(losses) == total:
                break
            loss = mse_loss(net(inputs), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            losses.append(float(loss.detach()))
    return net, losses


@pytest.mark.parametrize("in_cache", [fits.IN_CACHE, 1200])
def test_each_net_is_the_one_it_would_be_alone(monkeypatch, in_cache):
    monkeypatch.setattr(fits, "IN_CACHE", in_cache)
    config = Generalisation.Config(
        width=16, epochs=3, sizes=3, trials=2, largest=100, batch_size=16, noise=0.1
    )
    experiment = Generalisation(config)
    drain(experiment)
    assert experiment.sizes.tolist() == [10, 32, 100]
    assert len(experiment.fits.groups) == (1 if in_cache > 1200 else 3)
    for k in range(6):
        net, losses = alone(config, int(experiment.sizes[k // 2]), k)
        mine = experiment.fits.member(k).state_dict()
        for name, weights in net.state_dict().items():
            torch.testing.assert_close(mine[name], weights, rtol=1e-4, atol=1e-5)
        if k < 4:  # all batches of these are equally large
            assert float(experiment.mse[k]) == pytest.approx(np.mean(losses[-7:]), rel=1e-4)


def test_every_point_is_seen_once_in_a_pass():
    (group,) = Generalisation(Generalisation.SMOKE).fits.groups
    for first in (0, 3, 6):  # the largest set, 40 points, makes 3 batches of 16
        drawn = [group.draw(step) for step in range(first, first + 3)]
        for k, n in ((5, 40), (4, 40)):
            seen = torch.cat([rows[k][there[k]] for rows, there in drawn])
            assert sorted(seen.tolist()) == list(range(n))
        rows, there = drawn[0]
        assert rows[0][there[0]].tolist() == list(range(10))  # fewer than a batch: all of them


@pytest.fixture(scope="module")
def learnt():
    """A run of nine nets that is over."""
    config = Generalisation.Config(sizes=3, trials=3, epochs=300, learning_rate=0.02)
    experiment = Generalisation(config)
    return experiment, drain(experiment)


def test_reach_of_a_small_run(learnt):
    """Nine nets; the module of the experiment names the command for all hundred."""
    experiment, rows = learnt
    for k, (x, y) in enumerate(experiment.data):
        with torch.no_grad():
            train = mse_loss(
                experiment.fits.member(k)(experiment.config.scale(x)[:, None]), y[:, None]
            )
        assert float(train) < 0.2
        assert float(train) == pytest.approx(float(experiment.mse[k]), abs=0.02)
    picture = experiment.picture()
    small, middle, large = picture["delta_in"]
    assert small > 1.3 * middle > 1.3 * large
    assert picture["delta_out"][-1] > 1.5 * large
    assert rows[-1]["delta_out"] > rows[-1]["delta_in"] > rows[-1]["train"]
    assert "below 0.2 for every single net" in experiment.words()


def test_errors_are_those_of_the_nets(learnt):
    experiment, _ = learnt
    net = experiment.fits.member(8)
    x = torch.linspace(0, 1.5, 301)
    with torch.no_grad():
        says = net(math.sqrt(12) * (x[:, None] - 0.5)).squeeze(1)
    errors = says - torch.sin(10 * math.pi * x**4)
    judged = experiment.judge()
    assert float(judged["delta_out"][8]) == pytest.approx(float(errors.square().mean().sqrt()))
    inside = errors[:201].square().mean().sqrt()
    assert float(judged["delta_in"][8]) == pytest.approx(float(inside))
    np.testing.assert_allclose(experiment.picture()["fits"][8], says[::2], atol=1e-5)
    np.testing.assert_allclose(experiment.backdrop()["x"], x[::2], atol=1e-6)
    experiment.config = experiment.config.variant(measure="max")
    assert float(experiment.judge()["delta_in"][8]) == pytest.approx(
        float(errors[:201].abs().max())
    )
    experiment.config = experiment.config.variant(measure="rms")


def test_errors_are_those_of_the_interval_and_not_of_its_grid():
    experiment = Generalisation(Generalisation.SMOKE)
    experiment.predicted.zero_()
    for name, end in (("delta_in", 1.0), ("delta_out", 1.5)):
        x = (np.arange(200_000) + 0.5) / 200_000 * end  # the midpoint rule
        true = np.sqrt(np.mean(np.sin(10 * np.pi * x**4) ** 2))
        assert true == pytest.approx({"delta_in": 0.5927, "delta_out": 0.6334}[name], abs=5e-5)
        assert float(experiment.judge()[name][0]) == pytest.approx(true, abs=2e-3)
    assert float(experiment.picture()["nothing"][0]) == pytest.approx(0.6334, abs=2e-3)


def test_the_size_looked_at_is_live(learnt):
    experiment, _ = learnt
    for shown, n in ((10, 10), (200, 100), (2000, 1000)):
        experiment.config = experiment.config.variant(shown=shown)
        picture = experiment.picture()
        assert picture["shown_points"].shape == (n, 2)
        np.testing.assert_array_equal(picture["shown_fit"], picture["shown_fits"][0])


def test_spread_is_from_the_least_to_the_greatest_trial(learnt):
    experiment, _ = learnt
    picture = experiment.picture()
    errors = experiment.judge()["delta_out"].view(3, 3).numpy()
    np.testing.assert_allclose(picture["delta_out_low"], errors.min(1))
    np.testing.assert_allclose(picture["delta_out"], np.median(errors, axis=1))
    np.testing.assert_allclose(picture["delta_out_high"], errors.max(1))


@pytest.mark.parametrize("kind", [Generalisation, Memorising])
def test_divergence_is_said_calmly(kind):
    experiment = kind(kind.SMOKE.variant(learning_rate=1.0))
    with torch.no_grad():
        experiment.fits.groups[0].net[0].weight[0] *= 1e20
    drain(experiment)
    assert "diverged" in experiment.words()
    assert not any(np.isinf(array).any() for array in experiment.picture().values())


def test_a_net_that_diverges_leaves_the_others_alone():
    runs = [Generalisation(Generalisation.SMOKE) for _ in range(2)]
    with torch.no_grad():
        runs[0].fits.groups[0].net[0].weight[0] = math.nan
    rows = [drain(run) for run in runs]
    assert runs[0].mse[0].isnan()
    torch.testing.assert_close(runs[0].mse[1:], runs[1].mse[1:])
    assert all(math.isfinite(value) for value in rows[0][-1].values())
    assert "1 of 6 nets" in runs[0].words()


def test_a_net_that_is_lost_between_two_epochs_has_no_number():
    experiment = Generalisation(Generalisation.SMOKE.variant(sizes=1, trials=1))
    experiment.step()
    experiment.predicted.fill_(math.nan)  # its last step was too long, its train error is old
    assert "1 of 1 nets" in experiment.words()


def test_refuses_what_would_take_too_long_or_too_much_memory():
    Config = Generalisation.Config
    Config(width=256, epochs=200)  # the preset "Course"
    Config(batch_size=1)
    with pytest.raises(ConfigError, match=r"^300 nets of 789,505 weights .* smaller width"):
        Config.parse({"width": 512, "layers": 4, "sizes": 30, "trials": 10})
    for bound in ("smallest", "largest"):
        with pytest.raises(ConfigError, match=r"^An epoch of 2,000 .* larger batch size"):
            Config.parse({"width": 64, bound: 2000, "batch_size": 1})
    config, problems = Config.read({"width": "512", "trials": "10"})
    assert config == Config()
    assert problems[0].endswith("Using the default settings.")


def test_weights_are_counted():
    experiment = Generalisation(Generalisation.SMOKE.variant(layers=4))
    weights = sum(tensor.numel() for tensor in experiment.fits.member(0).parameters())
    assert weights == experiment.config.weights


def test_noise_is_added_to_the_labels_alone():
    clean, noisy = (draw(500, noise, generator(3)) for noise in (0.0, 0.5))
    assert torch.equal(clean[0], noisy[0])
    assert float((noisy[1] - clean[1]).std()) == pytest.approx(0.5, rel=0.1)


def test_sizes_go_from_the_smaller_to_the_larger_bound():
    config = Generalisation.SMOKE.variant(smallest=50, largest=20, sizes=2)
    assert Generalisation(config).sizes.tolist() == [20, 50]


def test_memorises_shuffled_labels_and_knows_nothing():
    experiment = Memorising(Memorising.Config(width=64, points=20, nets=2, rounds=500))
    rows = drain(experiment)
    last = rows[-1]
    assert last["train.real"] < 0.01
    assert last["train.shuffled"] < 0.01
    assert last["delta_in.shuffled"] > 1.2 * last["delta_in.real"]
    assert rows[0]["train.shuffled"] > 0.2
    assert "both are fitted" in experiment.words()


def test_both_groups_have_the_same_labels_and_starts():
    experiment = Memorising(Memorising.SMOKE)
    real, shuffled = (experiment.backdrop()[f"{group}_points"] for group in ("real", "shuffled"))
    assert not np.array_equal(real, shuffled)
    np.testing.assert_array_equal(real[:, 0], shuffled[:, 0])
    np.testing.assert_array_equal(np.sort(real[:, 1]), np.sort(shuffled[:, 1]))
    picture = experiment.picture()
    np.testing.assert_array_equal(picture["real"], picture["shuffled"])
    assert not np.array_equal(picture["real"][0], picture["real"][1])
