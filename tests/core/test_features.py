"""Hand-made features against direct formulas and references."""

import math

import numpy as np
import pytest
import scipy.signal
import sklearn.decomposition
from hypothesis import given, settings
from hypothesis import strategies as st

from core.features.gabor import gabor, gabor_bank, gabor_features, responses
from core.features.pca import PCA


def directly(theta: float, f: float, b: float, size: int) -> np.ndarray:
    """Pixel by pixel: cosine and sine under the hill, less what would answer to even paper."""
    sigma = (1 / (math.pi * f)) * math.sqrt(math.log(2) / 2) * (2**b + 1) / (2**b - 1)
    even, odd, hill = np.zeros((3, size, size))
    for row in range(size):
        for column in range(size):
            x, y = column - size // 2, row - size // 2
            hill[row, column] = math.exp(-(x * x + y * y) / (2 * sigma**2))
            u = x * math.cos(theta) + y * math.sin(theta)
            even[row, column] = math.cos(2 * math.pi * f * u)
            odd[row, column] = math.sin(2 * math.pi * f * u)
    hill /= hill.sum()
    return hill * (even - (hill * even).sum()) + 1j * hill * (odd - (hill * odd).sum())


@settings(max_examples=30)
@given(
    theta=st.floats(0, math.pi),
    f=st.floats(0.05, 0.45),
    b=st.floats(0.5, 2.5),
    size=st.sampled_from([7, 13, 15]),
)
def test_gabor_is_the_formula(theta, f, b, size):
    filtered = gabor(theta, f, b, size)
    np.testing.assert_allclose(filtered, directly(theta, f, b, size), atol=1e-15)
    assert abs(filtered.sum()) < 1e-14


@pytest.mark.parametrize(("theta", "f", "b"), [(0.0, 0.2, 1.0), (math.pi / 2, 0.1, 1.5)])
def test_gabor_is_tuned(theta, f, b):
    """Its own wave answers most; half as much answers b octaves apart, and across hardly any."""
    size = 301
    filtered = gabor(theta, f, b, size)
    y, x = np.mgrid[:size, :size] - size // 2

    def answer(frequency, direction):
        wave = np.exp(2j * np.pi * frequency * (x * np.cos(direction) + y * np.sin(direction)))
        return abs((filtered * wave.conj()).sum())

    low, high = (f * 2 * end / (2**b + 1) for end in (1, 2**b))
    assert high / low == pytest.approx(2**b)
    assert answer(f, theta) == pytest.approx(1, abs=0.01)
    assert answer(high, theta) == pytest.approx(0.5, abs=0.01)
    assert answer(f, theta + math.pi / 2) < 0.1


def test_bank_has_all_combinations():
    bank = gabor_bank(4, (0.15, 0.3), (1.0, 1.5, 2.0))
    assert bank.shape == (24, 13, 13)
    np.testing.assert_array_equal(bank[0], gabor(0.0, 0.15, 1.0))
    np.testing.assert_array_equal(bank[6 + 4], gabor(math.pi / 4, 0.3, 1.5))


def test_responses_are_correlations():
    image = np.random.default_rng(0).random((2, 14, 14))
    bank = gabor_bank(3, (0.2,), (1.0,))
    found = responses(image, bank)
    for n, one in enumerate(image):
        for k, filtered in enumerate(bank):
            expected = abs(scipy.signal.correlate(one, filtered.conj(), mode="same"))
            np.testing.assert_allclose(found[n, k], expected, atol=1e-6)
    blocks = found.reshape(2, 3, 7, 2, 7, 2).mean(axis=(3, 5)).reshape(2, -1)
    np.testing.assert_allclose(gabor_features(image, bank), blocks, atol=1e-6)


@pytest.mark.parametrize(("samples", "features", "kept"), [(40, 7, 3), (12, 30, 5), (9, 20, 9)])
def test_pca_is_sklearns(samples, features, kept):
    source = np.random.default_rng(samples)
    x = source.normal(size=(samples, features)) @ source.normal(size=(features, features))
    ours, theirs = PCA.fit(x, kept), sklearn.decomposition.PCA(kept, svd_solver="full").fit(x)
    np.testing.assert_allclose(ours.mean, theirs.mean_)
    np.testing.assert_allclose(ours.variances, theirs.explained_variance_, atol=1e-9)
    assert ours.share == pytest.approx(theirs.explained_variance_ratio_.sum())
    real = theirs.explained_variance_ > 1e-9  # a direction without variance is anybody's choice
    signs = np.sign((ours.components * theirs.components_).sum(axis=1))
    new = source.normal(size=(5, features))
    np.testing.assert_allclose(
        (ours.transform(new) * signs)[:, real], theirs.transform(new)[:, real], atol=1e-9
    )


def test_pca_keeps_what_there_is():
    assert PCA.fit(np.eye(4), 100).components.shape == (4, 4)
