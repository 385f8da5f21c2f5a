"""The game's losses against autograd and the theory; street numbers; the judge's coverage."""

import hashlib
import math

import numpy as np
import pytest
import scipy.io
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from core import checkpoints
from core.adversaries.coverage import cover, spread_of
from core.adversaries.judge import load_judge
from core.adversaries.losses import LOSSES, discriminator_loss, generator_loss, push
from core.config import ConfigError, generator
from core.data import street_numbers
from core.data.cifar import pixels
from core.experiments.generative.gan_training import TWO_LN_2, GanTraining
from core.experiments.generative.street_judge import StreetJudge
from core.experiments.vision.cnn_training import CNNTraining
from core.nets.gan import Discriminator, Generator


def test_losses_at_the_equilibrium():
    undecided = torch.zeros(7)
    assert float(discriminator_loss(undecided, undecided)) == pytest.approx(2 * math.log(2))
    assert float(generator_loss(undecided, "non_saturating")) == pytest.approx(math.log(2))
    assert float(generator_loss(undecided, "minimax")) == pytest.approx(-math.log(2))
    assert pytest.approx(2 * math.log(2)) == TWO_LN_2


def test_discriminator_loss_is_cross_entropy():
    real, fake = torch.randn(2, 9, generator=generator(0))
    expected = binary_cross_entropy_with_logits(real, torch.ones(9))
    expected += binary_cross_entropy_with_logits(fake, torch.zeros(9))
    torch.testing.assert_close(discriminator_loss(real, fake), expected)


def test_best_discriminator_leaves_2_ln_2_minus_twice_the_divergence():
    """On two densities over six places, found by descent on the discriminator's loss."""
    p = torch.tensor([0.1, 0.3, 0.2, 0.2, 0.1, 0.1], dtype=torch.float64)
    for q in (p, p.flip(0), torch.tensor([0.5, 0.1, 0.1, 0.1, 0.1, 0.1], dtype=torch.float64)):
        logits = torch.zeros(6, dtype=torch.float64, requires_grad=True)
        descent = torch.optim.LBFGS([logits], max_iter=200, tolerance_grad=1e-12)

        def loss(q=q, logits=logits, descent=descent):
            descent.zero_grad()
            # Each place stands there as often as it is likely.
            value = discriminator_loss(
                logits.repeat_interleave((10 * p).round().long()),
                logits.repeat_interleave((10 * q).round().long()),
            )
            value.backward()
            return value

        descent.step(loss)
        torch.testing.assert_close(logits.sigmoid().detach(), p / (p + q), atol=1e-4, rtol=0)
        m = (p + q) / 2
        jsd = ((p * (p / m).log()).sum() + (q * (q / m).log()).sum()) / 2
        assert float(loss().detach()) == pytest.approx(TWO_LN_2 - 2 * float(jsd), abs=1e-7)


@pytest.mark.parametrize("loss", LOSSES)
def test_push_is_the_gradient_of_the_loss(loss):
    logits = torch.randn(8, generator=generator(1)).requires_grad_()
    (gradient,) = torch.autograd.grad(generator_loss(logits, loss), logits)
    torch.testing.assert_close(push(logits.detach(), loss) / 8, -gradient)


@pytest.mark.parametrize("loss", LOSSES)
def test_generator_learns_by_the_gradient_of_its_loss(loss):
    run = GanTraining(GanTraining.SMOKE.variant(loss=loss))
    run.discriminate()
    z = run.numbers(run.config.batch_size, run.source.clone_state())
    drawn = run.generator(z)
    drawn.retain_grad()
    generator_loss(run.discriminator(drawn), loss).backward()
    expected = [parameter.grad.clone() for parameter in run.generator.parameters()]
    reach = run.config.batch_size * drawn.grad.flatten(1).norm(dim=1).mean()
    made = run.generate()
    for parameter, gradient in zip(run.generator.parameters(), expected, strict=True):
        torch.testing.assert_close(parameter.grad, gradient, rtol=1e-3, atol=1e-7)
    torch.testing.assert_close(made[f"reach.{loss}"], reach, rtol=1e-4, atol=0)


@pytest.mark.parametrize("side", [16, 32])
def test_nets_fit_one_another_and_start_from_their_seed_alone(side):
    nets = [(Generator(5, side, 4, s), Discriminator(side, 4, s)) for s in map(generator, (3, 3))]
    z = torch.randn(6, 5, generator=generator(0))
    drawn = nets[0][0](z)
    assert drawn.shape == (6, 3, side, side)
    assert nets[0][1](drawn).shape == (6,)
    torch.testing.assert_close(nets[1][0](z), drawn, rtol=0, atol=0)
    # A picture's logit is that picture's alone.
    torch.testing.assert_close(nets[0][1](drawn)[:1], nets[0][1](drawn[:1]))


def test_street_numbers_are_what_they_are_said_to_be():
    train = street_numbers.load("train")
    held_out = street_numbers.load("validation", side=32)
    assert train.images.shape == (8_000, 3, 16, 16)
    assert held_out.images.shape == (1_000, 3, 32, 32)
    counts = train.labels.bincount(minlength=10)
    assert counts.min() > 700
    again = street_numbers.compose(50, generator(0), street_numbers.WALLS["train"])
    other = street_numbers.compose(50, generator(1), street_numbers.WALLS["train"])
    same = street_numbers.compose(50, generator(0), street_numbers.WALLS["train"])
    assert torch.equal(again.images, same.images)
    assert not torch.equal(again.images, other.images)


def test_every_digit_stands_out_from_its_wall():
    source = generator(5)
    wall = street_numbers.cut_walls(200, source, (0, 1))
    colour = street_numbers.choose_colours(wall, source)
    apart = ((colour - wall.mean(dim=(2, 3))) @ street_numbers.LUMA).abs()
    assert apart.min() > 0.15  # colours that had to be cut off at 0 or 1 lose some
    assert apart.median() > street_numbers.CONTRAST


def test_svhn_is_read_by_torchvision_from_a_mat_file(tmp_path, monkeypatch):
    from torchvision.datasets import SVHN

    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (32, 32, 3, 40), np.uint8)
    labels = np.arange(1, 41)[:, None] % 10 + 1  # 1 to 10; 10 stands for the digit 0
    folder = tmp_path / "svhn"
    folder.mkdir()
    file = folder / "train_32x32.mat"
    scipy.io.savemat(file, {"X": images, "y": labels.astype(np.uint8)})
    digest = hashlib.md5(file.read_bytes()).hexdigest()
    monkeypatch.setattr(SVHN, "split_list", {"train": ["nowhere", file.name, digest]})
    monkeypatch.setenv("GLASSBOX_DATA", str(tmp_path))
    train, held_out = (street_numbers.svhn(split) for split in ("train", "validation"))
    assert (len(train), len(held_out)) == (20, 20)
    np.testing.assert_array_equal(train.images[3].numpy(), images[..., 3].transpose(2, 0, 1))
    np.testing.assert_array_equal(held_out.images[0].numpy(), images[..., 20].transpose(2, 0, 1))
    assert train.labels.tolist()[:11] == [2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2]
    file.write_bytes(b"damaged")
    with pytest.raises(ConfigError, match="composed street numbers"):
        street_numbers.svhn("train")


def test_judge_reads_street_numbers_at_both_sizes():
    judge = load_judge("shipped")
    for side in (16, 32):
        pictures = street_numbers.load("validation", side=side)
        taken = judge(pixels(pictures.images)).argmax(dim=1)
        assert (taken == pictures.labels).float().mean() > 0.95
    said = checkpoints.about("street_judge")["figures"]["accuracy"]
    assert said > 0.95
    with pytest.raises(ConfigError, match="no longer here"):
        load_judge("0" * 32)


def test_a_judge_of_a_run_reads_and_one_that_diverged_is_refused(monkeypatch):
    run = StreetJudge(StreetJudge.SMOKE)
    monkeypatch.setattr(checkpoints, "of_run", lambda key: run.state_dict())
    assert load_judge("0" * 32)(torch.zeros(1, 3, 16, 16)).shape == (1, 10)
    with torch.no_grad():
        next(run.net.parameters()).fill_(math.nan)
    with pytest.raises(ConfigError, match="diverged"):
        load_judge("0" * 32)


def test_a_net_that_learnt_other_pictures_is_no_judge(monkeypatch):
    run = CNNTraining(CNNTraining.SMOKE.variant(net="small"))
    monkeypatch.setattr(checkpoints, "of_run", lambda key: run.state_dict())
    with pytest.raises(ConfigError, match="no judge"):
        load_judge("0" * 32)


def test_coverage_counts_what_is_surely_read():
    judge, pictures = load_judge("shipped"), street_numbers.load("validation")
    x = pixels(pictures.images)
    whole = cover(judge, x, spread_of(x))
    assert whole.classes == 10
    assert whole.read > 0.85
    assert whole.variety == pytest.approx(1)
    sevens = x[pictures.labels == 7]
    assert cover(judge, sevens, spread_of(x)).classes <= 2
    one = cover(judge, x[:1].expand(50, -1, -1, -1), spread_of(x))
    assert one.variety == 0
    noise = torch.rand(200, 3, 16, 16, generator=generator(0))
    assert cover(judge, noise, spread_of(x)).read < 0.7


def test_minimax_goes_silent_where_the_discriminator_is_sure():
    settings = {"width": 8, "latents": 8, "batch_size": 32, "updates": 25, "d_steps": 4}
    run = GanTraining(GanTraining.Config(**settings, ratio=3.0, loss="minimax"))
    while (made := run.step()) is not None:
        last = made
    assert float(last["D.loss"]) < 0.5
    assert float(last["reach.minimax"]) < 0.2 * float(last["reach.non_saturating"])


def test_steps_that_would_keep_a_cpu_for_long_are_refused():
    with pytest.raises(ConfigError, match="take a CPU too long"):
        GanTraining(GanTraining.Config(batch_size=512, width=128, d_steps=10))
