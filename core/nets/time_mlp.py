"""A perceptron for points that dissolve in noise: it is told the point and how late it is.

As a denoiser it has hidden layers 256 × 4 and two outputs, the predicted noise; as a classifier
100-200-500 and one logit per class.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from core.nets.mlp import mlp


class TimeMLP(nn.Module):
    """(x, y, t/T) → outputs, with ReLU between the layers."""

    def __init__(self, hidden: Sequence[int], outputs: int, source: torch.Generator) -> None:
        super().__init__()
        self.outputs = outputs
        self.layers = mlp([3, *hidden, outputs], source)

    def forward(
        self, x: Float[Tensor, "batch 2"], time: Float[Tensor, " batch"]
    ) -> Float[Tensor, "batch outputs"]:
        """`time` is t/T, from 0 (data) to 1 (noise)."""
        outputs: Tensor = self.layers(torch.cat([x, time[:, None]], dim=1))
        return outputs

    @classmethod
    def denoiser(cls, source: torch.Generator) -> TimeMLP:
        """Predicts the noise in a point."""
        return cls((256, 256, 256, 256), 2, source)

    @classmethod
    def classifier(cls, classes: int, source: torch.Generator) -> TimeMLP:
        """Logits of the class that a noisy point came from."""
        return cls((100, 200, 500), classes, source)

    @classmethod
    def of(cls, weights: Mapping[str, Tensor]) -> TimeMLP:
        """The net of a `state_dict`. Raises ValueError or RuntimeError where it is another's."""
        biases = [name for name in weights if name.endswith("bias")]
        in_order = sorted(biases, key=lambda name: (len(name), name))  # layers.8 before layers.10
        *hidden, outputs = [len(weights[name]) for name in in_order]
        net = cls(hidden, outputs, torch.Generator())
        net.load_state_dict(dict(weights))
        return net
