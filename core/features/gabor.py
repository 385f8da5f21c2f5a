"""A bank of Gabor filters: waves under Gaussian hills, each tuned to one orientation and one width.

Gabor (1946), in two dimensions by Daugman (1985). Cells of the visual cortex respond much like it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Complex, Float
from torch.nn.functional import avg_pool2d, conv2d

SIZE = 13  # pixels of a filter along each side
FREQUENCIES = (0.15, 0.25, 0.35)  # waves per pixel, for digits of 14 × 14 pixels
BANDWIDTHS = (1.0, 1.5, 2.0)  # octaves


def gabor(
    orientation: float, frequency: float, bandwidth: float, size: int = SIZE
) -> Complex[np.ndarray, "size size"]:
    """h(x, y) = e^(−(x² + y²) / 2σ²) · (e^(2πi f u) − m) / Z,  u = x cos θ + y sin θ

    `orientation` θ is the direction in radians in which the wave runs, `frequency` f in waves per
    pixel, `bandwidth` b in octaves between the frequencies of half the response, which sets
    σ = √(ln 2 / 2) / (π f) · (2ᵇ + 1) / (2ᵇ − 1). The hill sums to 1 (Z), and m makes the whole sum
    to 0, so that even paper gives no response.
    """
    ratio = (2**bandwidth + 1) / (2**bandwidth - 1)
    sigma = math.sqrt(math.log(2) / 2) / (math.pi * frequency) * ratio
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    hill = np.exp(-(x**2 + y**2) / (2 * sigma**2))
    hill /= hill.sum()
    wave = np.exp(2j * np.pi * frequency * (x * np.cos(orientation) + y * np.sin(orientation)))
    filtered: np.ndarray = hill * (wave - (hill * wave).sum())
    return filtered


def gabor_bank(
    orientations: int,
    frequencies: Sequence[float] = FREQUENCIES,
    bandwidths: Sequence[float] = BANDWIDTHS,
) -> Complex[np.ndarray, "filters size size"]:
    """All combinations, orientation by orientation; θ = 0, π/n, …: the other half are the same."""
    return np.stack(
        [
            gabor(math.pi * turn / orientations, frequency, bandwidth)
            for turn in range(orientations)
            for frequency in frequencies
            for bandwidth in bandwidths
        ]
    )


def as_pictures(
    bank: Complex[np.ndarray, "filters size size"],
) -> Float[np.ndarray, "filters size size"]:
    """The real parts, each as strong as the others, for a frame."""
    pictures: np.ndarray = bank.real / np.abs(bank.real).max(axis=(1, 2), keepdims=True)
    return pictures.astype(np.float32)


def responses(
    images: Float[np.ndarray, "images rows columns"],
    bank: Complex[np.ndarray, "filters size size"],
) -> Float[np.ndarray, "images filters rows columns"]:
    """|h ∗ image|: how much of each wave there is around each pixel, wherever its crests lie."""
    x = torch.from_numpy(images).float().unsqueeze(1)
    parts = [
        torch.from_numpy(np.ascontiguousarray(part)).float() for part in (bank.real, bank.imag)
    ]
    even, odd = (conv2d(x, part.unsqueeze(1), padding="same") for part in parts)
    return torch.hypot(even, odd).numpy()


def gabor_features(
    images: Float[np.ndarray, "images rows columns"],
    bank: Complex[np.ndarray, "filters size size"],
) -> Float[np.ndarray, "images features"]:
    """The mean response of each filter in each block of 2 × 2 pixels."""
    maps = torch.from_numpy(responses(images, bank))
    return avg_pool2d(maps, 2).flatten(1).double().numpy()
