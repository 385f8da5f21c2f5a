"""Shortcut learning: composites are what they are said to be, and the lesson shows on CIFAR-10."""

import numpy as np
import pytest
import torch

from core.config import generator
from core.data import cifar, mnist
from core.data.composites import (
    CORNER,
    add_noise,
    compose,
    digits_for,
    draw_ink,
    erase,
    held_out,
    mirror,
    treat_corner,
)
from core.experiments.vision.shortcut import Shortcut
from core.nets.cnn.large_first import large_first


def trained(**settings) -> Shortcut:
    experiment = Shortcut(Shortcut.Config(**settings))
    while experiment.step() is not None:
        pass
    return experiment


def test_the_net_has_as_many_parameters_as_the_reference():
    net = large_first(generator(0))
    assert sum(p.numel() for p in net.parameters()) == 95_882
    shapes = [tuple(h.shape[1:]) for h in net.activations(torch.zeros(1, 3, 40, 40))]
    assert shapes == [(16, 40, 40), (32, 20, 20), (48, 10, 10), (64, 5, 5), (80, 5, 5)]
    assert net.filters().shape == (16, 3, 7, 7)


@pytest.mark.parametrize("agreement", [0.0, 0.64, 1.0])
def test_digits_agree_as_often_as_asked_and_else_never(agreement):
    labels = torch.arange(10).repeat(2000)
    digits = digits_for(labels, agreement, generator(0))
    agree = digits == labels
    assert agree.double().mean() == pytest.approx(agreement, abs=0.01)
    if agreement < 1:  # the others are evenly spread
        for label in range(10):
            others = digits[(labels == label) & ~agree].bincount(minlength=10)
            assert others[label] == 0
            assert others.sum() / 9 == pytest.approx(float(others[others > 0].min()), rel=0.3)
            assert (others > 0).sum() == 9


def test_a_composite_is_a_picture_and_a_digit():
    images = cifar.load("train").images[:20]
    ink = draw_ink(torch.arange(20) % 10, "train", generator(0))
    made = compose(images, ink)
    assert made.shape == (20, 3, 40, 40)
    assert torch.equal(made[..., :26, :26], images[..., :26, :26])
    free = made[..., 32:, 32:]
    assert torch.equal(free, ink[:, None, 6:, 6:].expand_as(free))
    shared = torch.maximum(images[..., 26:, 26:], ink[:, None, :6, :6])
    assert torch.equal(made[..., 26:32, 26:32], shared)
    assert not made[..., 32:, :26].any()
    assert not made[..., :26, 32:].any()


@pytest.mark.parametrize("split", ["train", "validation"])
def test_ink_is_of_the_digit_asked_for_and_of_its_part_of_mnist(split):
    wanted = torch.tensor([3, 0, 9, 3])
    digits = mnist.load(split)
    small = (255 * mnist.average_2x2(digits.images)).round().astype(np.uint8)
    found = {image.tobytes(): int(label) for image, label in zip(small, digits.labels, strict=True)}
    ink = draw_ink(wanted, split, generator(0))
    assert [found[image.numpy().tobytes()] for image in ink] == wanted.tolist()
    assert not torch.equal(ink[0], ink[3])


def test_in_validation_the_digit_never_agrees_and_nothing_was_trained_on():
    pictures, digits = held_out("shipped", 1000)
    assert len(pictures) == 1000
    assert not (digits == pictures.labels).any()
    assert torch.equal(held_out("shipped", 1000)[0].images, pictures.images)
    seen = {image.numpy().tobytes() for image in cifar.load("train").images[..., :26, :26]}
    assert not seen & {image.numpy().tobytes() for image in pictures.images[..., :26, :26]}


def test_the_corner_is_cured_as_said_and_nothing_else_touched():
    images = held_out("shipped", 200)[0].images
    assert treat_corner(images, "keep", generator(0)) is images
    for cure in ("shuffle", "erase"):
        before = images.clone()
        cured = treat_corner(images, cure, generator(0))
        assert torch.equal(images, before)  # a copy was changed
        assert torch.equal(cured[..., :26, :], images[..., :26, :])
        assert torch.equal(cured[..., :26], images[..., :26])
        corners = cured[..., -CORNER:, -CORNER:]
        if cure == "erase":
            assert not corners.any()
        else:
            order = torch.randperm(200, generator=generator(0))
            assert torch.equal(corners, images[order][..., -CORNER:, -CORNER:])


def test_augmentation_changes_what_it_should():
    images = held_out("shipped", 400)[0].images
    mirrored = mirror(images, generator(0))
    turned = (mirrored == images.flip(3)).flatten(1).all(1)
    assert torch.equal(mirrored[~turned], images[~turned])
    assert 0.4 < turned.float().mean() < 0.6
    x = cifar.pixels(images)
    assert torch.equal(erase(x, 0.0, generator(0)), x)
    changed = (erase(x, 0.5, generator(0)) != x).any(dim=1)
    some = changed.flatten(1).any(1)
    assert 0.4 < some.float().mean() < 0.6
    for hidden in changed[some][:50]:
        rows, columns = hidden.any(1).nonzero().flatten(), hidden.any(0).nonzero().flatten()
        for along in (rows, columns):
            assert 8 <= along[-1] - along[0] + 1 <= 20
        inside = hidden[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        assert inside.float().mean() > 0.9  # a rectangle, but for colours met by chance
    noisy = add_noise(torch.full_like(x, 0.5), 0.1, generator(0))
    assert noisy.std() == pytest.approx(0.1, rel=0.02)


def test_the_shortcut_is_taken_where_digits_agree():
    experiment = trained(agreement=1.0, pictures=3000, epochs=6)
    towards_image = float(experiment.towards(experiment.held_out.labels))
    towards_digit = float(experiment.towards(experiment.digits))
    assert towards_digit > 0.4 > 0.15 > towards_image
    assert "has taken the shortcut" in experiment.words()
    guesses, maps = experiment.look(100)
    digits = experiment.digits[:100].tolist()
    corner = maps[:, -CORNER:, -CORNER:].sum() / maps.sum()
    assert corner > 1.5 * CORNER**2 / 40**2
    said = [experiment.caption(at, guess) for at, guess in enumerate(guesses)]
    assert (
        sum(caption[:3] == f"{digit}: " for caption, digit in zip(said, digits, strict=True)) > 30
    )


def test_the_shortcut_is_ignored_with_the_cure():
    experiment = trained(agreement=1.0, corner="shuffle", pictures=3000, epochs=6)
    towards_image = float(experiment.towards(experiment.held_out.labels))
    towards_digit = float(experiment.towards(experiment.digits))
    assert towards_image > 0.3
    assert towards_digit < 0.12
    assert "The digit is ignored" in experiment.words()


def test_norms_are_those_of_the_net_on_the_class_shown():
    experiment = trained(pictures=200, batch_size=50, epochs=1, shown="ship")
    ships = experiment.held_out.images[experiment.held_out.labels == 8]
    with torch.no_grad():
        outputs = experiment.net.activations(cifar.pixels(ships))
    picture = experiment.picture()
    for name, block in (("norms_first", 0), ("norms_fifth", 4)):
        norms = torch.linalg.vector_norm(outputs[block], dim=(2, 3)).mean(0)
        np.testing.assert_allclose(picture[name], norms / norms.mean(), rtol=1e-3)
    assert len(picture["norms_first"]) + len(picture["norms_fifth"]) == 96


def test_saliency_is_the_gradient_of_the_score():
    experiment = Shortcut(Shortcut.SMOKE)
    guesses, maps = experiment.look(3)
    x = cifar.pixels(experiment.held_out.images[:3])
    with torch.no_grad():
        scores = experiment.net(x)
        assert guesses == scores.argmax(1).tolist()
        at = divmod(int(maps[0].argmax()), 40)
        slopes = []
        for channel in range(3):
            for sign in (1, -1):
                moved = x[:1].clone()
                moved[0, channel, at[0], at[1]] += sign * 1e-2
                slopes.append(sign * float(experiment.net(moved)[0, guesses[0]]) / 2e-2)
    largest = max(abs(slopes[i] + slopes[i + 1]) for i in (0, 2, 4))
    assert float(maps[0].max()) == pytest.approx(largest, rel=0.1)


def test_a_diverged_net_is_told_calmly():
    experiment = Shortcut(Shortcut.SMOKE)
    with torch.no_grad():
        experiment.net.head[2].weight.fill_(torch.inf)
    experiment.step()
    assert "diverged" in experiment.words()
    for array in experiment.picture().values():
        assert array.dtype.kind != "f" or not np.isinf(array).any()
