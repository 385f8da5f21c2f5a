"""The U-Net that predicts noise: down to coarse maps, up again, with a bridge at each size.

Ronneberger et al. (2015), with the blocks of Ho et al. (2020), appendix B: group norm, SiLU, the
time as sinusoids added in each block, self-attention where the maps are smallest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count, pairwise

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.functional import interpolate, silu

from core.config import generator
from core.nets.transformer import Attention, sinusoids

GROUP = 8  # channels that are normalised together: torch is fastest with whole vectors of them
HEAD = 32  # channels of an attention head


def group_norm(channels: int) -> nn.GroupNorm:
    """Each `GROUP` of the channels gets mean 0 and variance 1 in each picture (Wu & He, 2018)."""
    return nn.GroupNorm(channels // GROUP, channels)


class Residual(nn.Module):
    """Two convolutions beside a straight way; time and label shift each channel between them."""

    def __init__(self, inputs: int, outputs: int, embedding: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = group_norm(inputs), group_norm(outputs)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.shift = nn.Linear(embedding, outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.skip = nn.Conv2d(inputs, outputs, 1) if inputs != outputs else nn.Identity()

    def forward(
        self, x: Float[Tensor, "n inputs h w"], embedding: Float[Tensor, "n embedding"]
    ) -> Float[Tensor, "n outputs h w"]:
        """`embedding` is of time and label."""
        h = self.conv1(silu(self.norm1(x))) + self.shift(silu(embedding))[:, :, None, None]
        outputs: Tensor = self.skip(x) + self.conv2(silu(self.norm2(h)))
        return outputs


class Residuals(nn.ModuleList):
    """Blocks one after another."""

    def __init__(self, inputs: int, width: int, blocks: int, embedding: int) -> None:
        super().__init__(
            Residual(width if block else inputs, width, embedding) for block in range(blocks)
        )

    def forward(
        self, x: Float[Tensor, "n inputs h w"], embedding: Float[Tensor, "n embedding"]
    ) -> Float[Tensor, "n width h w"]:
        """What the last block gives."""
        for block in self:
            x = block(x, embedding)
        return x


class PixelAttention(nn.Module):
    """Every place of the maps hears every other."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = group_norm(channels)
        self.attention = Attention(channels, max(1, channels // HEAD))

    def forward(self, x: Float[Tensor, "n channels h w"]) -> Float[Tensor, "n channels h w"]:
        """What it is told is added."""
        told, _ = self.attention(self.norm(x).flatten(2).mT)
        outputs: Tensor = x + told.mT.unflatten(2, x.shape[2:])
        return outputs


class UNet(nn.Module):
    """Noise in pictures, given how late it is and perhaps what they show.

    Each width is that of one size, and the next size is half of it. Label `classes` says nothing.
    """

    def __init__(
        self,
        channels: int,
        widths: Sequence[int],
        blocks: int,
        classes: int,
        source: torch.Generator,
    ) -> None:
        super().__init__()
        self.channels, self.widths, self.classes = channels, tuple(widths), classes
        embedding, deepest = 4 * widths[0], widths[-1]
        with torch.random.fork_rng(devices=[]):  # modules start from the global generator
            self.time = nn.Sequential(
                nn.Linear(widths[0], embedding), nn.SiLU(), nn.Linear(embedding, embedding)
            )
            self.label = nn.Embedding(classes + 1, embedding)
            self.enter = nn.Conv2d(channels, widths[0], 3, padding=1)
            self.down = nn.ModuleList(
                Residuals(above, width, blocks, embedding)
                for above, width in pairwise([widths[0], *widths])
            )
            self.halve = nn.ModuleList(
                nn.Conv2d(width, width, 3, stride=2, padding=1) for width in widths[:-1]
            )
            self.middle1 = Residual(deepest, deepest, embedding)
            self.attention = PixelAttention(deepest)
            self.middle2 = Residual(deepest, deepest, embedding)
            self.up = nn.ModuleList(
                Residuals(below + width, width, blocks, embedding)
                for below, width in pairwise([deepest, *reversed(widths)])
            )
            self.norm = group_norm(widths[0])
            self.leave = nn.Conv2d(widths[0], channels, 3, padding=1)
        _begin(self, source)

    @classmethod
    def of(cls, saved: Mapping[str, Tensor]) -> UNet:
        """The net of a `state_dict`. Raises KeyError or RuntimeError where it is another's."""
        sizes = (saved.get(f"down.{level}.0.conv2.bias") for level in count())
        widths = [len(bias) for bias in iter(lambda: next(sizes), None)]
        blocks = sum(key.startswith("down.0.") and key.endswith("conv2.bias") for key in saved)
        channels, classes = saved["enter.weight"].shape[1], len(saved["label.weight"]) - 1
        net = cls(channels, widths, blocks, classes, generator(0))
        net.load_state_dict(dict(saved))
        return net

    def forward(
        self,
        x: Float[Tensor, "n channels h w"],
        t: Int[Tensor, " n"],
        labels: Int[Tensor, " n"],
    ) -> Float[Tensor, "n channels h w"]:
        """ε̂ of x_t; h and w are divisible by 2 for each width but the first."""
        embedding = self.time(sinusoids(t, self.widths[0])) + self.label(labels)
        h, bridges = self.enter(x), []
        for level, blocks in enumerate(self.down):
            if level:
                h = self.halve[level - 1](h)
            h = blocks(h, embedding)
            bridges.append(h)
        h = self.middle2(self.attention(self.middle1(h, embedding)), embedding)
        for level, blocks in enumerate(self.up):
            if level:
                h = interpolate(h, scale_factor=2.0)
            h = blocks(torch.cat([h, bridges.pop()], dim=1), embedding)
        # All digits at the end: where t is large, x̂_0 magnifies each error a hundredfold.
        with torch.autocast(h.device.type, enabled=False):
            eps: Tensor = self.leave(silu(self.norm(h.float())))
        return eps


@torch.no_grad()
def _begin(net: nn.Module, source: torch.Generator) -> None:
    """Weights U(−1/√inputs, 1/√inputs) from `source`; what a block adds, and ε̂, begin at 0."""
    for layer in net.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            bound = layer.weight[0].numel() ** -0.5
            nn.init.uniform_(layer.weight, -bound, bound, generator=source)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
        elif isinstance(layer, nn.Embedding):
            nn.init.normal_(layer.weight, std=0.5, generator=source)
    ends = "conv2.weight", "to_out.weight", "leave.weight"
    for name, parameter in net.named_parameters():
        if name.endswith(ends):
            nn.init.zeros_(parameter)
