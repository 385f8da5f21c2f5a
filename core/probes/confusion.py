"""What a classifier takes for what."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Int, Integer
from torch import Tensor


def confusion(
    truth: Integer[np.ndarray, " items"] | Integer[Tensor, " items"],
    predicted: Integer[np.ndarray, " items"] | Integer[Tensor, " items"],
    classes: int = 10,
) -> Int[Tensor, "classes classes"]:
    """How often each class (row) was taken for each (column)."""
    rows, columns = torch.as_tensor(truth).long(), torch.as_tensor(predicted).long()
    counts = torch.bincount(classes * rows + columns, minlength=classes**2)
    return counts.reshape(classes, classes)
