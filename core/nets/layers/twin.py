"""The same net in PyTorch, from the same start, so that both can be trained side by side."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.nets.layers.layer import Layer


def copy_to_twin(layer: Layer, twin: nn.Module) -> None:
    """Give `twin`, whose parameters have the same names, the values of `layer`'s."""
    theirs = dict(twin.named_parameters())
    if theirs.keys() != layer.parameters.keys():
        raise ValueError(f"The twin has {', '.join(theirs)}, not {', '.join(layer.parameters)}.")
    with torch.no_grad():
        for name, values in layer.parameters.items():
            theirs[name].copy_(as_in_torch(torch.from_numpy(values)))


def as_in_torch(tensor: Tensor) -> Tensor:
    """A parameter as the other side has it: PyTorch's linear weights are (outputs, inputs)."""
    return tensor.T if tensor.ndim == 2 else tensor
