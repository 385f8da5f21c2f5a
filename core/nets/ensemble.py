"""Many perceptrons of one shape, trained as one: a batch of nets beside the batch of data.

The weights of all members are stacked, and one call multiplies them all. No member sees another:
with the sum of the members' losses, each gradient is that of its own loss alone, and an optimiser
that treats every number by itself (SGD, momentum, Adam; not with gradients clipped by their norm)
takes the steps it would take in a run of its own.

`torch.baddbmm` is written out here: `torch.func.stack_module_state` with `torch.vmap` computes the
same, slower by the cost of its wrapping (three times on 5 nets of 10 × 10, a tenth on large ones).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.nn.utils.rnn import pad_sequence

from core.nets.mlp import mlp


class Linears(nn.Module):
    """A linear layer of each member: `weight` (members, in, out), `bias` (members, 1, out)."""

    def __init__(self, layers: Sequence[nn.Linear]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.stack([layer.weight.detach().T for layer in layers]))
        self.bias = nn.Parameter(torch.stack([layer.bias.detach()[None] for layer in layers]))

    def forward(self, x: Float[Tensor, "members batch in"]) -> Float[Tensor, "members batch out"]:
        """Member k's layer of member k's data."""
        return torch.baddbmm(self.bias, x, self.weight)

    def member(self, k: int) -> nn.Linear:
        """A copy of one member's layer."""
        with torch.device("meta"):  # draws no random numbers
            layer = nn.Linear(*self.weight.shape[1:])
        weight, bias = self.weight[k].detach().T.clone(), self.bias[k, 0].detach().clone()
        layer.weight, layer.bias = nn.Parameter(weight), nn.Parameter(bias)
        return layer


def ensemble(
    sizes: Sequence[int],
    sources: Sequence[torch.Generator],
    activation: Callable[[], nn.Module] = nn.ReLU,
) -> nn.Sequential:
    """As many nets as sources: (members, batch, in) → (members, batch, out).

    Member k starts as `mlp(sizes, sources[k], activation)`, bit for bit. The activation treats
    every number by itself.
    """
    nets = [mlp(sizes, source, activation) for source in sources]
    return nn.Sequential(
        *(
            Linears(layers) if isinstance(layers[0], nn.Linear) else layers[0]
            for layers in zip(*nets, strict=True)
        )
    )


def member(net: nn.Sequential, k: int) -> nn.Sequential:
    """One member of an ensemble as an `mlp` of its own; a copy."""
    return nn.Sequential(
        *(layer.member(k) if isinstance(layer, Linears) else layer for layer in net)
    )


def pad(
    data: Sequence[Float[Tensor, "_ features"]],
) -> tuple[Float[Tensor, "members most features"], Bool[Tensor, "members most"]]:
    """Data of different lengths side by side, with zeros after their ends; where there are data."""
    padded: Tensor = pad_sequence(list(data), batch_first=True)
    lengths = torch.tensor([len(rows) for rows in data], device=padded.device)
    return padded, torch.arange(padded.shape[1], device=padded.device) < lengths[:, None]


def mean_square_errors(
    outputs: Float[Tensor, "members batch out"],
    targets: Float[Tensor, "members batch out"],
    mask: Bool[Tensor, "members batch"],
) -> Float[Tensor, " members"]:
    """Each member's mean over its own data; `.sum().backward()` trains all, each by its own."""
    errors = (outputs - targets).square().mean(-1)
    return (errors * mask).sum(-1) / mask.sum(-1)


def cross_entropies(
    logits: Float[Tensor, "members batch classes"], labels: Int[Tensor, " batch"]
) -> Float[Tensor, " members"]:
    """Each member's mean cross entropy, in nats, on data that all share; to be summed likewise."""
    members, batch, classes = logits.shape
    each = cross_entropy(logits.reshape(-1, classes), labels.repeat(members), reduction="none")
    return each.view(members, batch).mean(-1)
