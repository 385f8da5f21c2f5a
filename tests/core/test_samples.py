"""The figures of samples against scipy and against brute force."""

import numpy as np
import pytest
import torch
from scipy.stats import gaussian_kde

from core.config import generator
from core.data.points import Points, load_points
from core.probes.kde import kde_nll
from core.probes.samples import NEAR, Judge


def cloud(seed: int, count: int) -> torch.Tensor:
    shape = torch.tensor([[1.0, 0.6], [0.0, 0.3]])
    return torch.randn(count, 2, generator=generator(seed)) @ shape + 0.5


@pytest.mark.parametrize("samples", [3, 100, 2000])
def test_kde_is_scipys(samples):
    data, drawn = cloud(0, 700), cloud(1, samples)
    theirs = -gaussian_kde(drawn.numpy().T, "scott").logpdf(data.numpy().T).mean()
    assert kde_nll(data, drawn) == pytest.approx(theirs, rel=1e-6)


def test_kde_of_one_dimension():
    data, drawn = cloud(0, 300)[:, :1], cloud(1, 200)[:, :1]
    theirs = -gaussian_kde(drawn.numpy().T).logpdf(data.numpy().T).mean()
    assert kde_nll(data, drawn) == pytest.approx(theirs, rel=1e-6)


def test_kde_of_samples_on_a_line_or_in_a_point():
    line = torch.linspace(-1, 1, 50)[:, None] * torch.tensor([1.0, 2.0])
    assert np.isfinite(kde_nll(cloud(0, 100), line))
    assert np.isfinite(kde_nll(cloud(0, 100), torch.zeros(50, 2)))


def judge_of(count: int = 400) -> tuple[Judge, torch.Tensor, torch.Tensor]:
    data = cloud(2, count)
    labels = (data[:, 0] > 0.5).long()
    return Judge(Points(data, labels, ("left", "right"), "a cloud")), data, labels


def test_figures_are_those_of_brute_force():
    judge, data, labels = judge_of()
    samples = cloud(3, 150)
    quality = judge(samples)
    distance = torch.cdist(samples, data)
    nearest = labels[distance.argmin(1)]
    assert quality.precision == pytest.approx((distance.amin(1) <= NEAR).double().mean().item())
    for label in (0, 1):
        reached = distance[:, labels == label].amin(0) <= NEAR
        assert quality.coverage[label] == pytest.approx(reached.double().mean().item())
        assert quality.shares[label] == pytest.approx((nearest == label).double().mean().item())
    own = [kde_nll(data[labels == k], samples[nearest == k]) for k in (0, 1)]
    assert quality.own_nll == pytest.approx(np.mean(own))
    assert quality.nll == pytest.approx(kde_nll(data, samples))
    np.testing.assert_array_equal(judge.nearest(samples)[1], nearest)
    np.testing.assert_allclose(judge.nearest(samples)[0], distance.amin(1), atol=1e-4)


def test_data_is_perfect():
    judge, _, labels = judge_of()
    quality = judge.ideal(10_000)
    assert quality.precision == 1
    assert quality.coverage.tolist() == [1, 1]
    np.testing.assert_allclose(quality.shares, labels.bincount() / 400)


def test_likelihood_prefers_a_collapsed_set_that_coverage_exposes():
    """Why the NLL is never shown alone: shrinking each state by a fifth makes it better."""
    judge = Judge(load_points("states"))
    centres = torch.stack([judge.data[judge.labels == label].mean(0) for label in range(5)])
    shrunk = centres[judge.labels] + 0.8 * (judge.data - centres[judge.labels])
    collapsed, ideal = judge(shrunk), judge.ideal(5000)
    assert collapsed.nll < ideal.nll
    assert collapsed.own_nll > ideal.own_nll
    assert collapsed.coverage.mean() < 0.6 < ideal.coverage.mean()


def test_diverged_samples_have_figures_too():
    judge, _, _ = judge_of()
    samples = cloud(3, 100)
    samples[::2] = torch.nan
    samples[1] = torch.tensor([1e38, -1e38])
    quality = judge(samples)
    assert quality.precision <= 0.5
    assert np.isfinite(quality.nll)
    lost = judge(torch.full((100, 2), torch.inf))
    assert np.isnan(lost.nll)
    assert lost.precision == lost.coverage.sum() == lost.shares.sum() == 0
