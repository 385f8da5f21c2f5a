"""Diffusion of images: the U-Net, guidance and thresholds against their formulas."""

import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import conv2d

from core import checkpoints
from core.config import ConfigError, generator
from core.data.diffused import from_bytes, load, to_bytes
from core.diffusion.classifier_free import guide, guided_eps, without_some
from core.diffusion.ddim import ddim_step
from core.diffusion.ddpm import ddpm_step, posterior_mean, predict_xstart
from core.diffusion.images import ImageDiffusion, draw_step
from core.diffusion.schedule import Schedule, linear_betas, scaled_betas
from core.diffusion.threshold import fitting_eps, saturation, threshold
from core.experiments.generative.images_beside_vae import ImagesBesideVae
from core.experiments.generative.images_guidance import ImagesGuidance
from core.experiments.generative.images_sampling import ImagesSampling
from core.experiments.generative.images_training import ImagesTraining
from core.nets.unet import UNet
from core.probes.digits import DigitJudge
from core.probes.drawn import held_out_loss
from core.probes.likeness import reading, sharpness

CPU = torch.device("cpu")

CPU = torch.device("cpu")


def draw(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=generator(seed))


@pytest.fixture(scope="module")
def net() -> UNet:
    """A small U-Net with no parameter left at a start that hides it."""
    net = UNet(1, (8, 16), 2, 10, generator(0))
    source = generator(1)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape, generator=source))
    return net


def test_unet_hears_time_and_label_and_a_picture_alone_is_as_in_a_batch(net):
    x, t, labels = draw(2, 3, 1, 8, 8), torch.tensor([0, 7, 400]), torch.tensor([1, 10, 4])
    together = net(x, t, labels)
    alone = torch.cat([net(x[i : i + 1], t[i : i + 1], labels[i : i + 1]) for i in range(3)])
    torch.testing.assert_close(together, alone, rtol=0, atol=1e-5)
    assert (net(x, t + 50, labels) - together).abs().amax(dim=(1, 2, 3)).min() > 1e-3
    assert (net(x, t, (labels + 1) % 11) - together).abs().amax(dim=(1, 2, 3)).min() > 1e-3


def test_a_block_is_its_formula(net):
    block, x, embedding = net.down[1][0], draw(3, 2, 8, 6, 6), draw(4, 2, 32)

    def group_norm(x, norm):
        groups = x.reshape(len(x), x.shape[1] // 8, -1)  # eight channels each
        spread = groups.var(dim=2, correction=0, keepdim=True) + norm.eps
        even = ((groups - groups.mean(dim=2, keepdim=True)) / spread.sqrt()).reshape(x.shape)
        return even * norm.weight[:, None, None] + norm.bias[:, None, None]

    def silu(x):
        return x / (1 + (-x).exp())

    h = conv2d(silu(group_norm(x, block.norm1)), block.conv1.weight, block.conv1.bias, padding=1)
    shift = silu(embedding) @ block.shift.weight.T + block.shift.bias
    h = silu(group_norm(h + shift[:, :, None, None], block.norm2))
    h = conv2d(h, block.conv2.weight, block.conv2.bias, padding=1)
    expected = conv2d(x, block.skip.weight, block.skip.bias) + h
    torch.testing.assert_close(block(x, embedding), expected, rtol=0, atol=1e-5)


def test_the_time_comes_as_sinusoids(net):
    seen: list[torch.Tensor] = []
    hook = net.time[0].register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    net(draw(2, 2, 1, 8, 8), torch.tensor([3, 250]), torch.tensor([0, 1]))
    hook.remove()
    for row, t in zip(seen[0].tolist(), (3, 250), strict=True):
        waves = [f(t * 10_000 ** (-2 * i / 8)) for i in range(4) for f in (math.sin, math.cos)]
        assert row == pytest.approx(waves, abs=1e-4)


def test_unet_starts_at_no_noise_from_its_seed_alone_and_comes_back_from_its_state():
    first = UNet(3, (8, 16, 24), 1, 10, generator(5))
    torch.rand(3)  # the global generator has no say
    second = UNet(3, (8, 16, 24), 1, 10, generator(5))
    back = UNet.of(first.state_dict())
    for other in (second, back):
        for name, value in first.state_dict().items():
            assert torch.equal(other.state_dict()[name], value), name
    assert (back.channels, back.widths, back.classes) == (3, (8, 16, 24), 10)
    x, t = draw(6, 2, 3, 16, 16), torch.tensor([0, 9])
    assert not first(x, t, torch.tensor([0, 1])).any()


def test_both_conventions_of_guidance_and_no_guidance(net):
    label, none = draw(7, 4, 1, 8, 8), draw(8, 4, 1, 8, 8)
    for w in (0.0, 0.7, 5.0):
        s = 1 + w
        torch.testing.assert_close(guide(label, none, w), none + s * (label - none))
    assert torch.equal(guide(label, none, 0.0), label)
    x, labels, t = draw(9, 4, 1, 8, 8), torch.tensor([0, 3, 3, 9]), 20
    times, nothing = torch.full((4,), t), torch.full((4,), 10)
    eps_label, eps_none = net(x, times, labels), net(x, times, nothing)
    assert torch.equal(guided_eps(net, x, t, labels, 0.0), eps_label)
    expected = 3 * eps_label - 2 * eps_none
    torch.testing.assert_close(guided_eps(net, x, t, labels, 2.0), expected, rtol=0, atol=1e-4)
    each = torch.tensor([0.0, 2.0, 4.0, -1.0])[:, None, None, None]
    mixed = guided_eps(net, x, t, labels, each)
    torch.testing.assert_close(mixed[1], expected[1], rtol=0, atol=1e-4)
    torch.testing.assert_close(mixed[3], eps_none[3], rtol=0, atol=1e-4)
    dropped = without_some(labels, torch.tensor([False, True, False, True]), 10)
    assert dropped.tolist() == [0, 10, 3, 10]


def test_thresholds_against_plain_numpy():
    x = 3 * draw(10, 5, 1, 8, 8)
    x[0] *= 0.1  # within ±1: nothing to mend
    assert torch.equal(threshold(x, "none"), x)
    np.testing.assert_array_equal(threshold(x, "static"), np.clip(x.numpy(), -1, 1))
    for percentile in (0.5, 0.9, 0.995, 1.0):
        mended = threshold(x, "dynamic", percentile).numpy()
        for one, picture in zip(mended, x.numpy(), strict=True):
            s = max(1.0, np.quantile(np.abs(picture), percentile))
            np.testing.assert_allclose(one, np.clip(picture, -s, s) / s, rtol=1e-5, atol=1e-6)
        assert np.abs(mended).max() <= 1
        np.testing.assert_array_equal(mended[0], x[0])
    shares = [float((np.abs(picture) > 1.1).mean()) for picture in x.numpy()]
    assert saturation(x).tolist() == pytest.approx(shares)


def test_steps_go_on_from_the_mended_guess():
    schedule = Schedule(linear_betas(100))
    x, eps, noise = draw(11, 4, 1, 8, 8), 2 * draw(12, 4, 1, 8, 8), draw(13, 4, 1, 8, 8)
    for t in (0, 1, 50, 99):
        raw = predict_xstart(schedule, x, eps, t)
        mended = threshold(raw, "dynamic", 0.9)
        ddpm = draw_step(schedule, x, eps, t, t - 1, noise, None, "dynamic", 0.9)
        spread = schedule.coefficients[t].posterior_std
        expected = posterior_mean(schedule, mended, x, t) + spread * noise
        torch.testing.assert_close(ddpm.sample, expected, rtol=0, atol=2e-5)
        torch.testing.assert_close(ddpm.pred_xstart, mended, rtol=0, atol=2e-5)
        torch.testing.assert_close(ddpm.raw, raw)
        torch.testing.assert_close(fitting_eps(schedule, x, raw, t), eps, rtol=0, atol=1e-3)
        ddim = draw_step(schedule, x, eps, t, t // 2 - 1, None, 0.0, "dynamic", 0.9)
        then = schedule.alphas_cumprod[t // 2 - 1] if t > 1 else torch.tensor(1.0)
        noise_that_fits = fitting_eps(schedule, x, mended, t)
        expected = then.sqrt() * mended + (1 - then).sqrt() * noise_that_fits
        torch.testing.assert_close(ddim.sample, expected, rtol=0, atol=2e-4)
    plain = draw_step(schedule, x, eps, 50, 49, noise, None)
    torch.testing.assert_close(plain.sample, ddpm_step(schedule, x, eps, 50, noise).sample)
    plain = draw_step(schedule, x, eps, 50, 30)
    torch.testing.assert_close(plain.sample, ddim_step(schedule, x, eps, 50, 30).sample)


def test_scaled_schedules_end_alike_and_that_of_1000_steps_is_hos():
    torch.testing.assert_close(scaled_betas(1000), linear_betas(1000))
    ends = [float(Schedule(scaled_betas(steps)).alphas_cumprod[-1]) for steps in (200, 500, 1000)]
    assert max(ends) < 5e-5


def test_bytes_come_back():
    images = load("pictures", "validation").images[:3]
    np.testing.assert_array_equal(to_bytes(from_bytes(images)), images.permute(0, 2, 3, 1))
    digits = load("small_digits", "validation").images[:3]
    assert digits.shape == (3, 1, 14, 14)
    np.testing.assert_array_equal(to_bytes(from_bytes(digits)), digits[:, 0])
    wild = torch.tensor([math.nan, math.inf, -math.inf, 2.0]).view(1, 1, 2, 2)
    assert to_bytes(wild).tolist() == [[[0, 255], [0, 255]]]


def test_sharpness_and_score_known_by_heart():
    even, chess = torch.full((2, 1, 14, 14), 0.5), torch.zeros(2, 1, 14, 14)
    chess[:, :, ::2, ::2] = chess[:, :, 1::2, 1::2] = 1
    assert sharpness(even) == 0
    assert sharpness(chess) == pytest.approx(16)  # the Laplacian is ±4 everywhere

    class Sure(nn.Module):
        def forward(self, images):
            return 50.0 * torch.eye(10)[images[:, 0, 0, 0].long()]

    all_digits = torch.arange(10.0)[:, None, None, None].expand(10, 1, 28, 28)
    assert reading(DigitJudge(Sure()), all_digits) == pytest.approx((1, 10), rel=1e-4)
    assert reading(DigitJudge(Sure()), all_digits[:1].expand(10, 1, 28, 28))[1] == pytest.approx(1)


def finish(experiment):
    """The last scalars."""
    scalars = {}
    while made := experiment.step():
        scalars = made
    return scalars


def test_ddim_without_noise_is_decided_by_its_start():
    config = ImagesSampling.Config(ddim_steps=3, samples=2, w=2.0)
    runs = [ImagesSampling(config) for _ in range(2)]
    runs[1].source.manual_seed(77)  # there is nothing left to draw
    for run in runs:
        finish(run)
    assert torch.equal(runs[0].x, runs[1].x)
    noisy = ImagesSampling(config.variant(eta=1.0))
    noisy.source.manual_seed(77)
    finish(noisy)
    assert not torch.equal(runs[0].x, noisy.x)


def test_shipped_digits_are_recognised_and_their_loss_is_small():
    config = ImagesSampling.Config(ddim_steps=10, samples=40)
    assert finish(ImagesSampling(config))["recognised"] >= 0.9
    diffusion = ImageDiffusion.of(checkpoints.shipped("images_mnist"), CPU)
    assert held_out_loss(diffusion, "digits", 250) < 0.028
    noted = checkpoints.about("images_mnist")["figures"]
    assert noted["validation_loss"] <= 0.025
    assert noted["recognised_2"] >= 0.95


def test_what_guidance_drives_beyond_is_kept_within():
    config = ImagesGuidance.Config(scales=("0", "16"), samples=4, ddim_steps=8)
    run = ImagesGuidance(config)
    scalars = finish(run)
    assert scalars["saturated.free.most"] > 2 * scalars["saturated.free.least"]
    assert run.pred_xstart[1].abs().max() <= 1.001 < run.pred_xstart[0].abs().max()
    assert torch.equal(run.labels, torch.arange(4))


def test_shown_and_hidden_scales_begin_with_the_same_noise():
    run = ImagesGuidance(ImagesGuidance.Config(scales=("4", "0", "1"), samples=2))
    assert run.w.tolist() == [0, 1, 4]
    assert torch.equal(run.x, run.x[:1, :1].expand_as(run.x))


def test_training_learns_and_labels_can_all_be_dropped():
    config = ImagesTraining.Config(net="tiny", updates=30, batch_size=16, evaluate_every=30, drop=1)
    run = ImagesTraining(config)
    before = run.net.label.weight.detach().clone()
    assert finish(run)["validation_loss"] < 0.6
    moved = (run.net.label.weight - before).abs().amax(dim=1) > 1e-3
    assert moved.tolist() == [False] * 10 + [True]
    back = ImageDiffusion.of(run.state_dict(), CPU)
    assert (back.side, back.net.channels, len(back.schedule)) == (14, 1, 500)


@pytest.mark.parametrize(
    ("kind", "bad", "said"),
    [
        (ImagesSampling, {"w": 1e9}, "Guidance scale w is a number from 0 to 20"),
        (ImagesSampling, {"ddim_steps": 0}, "DDIM steps is a whole number from 1"),
        (ImagesSampling, {"label": "11"}, "Label is one of"),
        (ImagesSampling, {"samples": 65}, "Samples is a whole number from 1 to 64"),
        (ImagesGuidance, {"scales": ("1e9",)}, "Guidance scales w is one of"),
        (ImagesGuidance, {"scales": ()}, "choose at least one"),
        (ImagesGuidance, {"samples": 51}, "Samples is a whole number from 1 to 50, not “51”"),
        (ImagesTraining, {"timesteps": 1}, "Steps T is a whole number from 50"),
        (ImagesTraining, {"drop": 1.5}, "Labels dropped is a number from 0 to 1"),
    ],
)
def test_bad_settings_get_one_sentence(kind, bad, said):
    with pytest.raises(ConfigError, match=said) as error:
        kind.Config.parse(bad)
    assert str(error.value).count(".") <= 2 + str(error.value).count("0.")


@pytest.mark.parametrize("kind", [ImagesSampling, ImagesGuidance, ImagesBesideVae])
def test_weights_of_other_experiments_are_refused(kind, tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoints, "of_run", lambda key: checkpoints.shipped("vae"))
    with pytest.raises(ConfigError, match="not those of a diffusion of images"):
        kind(kind.Config(weights="0" * 32))
    diverged = {k: v.clone() for k, v in checkpoints.shipped("images_mnist").items()}
    diverged["ema.leave.bias"].fill_(torch.nan)
    monkeypatch.setattr(checkpoints, "of_run", lambda key: diverged)
    with pytest.raises(ConfigError, match="diverged"):
        kind(kind.Config(weights="0" * 32))


def test_a_vae_stands_beside_digits_alone(monkeypatch):
    small = ImagesTraining(ImagesTraining.SMOKE)
    monkeypatch.setattr(checkpoints, "of_run", lambda key: small.state_dict())
    beside = ImagesBesideVae(ImagesBesideVae.SMOKE.variant(weights="0" * 32))
    finish(beside)
    assert beside.picture()["diffusion"].shape == (10, 14, 14)
    colours = ImagesTraining(ImagesTraining.SMOKE.variant(data="pictures", batch_size=4))
    monkeypatch.setattr(checkpoints, "of_run", lambda key: colours.state_dict())
    with pytest.raises(ConfigError, match="draw no digits"):
        ImagesBesideVae(ImagesBesideVae.Config(weights="0" * 32))


def test_extreme_guidance_is_calm():
    config = ImagesSampling.Config(w=20, threshold="none", samples=2, ddim_steps=4)
    run = ImagesSampling(config)
    finish(run)
    assert run.picture()["x_t"].dtype == np.uint8
    assert "stay there" in run.words() or "diverged" in run.words()
