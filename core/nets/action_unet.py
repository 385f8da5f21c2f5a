"""The denoiser of a diffusion policy: a U-Net along time that is told what the robot observes.

Chi et al. (2023), "Diffusion Policy", section IV-A: convolutions over the steps of a plan, in which
FiLM (Perez et al. 2018) scales and shifts every channel by what was observed and by how noisy the
plan is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.functional import silu

from core.config import generator
from core.nets.transformer import sinusoids

GROUPS, REACH = 8, 5  # of the norms; steps under a convolution
CONDITION = 128  # numbers that say what was observed and how noisy it is


class ActionUNet(nn.Module):
    """Predicts the noise in a plan, a sequence of actions, given what was observed."""

    def __init__(
        self, observed: int, width: int, source: torch.Generator, actions: int = 2
    ) -> None:
        """`width` channels at full length and twice as many at half of it."""
        super().__init__()
        wide = 2 * width
        with torch.random.fork_rng(devices=[]):  # modules start from the global generator
            self.time = nn.Linear(CONDITION, CONDITION)
            self.observed = nn.Linear(observed, CONDITION)
            self.condition = nn.Linear(CONDITION, CONDITION)
            self.down = nn.ModuleList([FiLMBlock(actions, width), FiLMBlock(width, width)])
            self.shorten = nn.Conv1d(width, width, 3, stride=2, padding=1)
            self.deep = nn.ModuleList(
                [FiLMBlock(width, wide), FiLMBlock(wide, wide), FiLMBlock(wide, wide)]
            )
            self.lengthen = nn.ConvTranspose1d(wide, width, 4, stride=2, padding=1)
            self.up = nn.ModuleList([FiLMBlock(wide, width), FiLMBlock(width, width)])
            self.head = nn.Conv1d(width, actions, 1)
        for module in self.modules():
            if isinstance(module, nn.Linear | nn.Conv1d | nn.ConvTranspose1d):
                # PyTorch's own start, from `source`.
                nn.init.kaiming_uniform_(module.weight, a=math.sqrt(5), generator=source)
                assert module.bias is not None
                nn.init.zeros_(module.bias)

    def forward(
        self,
        plan: Float[Tensor, "batch horizon actions"],
        t: Int[Tensor, " batch"],
        observed: Float[Tensor, "batch observed"],
    ) -> Float[Tensor, "batch horizon actions"]:
        """ε̂ of plans of an even number of steps, each at its own step t of the noise."""
        told = silu(self.time(sinusoids(t, CONDITION)) + self.observed(observed))
        told = silu(self.condition(told))
        x = plan.transpose(1, 2)
        for block in self.down:
            x = block(x, told)
        fine = x
        x = self.shorten(x)
        for block in self.deep:
            x = block(x, told)
        x = torch.cat([self.lengthen(x), fine], dim=1)
        for block in self.up:
            x = block(x, told)
        noise: Tensor = self.head(x).transpose(1, 2)
        return noise

    @classmethod
    def of(cls, weights: Mapping[str, Tensor]) -> ActionUNet:
        """The net of a `state_dict`. Raises KeyError or RuntimeError where it is another's."""
        observed, head = weights["observed.weight"], weights["head.weight"]
        net = cls(observed.shape[1], head.shape[1], generator(0), head.shape[0])
        net.load_state_dict(dict(weights))
        return net.eval().requires_grad_(False)


class FiLMBlock(nn.Module):
    """Two convolutions; between them each channel is scaled and shifted by the condition."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(inputs, outputs, REACH, padding=REACH // 2)
        self.norm1 = nn.GroupNorm(GROUPS, outputs)
        self.film = nn.Linear(CONDITION, 2 * outputs)
        self.conv2 = nn.Conv1d(outputs, outputs, REACH, padding=REACH // 2)
        self.norm2 = nn.GroupNorm(GROUPS, outputs)
        self.past = nn.Conv1d(inputs, outputs, 1) if inputs != outputs else nn.Identity()

    def forward(
        self, x: Float[Tensor, "batch channels steps"], told: Float[Tensor, "batch condition"]
    ) -> Float[Tensor, "batch channels2 steps"]:
        """(1 + scale) · h + shift, so that a condition of no effect changes nothing."""
        scale, shift = self.film(told)[..., None].chunk(2, dim=1)
        h = silu(self.norm1(self.conv1(x))) * (1 + scale) + shift
        h = silu(self.norm2(self.conv2(h)))
        added: Tensor = h + self.past(x)
        return added
