"""Energies: losses and their gradients against autograd, densities against what samples do."""

import math

import numpy as np
import pytest
import torch

from core.config import generator
from core.energies.answers import SHAPES, answers, draw
from core.energies.landscapes import ENERGIES
from core.energies.langevin import gradient_of, langevin_step
from core.energies.latent import angles, best_latent, decoded, energies, free_energy
from core.energies.losses import (
    LOSSES,
    gibbs_density,
    log_partition,
    nll_loss,
    pair_loss,
    pushes,
)
from core.experiments.generative.energy_gibbs import EnergyGibbs
from core.experiments.generative.energy_latent import EnergyLatent, true_radii
from core.experiments.generative.energy_training import PAIRS, EnergyTraining
from core.nets.mlp import mlp

F64 = torch.float64


def randoms(*shape, seed=0):
    return torch.randn(*shape, dtype=F64, generator=generator(seed))


def ran(kind, **settings):
    run = kind(kind.Config.parse(settings))
    rows = [{k: float(v) for k, v in scalars.items()} for scalars in iter(run.step, None)]
    return run, rows


@pytest.mark.parametrize("kind", [*PAIRS, "energy"])
def test_pushes_are_autograds(kind):
    low, high = (randoms(200, seed=s).requires_grad_() for s in (1, 2))
    loss = pair_loss(kind, low, high, 0.7)
    down, up = torch.autograd.grad(loss.sum(), (low, high), allow_unused=True)
    by_hand = pushes(kind, low.detach(), high.detach(), 0.7)
    torch.testing.assert_close(by_hand[0], down, rtol=0, atol=1e-12)
    torch.testing.assert_close(
        by_hand[1], torch.zeros_like(low) if up is None else up, rtol=0, atol=1e-12
    )
    assert (by_hand[0] >= 0).all()  # right answers go down, wrong ones up
    assert (by_hand[1] <= 0).all()


def test_pair_losses_are_their_formulas():
    low, high = torch.tensor([0.5, -1.0, 2.0]), torch.tensor([1.0, 3.0, -1.0])
    expected = {
        "hinge": [0.5, 0, 4],
        "log": [math.log1p(math.exp(d)) for d in (-0.5, -4, 3)],
        "square_square": [0.25, 0, 4 + 4],
        "simple": [0.5, 0, 4],
        "energy": [0.5, -1, 2],
    }
    for kind, values in expected.items():
        found = pair_loss(kind, low, high, 1.0)
        torch.testing.assert_close(found, torch.tensor(values).float())
    assert set(expected) | {"nll"} == set(LOSSES)
    with pytest.raises(ValueError, match="no loss of pairs"):
        pair_loss("nll", low, high, 1.0)


@pytest.mark.parametrize("beta", [0.5, 3.0])
def test_nll_gradient_is_the_datas_minus_the_models(beta):
    net = mlp([2, 8, 1], generator(0), torch.nn.Tanh).double()
    weights = list(net.parameters())
    x, y = torch.tensor(0.3, dtype=F64), torch.tensor(-0.4, dtype=F64)
    ys = torch.linspace(-1, 1, 200, dtype=F64)
    places = torch.stack([x.expand(200), ys], dim=1)
    right = torch.stack([x, y])[None]

    loss = nll_loss(net(right)[0, 0], net(places)[:, 0], beta, 0.01)
    theirs = torch.autograd.grad(loss, weights)
    p = torch.softmax(-beta * net(places)[:, 0].detach(), dim=0)
    ours = torch.autograd.grad(net(right)[0, 0] - (p * net(places)[:, 0]).sum(), weights)
    for mine, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine, other, rtol=0, atol=1e-12)
    density = gibbs_density(net(places)[:, 0].detach(), beta, 0.01)
    assert float(density.sum()) * 0.01 == pytest.approx(1)


@pytest.mark.parametrize("beta", [0.7, 4.0])
def test_a_quadratic_energy_is_a_gaussian(beta):
    ys = torch.linspace(-6, 6, 6001, dtype=F64)
    log_z = log_partition(1.5 * ys.square(), beta, 12 / 6000)
    assert float(log_z) == pytest.approx(0.5 * math.log(math.pi / (1.5 * beta)), abs=1e-4)
    nll = nll_loss(torch.tensor(1.5 * 0.49, dtype=F64), 1.5 * ys.square(), beta, 12 / 6000)
    gaussian = torch.distributions.Normal(0, (3 * beta) ** -0.5).log_prob(torch.tensor(0.7))
    assert beta * float(nll) == pytest.approx(-float(gaussian), abs=1e-4)


def test_langevin_gradients_are_autograds_and_samples_gaussian():
    y = randoms(50, 2, seed=3)
    torch.testing.assert_close(
        gradient_of(lambda at: at.square().sum(dim=1) / 2, y), y, rtol=0, atol=1e-12
    )
    source = generator(4)
    y = torch.zeros(4_000, 2, dtype=F64)
    for _ in range(400):
        noise = torch.randn(y.shape, dtype=F64, generator=source)
        y = langevin_step(y, y, 4.0, 0.2, noise)  # F = |y|²/2
    # An Euler step of size s has variance 1/β · 1/(1 − β s²/4) (Roberts and Tweedie 1996).
    assert float(y.var()) == pytest.approx(0.25 / (1 - 4 * 0.04 / 4), rel=0.05)
    assert float(y.mean().abs()) < 0.02


def test_samples_have_the_gibbs_density():
    run, rows = ran(EnergyGibbs, samples=2_000, batches=800, landscape="ring", size=0.1)
    assert rows[0]["apart"] > 0.7
    assert rows[-1]["apart"] < 0.13
    assert rows[-1]["walked"] == pytest.approx(rows[-1]["expected"], abs=0.05)
    assert float(run.mass().sum()) == pytest.approx(1)


def test_large_steps_sample_something_else():
    _, small = ran(EnergyGibbs, samples=1_000, batches=400, landscape="eggs", beta=1.0, size=0.15)
    run, large = ran(EnergyGibbs, samples=1_000, batches=400, landscape="eggs", beta=1.0, size=1.0)
    assert large[-1]["walked"] > small[-1]["walked"] + 0.1
    assert "by chance alone" in run.words()


@pytest.mark.parametrize("name", ENERGIES)
def test_landscapes_are_least_where_their_formula_says(name):
    least = {"wells": (-1.03, 0), "ring": (0.6, 0.8), "eggs": (0, 0)}[name]
    at = torch.tensor([least], dtype=F64)
    gradient = gradient_of(ENERGIES[name], at)
    assert float(gradient.abs().max()) < 0.02


@pytest.mark.parametrize("shape", SHAPES)
def test_answers_lie_where_the_data_are(shape):
    x, y = draw(shape, 3_000, 0.0, generator(0))
    for ask in (-0.5, 0.1, 0.6):
        near = (x - ask).abs() < 0.01
        known = torch.tensor(answers(shape, ask))
        apart = (y[near][:, None] - known).abs()
        assert float(apart.min(dim=1).values.max()) < 0.08
        assert float(apart.min(dim=0).values.max()) < 0.08  # and none is missing
    assert answers("ring", 1.5) == answers("fork", 1.5) == answers("inverse", 1.5) == []
    _, noisy = draw(shape, 3_000, 0.2, generator(0))
    assert float((noisy - y).std()) == pytest.approx(0.2, rel=0.1)


def test_energy_is_pulled_down_at_data_and_pushed_up_elsewhere():
    run, rows = ran(EnergyTraining, batches=250, batch_size=64, learning_rate=0.005)
    first, last = rows[0], rows[-1]
    assert last["nll"] < first["nll"] - 1  # nats, of held-out data
    assert last["high"] > last["low"] + 1
    picture = run.picture()
    fine = picture["cut"]
    middle, right = fine[120], fine[np.abs(np.linspace(-1.5, 1.5, 241) - 0.954).argmin()]
    assert right < middle - 0.5  # the mean of both answers is no answer


@pytest.mark.parametrize("loss", PAIRS)
def test_losses_of_pairs_tell_right_from_wrong(loss):
    _, rows = ran(EnergyTraining, batches=200, loss=loss, learning_rate=0.01, batch_size=64)
    assert rows[-1]["high"] > rows[-1]["low"] + 0.3


def test_the_likeliest_mistake_may_be_another_right_answer():
    """Where a question has two, what one datum pulls down another pushes up."""
    _, rows = ran(EnergyTraining, batches=100, loss="hinge", negatives="worst", batch_size=64)
    assert rows[-1]["high"] == pytest.approx(rows[-1]["low"], abs=0.05)


def test_energy_alone_sinks_everywhere():
    run, rows = ran(EnergyTraining, batches=200, loss="energy")
    assert rows[-1]["low"] < -10
    assert rows[-1]["high"] < -10
    assert rows[-1]["nll"] > rows[0]["nll"] - 0.1  # and says no more about y than before
    assert "Everything sinks alike" in run.words()


def test_likelihood_alone_runs_away_on_continuous_answers():
    """Data on a thin curve: the canyon gets ever steeper, unless a leash holds it."""
    thin = {"batches": 500, "thickness": 0.0, "batch_size": 32}
    _, free = ran(EnergyTraining, **thin)
    _, held = ran(EnergyTraining, **thin, leash=0.05)
    high, steep = ([free[i][name] for i in (249, 374, 499)] for name in ("high", "steep"))
    assert high[0] < high[1] < high[2]
    assert steep[0] < steep[1] < steep[2]
    assert high[2] > 3
    assert held[-1]["high"] < 1
    assert held[-1]["steep"] < 0.5 * steep[2]


def test_free_energy_of_a_latent_variable():
    radii, y = torch.tensor([[1.2, 0.7]], dtype=F64), torch.tensor([[0.8, 0.9]], dtype=F64)
    values = energies(radii, y)
    z = angles()
    by_hand = [(0.8 - 1.2 * math.cos(t)) ** 2 + (0.9 - 0.7 * math.sin(t)) ** 2 for t in z.tolist()]
    torch.testing.assert_close(values[0], torch.tensor(by_hand, dtype=F64), rtol=0, atol=1e-6)
    cold = float(free_energy(values, math.inf))
    assert cold == pytest.approx(min(by_hand), abs=1e-6)
    assert float(free_energy(values, 2_000.0)) == pytest.approx(cold, abs=5e-3)
    assert float(free_energy(values, 1e-6)) == pytest.approx(np.mean(by_hand), abs=1e-4)
    best = best_latent(values)
    place = decoded(radii, best.double())
    assert float((y - place).square().sum()) == pytest.approx(cold, abs=1e-6)


def test_the_best_z_finds_the_ellipse_and_no_z_the_middle():
    cold, rows = ran(EnergyLatent, batches=400, learning_rate=0.005)
    found = cold.asked(1).abs()
    torch.testing.assert_close(found, true_radii(torch.tensor([0.5])), rtol=0, atol=0.1)
    assert rows[-1]["distance"] < 0.12
    ends = torch.cat([*cold.guesses])
    scaled = (ends / true_radii(torch.tensor([0.5]))).norm(dim=1)
    assert float((scaled - 1).abs().median()) < 0.1  # argmin over y: on the ellipse
    none, rows = ran(EnergyLatent, batches=400, form="none", learning_rate=0.005)
    assert float(none.asked(1).norm()) < 0.3  # the mean of all answers
    assert rows[-1]["distance"] > 0.7
    warm, _ = ran(EnergyLatent, batches=400, form="warm", beta=0.05, learning_rate=0.005)
    assert float(warm.guesses[0].norm(dim=1).median()) < 0.35  # the mean over z again


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        (EnergyTraining, {"learning_rate": 1.0, "beta": 100.0}),
        (EnergyTraining, {"learning_rate": 1.0, "loss": "square_square", "margin": 5.0}),
        (EnergyTraining, {"loss": "energy", "learning_rate": 1.0, "negatives": "langevin"}),
        (EnergyLatent, {"learning_rate": 1.0, "form": "warm", "beta": 1000.0}),
        (EnergyGibbs, {"size": 1.0, "beta": 100.0}),
    ],
)
def test_extreme_settings_end_calmly(kind, settings):
    run, _ = ran(kind, batches=40, **settings)
    assert not any(np.isinf(v).any() for v in run.picture().values() if v.dtype.kind == "f")
    assert run.words()


def test_nothing_is_shown_of_a_batch_that_is_not_there():
    run = EnergyTraining(EnergyTraining.Config(batch_size=8))
    assert np.isnan(run.picture()["right"]).all()
    run.step()
    assert np.isfinite(run.picture()["wrong"][:8]).all()
    assert np.isnan(run.picture()["right"][8:]).all()
