"""What a kernel machine is given of a digit: its pixels, or what a Gabor bank answers to it."""

from __future__ import annotations

import numpy as np
from jaxtyping import Complex, Float

from core.data.mnist import Digits, average_2x2
from core.features.gabor import gabor_features
from core.features.pca import PCA

Pair = tuple[np.ndarray, np.ndarray]  # (digits, features) for training, and held out


def pixels(digits: Digits) -> Float[np.ndarray, "digits 196"]:
    """14 × 14 pixels, each the mean of 2 × 2, from 0 (paper) to 1 (ink)."""
    return average_2x2(digits.images).reshape(len(digits), -1)


def answers(
    digits: Digits, bank: Complex[np.ndarray, "filters size size"]
) -> Float[np.ndarray, "digits features"]:
    """49 mean responses of every filter to the 14 × 14 pixels."""
    return gabor_features(average_2x2(digits.images), bank)


MOST = 1000  # digits that the directions are found from: more take seconds and change little


def reduce(train: np.ndarray, held_out: np.ndarray, components: int) -> tuple[Pair, PCA]:
    """Both along the directions in which training digits vary most, and those directions."""
    pca = PCA.fit(train[:MOST], components)
    return scale(pca.transform(train), pca.transform(held_out)), pca


def scale(
    train: Float[np.ndarray, "digits features"], held_out: Float[np.ndarray, "others features"]
) -> Pair:
    """Centred and divided by one number, so that the features' mean variance is 1 in training.

    One number for all, and not one for each: a pixel in a corner hardly ever changes, and to
    scale it up would make noise as loud as ink.
    """
    mean, deviation = train.mean(axis=0), np.sqrt(train.var(axis=0).mean())
    return (train - mean) / deviation, (held_out - mean) / deviation
