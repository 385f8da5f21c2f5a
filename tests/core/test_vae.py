"""The autoencoder's bound against Monte Carlo and torch.distributions; its data; its walk."""

import math

import numpy as np
import pytest
import torch
from torch.distributions import Bernoulli, Independent, Normal, kl_divergence

from core import checkpoints
from core.config import ConfigError, generator
from core.data import mnist
from core.data.binary_digits import binary_digits
from core.experiments.generative.vae_training import FAR, VaeTraining
from core.experiments.generative.vae_walk import LEG, VaeWalk
from core.nets.vae import VAE
from core.variational.elbo import (
    draw_noise,
    kl_to_prior,
    log_bernoulli,
    log_likelihood,
    reparameterise,
    terms,
)
from core.variational.measure import measure

CPU = torch.device("cpu")


@pytest.fixture
def vae() -> VAE:
    """Two numbers, in float64, with a decoder that depends on them."""
    made = VAE(2, generator(0)).double()
    with torch.no_grad():
        made.decoder[0].weight.mul_(3)
        made.decoder[2].weight.mul_(3)
    return made


@pytest.fixture
def x() -> torch.Tensor:
    return binary_digits("validation", 1, CPU)[0].double()


def test_kl_is_torchs_and_what_monte_carlo_finds():
    mean, log_variance = torch.randn(2, 5, 3, dtype=torch.float64, generator=generator(1))
    q, prior = Normal(mean, (log_variance / 2).exp()), Normal(0.0, 1.0)
    kl = kl_to_prior(mean, log_variance)
    torch.testing.assert_close(kl, kl_divergence(q, Normal(torch.zeros_like(mean), 1.0)))
    noise = torch.randn(100_000, 5, 3, dtype=torch.float64, generator=generator(2))
    z = reparameterise(mean, log_variance, noise)
    estimates = q.log_prob(z) - prior.log_prob(z)
    error = 5 * estimates.std(dim=0) / math.sqrt(len(z))
    assert ((estimates.mean(dim=0) - kl).abs() < error).all()
    assert error.max() < 0.1


def test_log_bernoulli_is_torchs(vae, x):
    z = torch.randn(3, len(x), 2, dtype=torch.float64, generator=generator(1))
    expected = Independent(Bernoulli(logits=vae.decode(z)), 1).log_prob(x)
    torch.testing.assert_close(log_bernoulli(vae.decode(z), x), expected)


def test_bound_is_what_monte_carlo_finds_and_lies_below_the_integral(vae, x):
    """ln p(x) by summing over a fine grid of the plane of z, which is exact for two numbers."""
    with torch.no_grad():
        noise = draw_noise(2_000, len(x), 2, generator(3), CPU).double()
        made = terms(vae, x, noise)
        mean, log_variance = vae.encode(x)
        z = reparameterise(mean, log_variance, noise)
        q = Normal(mean, (log_variance / 2).exp())
        log_joint = log_bernoulli(vae.decode(z), x) + Normal(0.0, 1.0).log_prob(z).sum(dim=-1)
        plain = log_joint - q.log_prob(z).sum(dim=-1)  # the ELBO, wholly by Monte Carlo
        error = 5 * plain.std(dim=0) / math.sqrt(len(noise))
        assert ((plain.mean(dim=0) - made.elbo()).abs() < error).all()

        axis = torch.linspace(-6, 6, 61, dtype=torch.float64)
        grid = torch.cartesian_prod(axis, axis)
        log_prior = Normal(0.0, 1.0).log_prob(grid).sum(dim=-1)
        logits = vae.decode(grid)[:, None].expand(-1, len(x), -1)
        rows = log_bernoulli(logits, x) + log_prior[:, None]
        exact = rows.logsumexp(dim=0) + 2 * math.log(12 / 60)
        assert (made.elbo() < exact).all()
        estimate = log_likelihood(vae, x, noise)
        assert (estimate - exact).abs().max() < 0.3
        assert (estimate > made.elbo()).all()


def test_gradient_passes_through_the_samples(vae, x):
    """That of the encoder's bias, against differences with the same noise."""
    noise = draw_noise(2, len(x), 2, generator(3), CPU).double()
    bias = vae.encoder[2].bias
    loss = -terms(vae, x, noise).elbo(beta=0.5).mean()
    (gradient,) = torch.autograd.grad(loss, bias)
    step = 1e-5
    for at in range(len(bias)):
        ends = []
        for sign in (1, -1):
            with torch.no_grad():
                bias[at] += sign * step
                ends.append(-terms(vae, x, noise).elbo(beta=0.5).mean())
                bias[at] -= sign * step
        torch.testing.assert_close(
            gradient[at], (ends[0] - ends[1]) / (2 * step), rtol=1e-5, atol=0
        )


def test_validation_digits_are_none_that_were_learnt_from():
    parts = {
        split: {image.tobytes() for image in mnist.load(split).images} for split in mnist.PARTS
    }
    assert not parts["train"] & parts["validation"]
    run = VaeTraining(VaeTraining.SMOKE)
    learnt = mnist.load("train").per_class(1_000)
    judged = mnist.load("validation").per_class(10)
    assert (len(run.train), len(run.held_out)) == (10_000, 100)
    for digits, kept in ((learnt, run.train), (judged, run.held_out)):
        ink = mnist.average_2x2(digits.images) > 2 / 3
        np.testing.assert_array_equal(kept.numpy().astype(bool), ink.reshape(len(ink), -1))


def test_one_digit_alone():
    x, labels = binary_digits("train", 30, CPU, "7")
    assert x.shape == (30, 196)
    assert labels.unique().tolist() == [7]
    assert x.unique().tolist() == [0, 1]


def test_it_learns_and_dear_numbers_fall_silent():
    settings = {"updates": 150, "latents": 4, "learning_rate": 5e-3}
    plain, dear = (VaeTraining(VaeTraining.Config(**settings, beta=beta)) for beta in (1, 20))
    before = plain.figures[1].clone()
    for run in (plain, dear):
        while run.step() is not None:
            pass
    reconstruction, kl, elbo, likelihood = plain.figures[1].tolist()
    assert elbo == pytest.approx(reconstruction - kl, abs=1e-3)
    assert elbo > float(before[2]) + 60
    assert elbo < likelihood
    assert kl > 2 > 0.1 > float(dear.figures[1, 1])
    assert "collapsed" in dear.words()
    assert "collapsed" not in plain.words()


def test_shipped_autoencoder_reaches_what_its_manifest_says():
    figures = measure(checkpoints.shipped("vae"))
    said = checkpoints.about("vae")["figures"]
    assert figures == pytest.approx(said, abs=0.05)
    assert figures["reconstruction"] >= -23
    assert 8 < figures["kl"] < 10
    assert figures["elbo"] >= -31


def test_walk_goes_from_the_hand_to_held_out_digits():
    walk = VaeWalk(VaeWalk.Config(z1=1.0, z2=-2.0))
    assert walk.z[:2].tolist() == [1, -2]
    first = walk.picture()
    assert first["place"].tolist() == [[1, -2]]
    # The tile at the lower left of the atlas is the digit of z1 = z2 = -3 · 10 / 11.
    z = walk.z.clone()
    z[:2] = -3 * 10 / 11
    with torch.no_grad():
        corner = (255 * walk.decode(z[None])[0]).round().to(torch.uint8)
    np.testing.assert_array_equal(first["atlas"][:14, :14][::-1], corner.numpy())
    for _ in range(LEG):
        walk.step()
    torch.testing.assert_close(walk.z, walk.goals[0])
    walk.step()
    walk.config = walk.config.variant(z3=2.5)
    np.testing.assert_array_equal(walk.picture()["numbers"][:3], [1, -2, 2.5])
    walk.step()  # goes on from there to the same digit
    assert walk.at.tolist() == [1, 1]
    torch.testing.assert_close(walk.start[:3], torch.tensor([1, -2, 2.5]))


def test_numbers_are_ordered_by_what_they_tell():
    walk = VaeWalk(VaeWalk.SMOKE)
    x, _ = binary_digits("validation", 100, CPU)
    kl = kl_to_prior(*walk.vae.encode(x)).mean(dim=0)[walk.order]
    assert (kl.diff() <= 0).all()


def test_one_number_is_enough_for_a_walk(tmp_path, monkeypatch):
    monkeypatch.setenv("GLASSBOX_FOLDER", str(tmp_path))
    run, key = VaeTraining(VaeTraining.Config(latents=1)), "0" * 32
    (tmp_path / key).mkdir()
    from safetensors.torch import save_file

    save_file(run.state_dict(), tmp_path / key / "checkpoint.safetensors")
    walk = VaeWalk(VaeWalk.Config(weights=key))
    walk.step()
    assert walk.picture()["alone"].shape == (9, 14, 14)
    save_file({"x": torch.zeros(1)}, tmp_path / key / "checkpoint.safetensors")
    with pytest.raises(ConfigError, match="autoencoder"):
        VaeWalk(VaeWalk.Config(weights=key))


def test_extreme_rate_diverges_calmly():
    run = VaeTraining(VaeTraining.Config(learning_rate=1.0, updates=100))
    while run.step() is not None:
        run.picture()
    assert run.words()


def test_a_bound_far_beyond_a_blind_guess_is_said_though_it_is_finite():
    run = VaeTraining(VaeTraining.Config())
    run.figures[1, 0] = -2 * FAR
    assert "diverged" in run.words()
