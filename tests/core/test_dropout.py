"""Dropout with and without rescaling: what evaluation changes."""

import numpy as np
import pytest
import torch

from core.config import generator
from core.experiments import find
from core.experiments.foundations.dropout import FAR, drop

Dropout = find("dropout")


def trained(steps, **settings):
    experiment = Dropout(Dropout.Config(**settings))
    for _ in range(steps):
        experiment.step()
    return experiment


@pytest.mark.parametrize("p", [0.0, 0.2, 0.5, 0.9])
def test_units_are_left_out_and_the_rest_rescaled(p):
    h = torch.rand(3, 200, 300, generator=generator(1)) + 0.5
    h = h[:1].expand(3, -1, -1)
    without, inverted, plain = drop(h, p, generator(0))
    assert torch.equal(without, h[0])
    assert float((plain == 0).float().mean()) == pytest.approx(p, abs=0.01)
    assert float(plain.mean() / without.mean()) == pytest.approx(1 - p, abs=0.01)
    assert float(inverted.mean() / without.mean()) == pytest.approx(1, abs=0.03)
    torch.testing.assert_close(inverted, plain / (1 - p))


@pytest.mark.parametrize("p", [0.2, 0.5])
def test_reach_evaluation_shifts_what_was_not_rescaled(p):
    without, inverted, plain = trained(300, p=p).shift().tolist()
    assert without == [1, 1, 1]
    assert inverted[0] == pytest.approx(1, rel=0.02)
    assert plain[0] == pytest.approx(1 / (1 - p), rel=0.02)
    assert plain[1] == pytest.approx(1 / (1 - p) ** 2, rel=0.12)
    assert abs(inverted[2] - 1) < 0.1 < plain[2] - 1


@pytest.mark.parametrize("seed", [0, 1])
def test_reach_dropout_is_worth_it(seed):
    experiment = trained(1000, seed=seed)
    without, inverted, plain = experiment.losses.tolist()
    assert inverted < 0.85 * without < without < plain
    without, inverted, plain = experiment.accuracies.tolist()
    assert inverted > without + 0.01
    # What was not rescaled is far too sure, and right all the same.
    assert experiment.shift()[2, 2] == pytest.approx(3.8, abs=0.2)
    assert plain == pytest.approx(inverted, abs=0.04)


def test_without_dropout_all_three_are_one():
    experiment = trained(20, p=0.0)
    x, _ = experiment.held_out
    without, inverted, plain = experiment.forward(x, generator(0)).logits
    assert torch.equal(without, inverted)
    assert torch.equal(without, plain)


def test_evaluating_moves_nothing():
    experiment = trained(5)
    before = experiment.state_dict()
    experiment.evaluate()
    experiment.evaluate()
    after = experiment.state_dict()
    assert all(torch.equal(before[n], after[n]) for n in before if n.startswith(("net", "source")))


def test_a_rate_that_is_too_large_is_said():
    experiment = trained(20, learning_rate=1.0, p=0.9)
    assert experiment.words().startswith("Diverged: inverted.")
    picture = experiment.picture()
    assert not any(np.isinf(array).any() for array in picture.values())
    assert np.isnan(picture["inverted_shift"]).all()
    assert np.isfinite(picture["plain_shift"]).all()


def test_a_loss_far_beyond_a_blind_guess_is_said_though_it_is_finite():
    experiment = trained(1)
    experiment.losses[2] = 2 * FAR
    assert experiment.words().startswith("Diverged: plain.")
