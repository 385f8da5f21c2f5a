"""Attacks: against torchattacks on the same net, within the ε-ball and [0, 1], by own chance."""

import pytest
import torch
import torchattacks
from torch import nn

from core.attacks import fgsm, input_gradient, iterative_fgsm, pgd
from core.attacks.balls import length, project, random_point
from core.config import generator

EPSILON = {"inf": 8 / 255, "2": 0.5}
ALPHA = {"inf": 2 / 255, "2": 0.1}
CLASSES = 10


def small_net(channels: int = 3) -> nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(3)
        return nn.Sequential(
            nn.Conv2d(channels, 8, 3, padding=1),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.LazyLinear(CLASSES),
        ).eval()


def examples(count: int = 12, side: int = 10) -> tuple[nn.Module, torch.Tensor, torch.Tensor]:
    source = generator(1)
    images = torch.rand(count, 3, side, side, generator=source)
    images[0], images[1] = 0, 1  # as far into two corners as pixels go
    net = small_net()
    net(images)
    return net, images, torch.randint(CLASSES, (count,), generator=source)


def reference(attack, images, labels, targeted=False):
    """Of torchattacks, with our source's random numbers: its own come from the global generator."""
    if targeted:
        attack.set_mode_targeted_by_label(quiet=True)
    with torch.random.fork_rng():
        torch.manual_seed(5)
        return attack(images, labels)


@pytest.mark.parametrize("targeted", [False, True])
def test_equal_to_torchattacks(targeted):
    net, images, labels = examples()
    how = {"targeted": targeted}
    inf, two = EPSILON["inf"], EPSILON["2"]
    pairs = {
        "FGSM": (
            torchattacks.FGSM(net, eps=inf),
            fgsm(net, images, labels, inf, **how),
        ),
        "iterative FGSM": (
            torchattacks.BIM(net, eps=inf, alpha=inf / 5, steps=5),
            iterative_fgsm(net, images, labels, inf, alpha=inf / 5, steps=5, **how),
        ),
        "PGD": (
            torchattacks.PGD(net, eps=inf, alpha=2 / 255, steps=10),
            pgd(net, images, labels, inf, alpha=2 / 255, steps=10, source=generator(5), **how),
        ),
        "PGD, norm 2": (
            torchattacks.PGDL2(net, eps=two, alpha=0.1, steps=10),
            pgd(
                net, images, labels, two, alpha=0.1, steps=10, norm="2", source=generator(5), **how
            ),
        ),
    }
    for name, (attack, ours) in pairs.items():
        theirs = reference(attack, images, labels, targeted)
        assert (theirs - images).abs().max() > 1e-3
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-6, msg=name)


@pytest.mark.parametrize("norm", ["inf", "2"])
@pytest.mark.parametrize("targeted", [False, True])
def test_no_attack_leaves_the_ball_or_the_pixels_range(norm, targeted):
    net, images, labels = examples()
    how = {"norm": norm, "targeted": targeted}
    for epsilon in (0.0, 0.01, EPSILON[norm], 3.0):
        long = {"alpha": max(epsilon, 0.1), "steps": 4}  # steps as long as the ball is wide
        found = [
            fgsm(net, images, labels, epsilon, **how),
            iterative_fgsm(net, images, labels, epsilon, **long, **how),
            pgd(net, images, labels, epsilon, **long, source=generator(0), **how),
        ]
        for moved in found:
            assert moved.min() >= 0
            assert moved.max() <= 1
            delta = moved - images
            far = delta.abs().max() if norm == "inf" else length(delta).max()
            assert far <= epsilon + 1e-6
            if 0 < epsilon < 1:
                assert far > 0.5 * epsilon


def test_attacks_raise_the_loss_and_targeted_ones_lower_that_of_the_target():
    net, images, labels = examples(count=40)

    def loss(x, y):
        return nn.functional.cross_entropy(net(x), y)

    for norm, epsilon in EPSILON.items():
        how = {"alpha": ALPHA[norm], "steps": 10, "norm": norm}
        once = fgsm(net, images, labels, epsilon, norm=norm)
        often = iterative_fgsm(net, images, labels, epsilon, **how)
        assert loss(images, labels) < loss(once, labels) <= loss(often, labels) + 1e-3
        targets = (net(images).argmax(1) + 1) % CLASSES
        led = iterative_fgsm(net, images, targets, epsilon, targeted=True, **how)
        assert loss(led, targets) < loss(images, targets)


def test_the_gradient_is_each_images_own():
    net, images, labels = examples()
    together = input_gradient(net, images, labels)
    for i in (2, 7):
        alone = input_gradient(net, images[i : i + 1], labels[i : i + 1])
        torch.testing.assert_close(together[i : i + 1], alone)
    net, exact, labels = net.double(), images[2:].double(), labels[2:]  # max-pooling ties in 0, 1
    step = 1e-2 * torch.randn(exact.shape, generator=generator(2), dtype=torch.float64)
    slope = (input_gradient(net, exact, labels) * step).sum()

    def total(x):
        return nn.functional.cross_entropy(net(x), labels, reduction="sum")

    tiny = 1e-5
    difference = (total(exact + tiny * step) - total(exact - tiny * step)) / (2 * tiny)
    torch.testing.assert_close(slope, difference.detach(), rtol=1e-4, atol=1e-8)


def test_chance_comes_from_the_source_alone_and_the_net_is_left_as_it_was():
    net, images, labels = examples()
    state = torch.get_rng_state()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    how = {"alpha": 0.01, "steps": 2}
    first, again, other = (
        pgd(net, images, labels, 0.03, source=generator(seed), **how) for seed in (0, 0, 1)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(state, torch.get_rng_state())
    assert all(torch.equal(before[name], value) for name, value in net.state_dict().items())
    assert all(parameter.grad is None for parameter in net.parameters())
    assert not first.requires_grad


def test_projection_and_random_points():
    images = torch.rand(50, 3, 4, 4, generator=generator(0))
    outside = images + 0.3 * torch.randn(images.shape, generator=generator(1))
    for norm in ("inf", "2"):
        inside = project(outside, images, 0.1, norm)
        torch.testing.assert_close(project(inside, images, 0.1, norm), inside)
        near = random_point(images, 0.1, norm, generator(2))
        torch.testing.assert_close(project(near, images, 0.1, norm), near)
    delta = random_point(torch.full_like(images, 0.5), 0.1, "inf", generator(2)) - 0.5
    assert delta.abs().mean() == pytest.approx(0.05, rel=0.05)


def test_grey_digits_are_attacked_alike():
    net = small_net(channels=1)
    images = torch.rand(4, 1, 28, 28, generator=generator(0))
    labels = net(images).argmax(1)
    moved = iterative_fgsm(net, images, labels, 0.3, alpha=0.1, steps=5)
    assert (net(moved).argmax(1) != labels).all()
