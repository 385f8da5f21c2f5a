"""A classifier of pictures: it normalises pixels itself, so that all around it works on pixels."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

# Of each colour over the pixels of CIFAR-10's training pictures, from 0 to 1.
MEAN, SPREAD = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)


class Normalise(nn.Module):
    """(x − mean) / spread of each colour: x from 0 to 1 becomes about N(0, 1)."""

    mean: Tensor
    spread: Tensor

    def __init__(self) -> None:
        super().__init__()
        for name, value in (("mean", MEAN), ("spread", SPREAD)):
            self.register_buffer(name, torch.tensor(value)[:, None, None], persistent=False)

    def forward(self, x: Float[Tensor, "batch 3 h w"]) -> Float[Tensor, "batch 3 h w"]:
        """Of pixels from 0 to 1."""
        return (x - self.mean) / self.spread


class Classifier(nn.Module):
    """Blocks of convolutions, each with an activation, then a head that gives logits."""

    def __init__(self, blocks: list[nn.Module], head: nn.Module) -> None:
        super().__init__()
        self.normalise = Normalise()
        self.blocks = nn.Sequential(*blocks)
        self.head = head

    def forward(self, x: Float[Tensor, "batch 3 h w"]) -> Float[Tensor, "batch classes"]:
        """Logits of pictures whose pixels go from 0 to 1."""
        logits: Tensor = self.head(self.blocks(self.normalise(x)))
        return logits

    def activations(self, x: Float[Tensor, "batch 3 h w"]) -> list[Tensor]:
        """What each block gives, (batch, channels, h', w'), from the first to the last."""
        outputs, h = [], self.normalise(x)
        for block in self.blocks:
            h = block(h)
            outputs.append(h)
        return outputs

    def filters(self) -> Float[Tensor, "filters 3 k k"]:
        """The weights of the first convolution, which looks at the colours themselves."""
        first = next(m for m in self.blocks.modules() if isinstance(m, nn.Conv2d))
        return first.weight.detach()


@torch.no_grad()
def start(net: nn.Module, source: torch.Generator) -> None:
    """He et al. (2015): convolutions from N(0, 2 / inputs), their biases 0; norms as they come.

    Linear layers are U(−1/√inputs, 1/√inputs), PyTorch's own choice. All is drawn from `source`.
    """
    for layer in net.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu", generator=source)
            if layer.bias is not None:
                layer.bias.zero_()
        elif isinstance(layer, nn.Linear):
            bound = layer.in_features**-0.5
            for parameter in layer.parameters():
                nn.init.uniform_(parameter, -bound, bound, generator=source)
