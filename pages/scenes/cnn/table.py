"""The parameters of each net, layer by layer, as a table."""

import streamlit as st
import torch
from torch import nn

from core.config import generator
from core.nets.cnn import NAMES, Name, build


@st.cache_data
def rows(name: Name) -> list[dict[str, str | int]]:
    """Each layer that has parameters: what it gives for 32 × 32 pixels, and how many it has."""
    net = build(name, generator(0)).eval()
    found: list[dict[str, str | int]] = []
    hooks = []

    def note(layer: nn.Module, _: object, output: torch.Tensor) -> None:
        count = sum(p.numel() for p in layer.parameters())
        gives = " × ".join(map(str, output.shape[1:]))
        found.append({"layer": describe(layer), "gives": gives, "parameters": count})

    for layer in net.modules():
        if isinstance(layer, nn.Conv2d | nn.BatchNorm2d | nn.Linear):
            hooks.append(layer.register_forward_hook(note))
    with torch.no_grad():
        net(torch.zeros(1, 3, 32, 32))
    for hook in hooks:
        hook.remove()
    return found


def describe(layer: nn.Module) -> str:
    """Such as "convolution 3 × 3, stride 2"."""
    match layer:
        case nn.Conv2d():
            size = " × ".join(map(str, layer.kernel_size))
            return f"convolution {size}" + (f", stride {layer.stride[0]}" * (layer.stride[0] > 1))
        case nn.BatchNorm2d():
            return "batch norm"
    return "linear"


def show() -> None:
    """The table of a net that the reader chooses."""
    name: Name = st.selectbox("Parameters of", list(NAMES), format_func=NAMES.__getitem__)
    table = rows(name)
    total = sum(int(row["parameters"]) for row in table)
    st.dataframe(table, hide_index=True, height=420)
    st.caption(f"{total:,} parameters in all.")
