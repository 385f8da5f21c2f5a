"""MNIST as published, in three parts that share no digit."""

import hashlib
import lzma

import numpy as np
import pytest

from core import assets
from core.config import ConfigError
from core.data import mnist, small_digits
from core.data.mnist import average_2x2, load

PUBLISHED = {  # md5 of the unpacked files
    "train-images-idx3-ubyte.xz": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte.xz": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte.xz": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte.xz": "27ae3e4e09519cfbb04c329615203637",
}


def test_files_are_the_published_ones():
    for name, md5 in PUBLISHED.items():
        raw = lzma.decompress(assets.read(mnist.FOLDER / name))
        assert hashlib.md5(raw).hexdigest() == md5


@pytest.mark.parametrize(
    ("split", "length", "first"),
    [
        ("train", 50_000, [5, 0, 4, 1]),
        ("validation", 10_000, [3, 8, 6, 9]),
        ("test", 10_000, [7, 2, 1, 0]),
    ],
)
def test_parts(split, length, first):
    digits = load(split)
    assert digits.images.shape == (length, 28, 28)
    assert len(digits) == len(digits.labels) == length
    assert digits.labels[:4].tolist() == first
    assert set(digits.labels.tolist()) == set(range(10))
    assert load(split) is digits
    with pytest.raises(ValueError, match="read-only"):
        digits.images[0, 0, 0] = 1


def test_no_digit_is_in_two_parts():
    seen = [{image.tobytes() for image in load(split).images} for split in mnist.PARTS]
    assert [len(part) for part in seen] == [50_000, 10_000, 10_000]
    assert len(set.union(*seen)) == 70_000


def test_so_many_of_each_class():
    whole = load("train")
    few = whole.per_class(30, seed=3)
    assert np.bincount(few.labels).tolist() == [30] * 10
    assert len({image.tobytes() for image in few.images}) == 300
    assert len(set(few.labels[:30].tolist())) > 5  # mixed, not class by class
    again, other = whole.per_class(30, seed=3), whole.per_class(30, seed=4)
    assert np.array_equal(few.images, again.images)
    assert not np.array_equal(few.images, other.images)
    known = {
        image.tobytes(): label for image, label in zip(whole.images, whole.labels, strict=True)
    }
    assert all(known[i.tobytes()] == label for i, label in zip(few.images, few.labels, strict=True))


@pytest.mark.parametrize("count", [0, 4507])
def test_too_many_of_a_class(count):
    with pytest.raises(ConfigError, match="4,506 digits of the rarest class"):
        load("train").per_class(count)


def test_averages_of_four():
    images = np.zeros((1, 4, 4), np.uint8)
    images[0, :2, :2] = [[255, 0], [0, 255]]
    images[0, 3, 3] = 51
    np.testing.assert_allclose(average_2x2(images), [[[0.5, 0.0], [0.0, 0.05]]])


def test_small_digits_are_standardised_by_those_for_training():
    whole = average_2x2(load("train").images)
    assert round(whole.mean(), 3) == small_digits.MEAN
    assert round(whole.std(), 3) == small_digits.SPREAD
