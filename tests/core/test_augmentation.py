"""Augmentation in batches is what torchvision does to one picture after the other."""

import numpy as np
import pytest
import torch
from torch.nn.functional import pad
from torchvision.transforms import functional

from core.config import generator
from core.data import cifar
from core.data.augmentation import Augmentation, colour, move
from core.experiments.vision.cnn_augmentation import CNNAugmentation


@pytest.fixture(scope="module")
def images():
    return cifar.load("train").images[:64]


def test_each_picture_is_cut_out_of_its_reflection_and_every_second_mirrored(images):
    moved = move(images, True, 4, generator(0))
    padded = pad(images.float(), (4, 4, 4, 4), mode="reflect").to(torch.uint8)
    places, mirrored = set(), 0
    for image, out in zip(padded, moved, strict=True):
        cuts = {
            (flip, top, left): (cut.flip(2) if flip else cut)
            for top in range(9)
            for left in range(9)
            for flip in (False, True)
            if (cut := image[:, top : top + 32, left : left + 32]) is not None
        }
        found = [key for key, cut in cuts.items() if torch.equal(cut, out)]
        assert len(found) == 1
        mirrored += found[0][0]
        places.add(found[0][1:])
    assert 20 < mirrored < 44
    assert len(places) > 30  # of 81


def test_nothing_is_done_where_nothing_is_asked_for(images):
    same = Augmentation()(images, generator(0))
    torch.testing.assert_close(same, images.float() / 255, rtol=0, atol=0)
    assert torch.equal(move(images, False, 0, generator(0)), images)


def test_colours_change_as_torchvision_changes_them(images):
    x = cifar.pixels(images[:8]) * 0.5 + 0.25  # so that nothing is cut off on the way
    out = colour(x, 0.2, generator(3))
    drawn = 1 + 0.2 * (2 * torch.rand(3, 8, 1, 1, 1, generator=generator(3)) - 1)
    for image, changed, factors in zip(x, out, drawn.flatten(1).T.tolist(), strict=True):
        brightness, contrast, saturation = factors
        bright = functional.adjust_brightness(image, brightness)
        coloured = functional.adjust_saturation(bright, saturation)
        expected = functional.adjust_contrast(coloured, contrast)
        torch.testing.assert_close(changed, expected, atol=2e-3, rtol=0)
    wild = colour(cifar.pixels(images), 1.0, generator(0))
    assert 0 <= wild.min() <= wild.max() <= 1


def test_the_mean_of_variants_begins_anew_with_another_picture():
    experiment = CNNAugmentation(CNNAugmentation.Config(flip=False, shift=0, jitter=0))
    for _ in range(3):
        experiment.step()
    assert experiment.step() == {"same": 1.0}
    experiment.config = experiment.config.variant(shown=7)
    experiment.step()
    picture = experiment.picture()
    np.testing.assert_array_equal(picture["mean"], picture["picture"])
    np.testing.assert_array_equal(picture["variants"], picture["picture"].repeat(12, axis=0))
    assert set(picture["verdicts"]) == set(picture["verdict"])
    assert "So it does 12 of these 12 variants." in experiment.words()
