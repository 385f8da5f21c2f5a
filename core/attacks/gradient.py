"""The gradient of the loss by the pixels: what every attack here follows."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

Images = Float[Tensor, "images channels rows columns"]
Labels = Int64[Tensor, " images"]


def input_gradient(model: nn.Module, images: Images, labels: Labels) -> Images:
    """∂ℓ/∂x of each image by itself, with ℓ = −log p(label | x). No weight gets a gradient.

    Pixels travel channels-last, in which a processor convolves faster.
    """
    x = images.detach().contiguous(memory_format=torch.channels_last).requires_grad_()
    with torch.enable_grad():
        loss = cross_entropy(model(x), labels, reduction="sum")
    (gradient,) = torch.autograd.grad(loss, x)
    return gradient
