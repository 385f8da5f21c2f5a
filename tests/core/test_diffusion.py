"""Diffusion against its formulas, against diffusers, and one form against another."""

import numpy as np
import pytest
import torch
from diffusers import DDIMScheduler, DDPMScheduler

from core.config import ConfigError, generator
from core.diffusion.ddim import ddim_loop, ddim_step, ddim_timesteps
from core.diffusion.ddpm import ddpm_loop, ddpm_step, posterior_mean, predict_xstart
from core.diffusion.guidance import class_gradient, guided_eps
from core.diffusion.plane import PlaneDiffusion
from core.diffusion.q_sample import q_invert, q_sample
from core.diffusion.schedule import Schedule, cosine_betas, linear_betas
from core.diffusion.score import score
from core.nets.fused import Fused
from core.nets.mlp import mlp
from core.nets.time_mlp import TimeMLP

T = 500
SCHEDULE = Schedule(linear_betas(T))
BETAS = np.linspace(1e-4, 0.02, T)
ALPHAS_CUMPROD = np.cumprod(1 - BETAS)
DIFFUSERS = {"beta_start": 1e-4, "beta_end": 0.02, "beta_schedule": "linear", "clip_sample": False}
TIMES = [0, 1, 2, 50, 250, 498, 499]


def draw(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=generator(seed))


X, EPS, NOISE = draw(0, 300, 2), draw(1, 300, 2), draw(2, 300, 2)


def exact(peer):
    """A diffusers scheduler with its table in float64: 1−ᾱ in float32 is off by 1e-3 at t = 1."""
    peer.alphas_cumprod = (1 - peer.betas.double()).cumprod(0)
    return peer


def test_schedule_is_the_papers():
    before = np.append(1, ALPHAS_CUMPROD[:-1])
    variance = BETAS * (1 - before) / (1 - ALPHAS_CUMPROD)
    np.testing.assert_allclose(SCHEDULE.betas, BETAS, rtol=1e-6)
    np.testing.assert_allclose(SCHEDULE.alphas_cumprod, ALPHAS_CUMPROD, rtol=2e-6)
    np.testing.assert_allclose(SCHEDULE.posterior_variance, variance, rtol=2e-4, atol=1e-12)
    assert SCHEDULE.coefficients[0].posterior_std == 0
    assert len(SCHEDULE) == T
    assert all(x.dtype is torch.float32 for x in vars(SCHEDULE).values() if torch.is_tensor(x))


def test_schedule_is_diffusers():
    theirs = DDPMScheduler(T, **DIFFUSERS)
    torch.testing.assert_close(SCHEDULE.alphas_cumprod, theirs.alphas_cumprod, rtol=1e-5, atol=0)


def test_cosine_schedule():
    alphas_cumprod = Schedule(cosine_betas(T)).alphas_cumprod.double().numpy()
    curve = np.cos((np.arange(T + 1) / T + 0.008) / 1.008 * np.pi / 2) ** 2
    np.testing.assert_allclose(alphas_cumprod[:-1], (curve / curve[0])[1:-1], rtol=1e-3)
    theirs = DDPMScheduler(T, beta_schedule="squaredcos_cap_v2")
    torch.testing.assert_close(cosine_betas(T), theirs.betas, rtol=1e-4, atol=1e-7)


def test_q_sample_is_its_formula_and_diffusers():
    t = torch.randint(T, (300,), generator=generator(3))
    x_t = q_sample(SCHEDULE, X, t, NOISE)
    share = ALPHAS_CUMPROD[t][:, None]
    np.testing.assert_allclose(
        x_t, np.sqrt(share) * X.numpy() + np.sqrt(1 - share) * NOISE.numpy(), atol=1e-6
    )
    theirs = DDPMScheduler(T, **DIFFUSERS).add_noise(X, NOISE, t)
    torch.testing.assert_close(x_t, theirs, rtol=0, atol=1e-6)
    torch.testing.assert_close(q_invert(SCHEDULE, x_t, t, NOISE), X, rtol=0, atol=1e-5)


def test_q_sample_of_pictures():
    pictures, t = draw(4, 3, 1, 8, 8), torch.tensor([0, 10, 499])
    x_t = q_sample(SCHEDULE, pictures, t, torch.zeros_like(pictures))
    torch.testing.assert_close(x_t[1], pictures[1] * SCHEDULE.sqrt_alphas_cumprod[10])


@pytest.mark.parametrize("t", TIMES)
def test_ddpm_mean_has_two_equal_forms(t):
    """Ho et al. (2020), eq. 11 from ε̂, and eq. 7 from x̂_0."""
    from_eps = (X - BETAS[t] / np.sqrt(1 - ALPHAS_CUMPROD[t]) * EPS) / np.sqrt(1 - BETAS[t])
    from_xstart = posterior_mean(SCHEDULE, predict_xstart(SCHEDULE, X, EPS, t), X, t)
    torch.testing.assert_close(from_xstart, from_eps.float(), rtol=0, atol=2e-6)
    mean = ddpm_step(SCHEDULE, X, EPS, t, torch.zeros_like(X)).sample
    torch.testing.assert_close(mean, from_eps.float(), rtol=0, atol=2e-6)


@pytest.mark.parametrize("t", TIMES)
def test_ddpm_step_is_diffusers(t):
    ours = ddpm_step(SCHEDULE, X, EPS, t, draw(7, 300, 2))
    theirs = exact(DDPMScheduler(T, **DIFFUSERS)).step(EPS, t, X, generator=generator(7))
    torch.testing.assert_close(ours.sample, theirs.prev_sample, rtol=0, atol=1e-6)
    torch.testing.assert_close(ours.pred_xstart, theirs.pred_original_sample, rtol=1e-6, atol=1e-6)


def test_steps_leave_their_inputs_alone():
    x, eps, noise = X.clone(), EPS.clone(), NOISE.clone()
    ddpm_step(SCHEDULE, x, eps, 100, noise)
    ddim_step(SCHEDULE, x, eps, 100, 50, noise, 0.5)
    guided_eps(SCHEDULE, eps, noise, 100, 2.0)
    for now, before in ((x, X), (eps, EPS), (noise, NOISE)):
        assert torch.equal(now, before)


def test_ddpm_loop_is_diffusers_loop():
    net = TimeMLP.denoiser(generator(0)).requires_grad_(False)
    diffusion = PlaneDiffusion(SCHEDULE, net)
    *_, last = ddpm_loop(SCHEDULE, diffusion.eps, X, generator(5))
    theirs, x, source = DDPMScheduler(T, **DIFFUSERS), X, generator(5)
    for t in theirs.timesteps:
        x = theirs.step(net(x, (t / T).expand(len(x))), t, x, generator=source).prev_sample
    torch.testing.assert_close(last.sample, x, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("eta", [0.0, 0.3, 1.0])
def test_ddim_step_is_diffusers(eta):
    theirs = exact(DDIMScheduler(T, set_alpha_to_one=True, **DIFFUSERS))
    theirs.set_timesteps(20)
    for t in theirs.timesteps.tolist():
        ours = ddim_step(SCHEDULE, X, EPS, t, t - T // 20, NOISE, eta)
        peer = theirs.step(EPS, t, X, eta=eta, variance_noise=NOISE if eta else None)
        torch.testing.assert_close(ours.sample, peer.prev_sample, rtol=0, atol=1e-6)


@pytest.mark.parametrize("t", TIMES)
def test_ddim_with_eta_1_over_all_steps_is_ddpm(t):
    ddpm = ddpm_step(SCHEDULE, X, EPS, t, NOISE)
    ddim = ddim_step(SCHEDULE, X, EPS, t, t - 1, NOISE, eta=1.0)
    torch.testing.assert_close(ddim.sample, ddpm.sample, rtol=0, atol=5e-6)


def test_ddim_without_eta_is_decided_by_its_start():
    a, b = (
        ddim_step(SCHEDULE, X, EPS, 100, 80, noise).sample for noise in (NOISE, draw(9, 300, 2))
    )
    assert torch.equal(a, b)


def test_ddim_timesteps():
    assert ddim_timesteps(500, 1) == [499]
    assert ddim_timesteps(500, 3) == [499, 250, 0]
    assert ddim_timesteps(10, 1000) == list(range(9, -1, -1))
    path = ddim_timesteps(500, 25)
    assert len(path) == 25
    assert (path[0], path[-1]) == (499, 0)


def test_samplers_find_a_gaussian():
    """For data N(2, 1/4) the best ε̂ is known, so that a sampler's result is too."""

    def best_eps(x, t):
        share = SCHEDULE.alphas_cumprod[t].item()
        return (x - share**0.5 * 2) * (1 - share) ** 0.5 / (share / 4 + 1 - share)

    share = SCHEDULE.alphas_cumprod[-1].item()
    start = share**0.5 * 2 + (share / 4 + 1 - share) ** 0.5 * draw(10, 20_000, 1)
    *_, ddim = ddim_loop(SCHEDULE, best_eps, start, 50)
    *_, ddpm = ddpm_loop(SCHEDULE, best_eps, start, generator(11))
    for step in (ddim, ddpm):
        assert step.sample.mean().item() == pytest.approx(2, abs=0.04)
        assert step.sample.std().item() == pytest.approx(0.5, abs=0.02)


def test_score_points_from_noise_to_data():
    """For data at one point the score is that of a Gaussian about it."""
    for t in (5, 250):
        signal, spread = (
            float(x[t])
            for x in (SCHEDULE.sqrt_alphas_cumprod, SCHEDULE.sqrt_one_minus_alphas_cumprod)
        )
        x = X.clone().requires_grad_()
        density = torch.distributions.Normal(signal * 1.5, spread).log_prob(x).sum()
        (gradient,) = torch.autograd.grad(density, x)
        eps = (X - signal * 1.5) / spread
        torch.testing.assert_close(score(SCHEDULE, eps, t), gradient, rtol=1e-4, atol=1e-4)


def test_guidance_is_the_gradient_of_the_log_softmax():
    net = TimeMLP.classifier(5, generator(0)).requires_grad_(False)
    labels, time = torch.arange(300) % 5, torch.full((300,), 0.3)
    gradient = class_gradient(lambda x: net(x, time), X, labels)
    for i in range(5):
        x = X[i].clone().requires_grad_()
        net(x[None], time[:1])[0].log_softmax(0)[labels[i]].backward()
        torch.testing.assert_close(gradient[i], x.grad)
    for scale in (0.0, 1.0, 4.0):
        guided = guided_eps(SCHEDULE, EPS, gradient, 150, scale)
        formula = EPS - scale * (1 - ALPHAS_CUMPROD[150]) ** 0.5 * gradient
        torch.testing.assert_close(guided, formula)


@pytest.mark.parametrize("points", [1, 100, 2500])
def test_fused_is_the_net(points):
    net = TimeMLP.denoiser(generator(0))
    fused, x = Fused(net), draw(12, points, 2)
    time = torch.full((points,), 0.4)
    torch.testing.assert_close(fused(x, 0.4), net(x, time).detach(), rtol=0, atol=1e-6)
    with torch.no_grad():
        net.layers[0].weight *= 2
    torch.testing.assert_close(fused(x, 0.4), net(x, time).detach(), rtol=0, atol=1e-6)
    fused.fusible = False
    assert torch.equal(fused(x, 0.4), net(x, time))


def test_nets_come_from_their_generator_alone():
    before = torch.get_rng_state()
    a, b = mlp([3, 8, 2], generator(1)), mlp([3, 8, 2], generator(1))
    for mine, other in zip(a.parameters(), b.parameters(), strict=True):
        assert torch.equal(mine, other)
        assert mine.abs().max() <= 3**-0.5
    assert [type(layer).__name__ for layer in a] == ["Linear", "ReLU", "Linear"]
    assert torch.equal(before, torch.get_rng_state())


def test_a_net_is_known_by_its_weights():
    net = TimeMLP.classifier(4, generator(0))
    weights = net.state_dict()
    twin = TimeMLP.of({name: weights[name] for name in reversed(weights)})
    torch.testing.assert_close(twin(X, X[:, 0]), net(X, X[:, 0]))


@pytest.mark.parametrize("part", ["betas", "denoiser.layers.0.weight", "denoiser.layers.0.bias"])
def test_weights_of_something_else_are_refused(part):
    saved = {f"denoiser.{k}": v for k, v in TimeMLP.denoiser(generator(0)).state_dict().items()}
    saved["betas"] = SCHEDULE.betas
    assert PlaneDiffusion.of(saved, torch.device("cpu")).count_classes() == 0
    del saved[part]
    with pytest.raises(ConfigError, match="not those of a diffusion"):
        PlaneDiffusion.of(saved, torch.device("cpu"))
