"""Nets as chains of named layers: what a layer sees, without hooks."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from torch import Tensor, nn


def split(net: nn.Sequential, layer: str) -> tuple[nn.Sequential, nn.Sequential]:
    """`net` up to and with `layer`, and the rest; the weights stay shared. KeyError: no such."""
    names = [name for name, _ in net.named_children()]
    if layer not in names:
        raise KeyError(f"The net has no layer “{layer}”; it has {', '.join(names)}.")
    cut = names.index(layer) + 1
    return net[:cut], net[cut:]


def collect(net: nn.Sequential, x: Tensor, layers: Collection[str]) -> Mapping[str, Tensor]:
    """What the named layers give for `x`; computed no further than the last of them."""
    found: dict[str, Tensor] = {}
    wanted = set(layers)
    for name, layer in net.named_children():
        if wanted == found.keys():
            break
        x = layer(x)
        if name in wanted:
            found[name] = x
    return found
