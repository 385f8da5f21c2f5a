"""What a classifier takes for what: counts, and the very images it misreads."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Int, Integer, UInt8
from torch import Tensor

from core.data.mnist import Digits


def confusion(
    truth: Integer[np.ndarray, " items"],
    predicted: Integer[Tensor, " items"],
    classes: int = 10,
) -> Int[Tensor, "classes classes"]:
    """How often each class (row) was taken for each (column)."""
    pairs = classes * torch.tensor(truth, dtype=torch.int64) + predicted.long().cpu()
    return torch.bincount(pairs, minlength=classes**2).reshape(classes, classes)


def misread(
    digits: Digits, predicted: Integer[Tensor, " digits"], most: int = 10
) -> tuple[UInt8[np.ndarray, "most rows columns"], np.ndarray]:
    """The first few digits that are taken for another, and "4 as 9" for each; blank where fewer."""
    guesses = predicted.cpu().numpy()
    wrong = np.flatnonzero(guesses != digits.labels)[:most]
    images = np.zeros((most, *digits.images.shape[1:]), np.uint8)
    images[: len(wrong)] = digits.images[wrong]
    captions = [f"{digits.labels[i]} as {guesses[i]}" for i in wrong]
    return images, np.array(captions + [""] * (most - len(wrong)))
