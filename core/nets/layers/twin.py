"""The same net in PyTorch, from the same start, so that both can be trained side by side."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils import skip_init

from core.nets.layers.batch_norm import BatchNorm
from core.nets.layers.conv import Conv
from core.nets.layers.elu import ELU
from core.nets.layers.flatten import Flatten
from core.nets.layers.gelu import GELU
from core.nets.layers.layer import Layer
from core.nets.layers.leaky_relu import LeakyReLU
from core.nets.layers.linear import Linear
from core.nets.layers.max_pool import MaxPool
from core.nets.layers.relu import ReLU
from core.nets.layers.sequential import Sequential
from core.nets.layers.sigmoid import Sigmoid
from core.nets.layers.softplus import Softplus
from core.nets.layers.spatial_batch_norm import SpatialBatchNorm
from core.nets.layers.tanh import Tanh


def build_twin(net: Sequential, dtype: torch.dtype = torch.float64) -> nn.Sequential:
    """PyTorch's layers for ours, with copies of our parameters."""
    twin = nn.Sequential(*map(module_for, net.layers)).to(dtype)
    copy_to_twin(net, twin)
    return twin


def module_for(layer: Layer) -> nn.Module:
    """PyTorch's layer of the same kind, its parameters not set yet."""
    match layer:
        case Linear():
            return skip_init(nn.Linear, *layer.parameters["weight"].shape)
        case Conv():
            filters, channels, kernel, _ = layer.parameters["weight"].shape
            sizes = channels, filters, kernel, layer.stride, layer.padding
            return skip_init(nn.Conv2d, *sizes)
        case SpatialBatchNorm():
            features = len(layer.parameters["weight"])
            return nn.BatchNorm2d(features, layer.epsilon, layer.momentum)
        case BatchNorm():
            features = len(layer.parameters["weight"])
            return nn.BatchNorm1d(features, layer.epsilon, layer.momentum)
        case MaxPool():
            return nn.MaxPool2d(layer.kernel, layer.stride)
        case Flatten():
            return nn.Flatten()
        case LeakyReLU():
            return nn.LeakyReLU(layer.slope)
        case ELU():
            return nn.ELU(layer.alpha)
        case ReLU():
            return nn.ReLU()
        case GELU():
            return nn.GELU()
        case Softplus():
            return nn.Softplus()
        case Tanh():
            return nn.Tanh()
        case Sigmoid():
            return nn.Sigmoid()
        case _:
            raise TypeError(f"{type(layer).__name__} has no twin: it draws random numbers.")


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
