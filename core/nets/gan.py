"""Generator and discriminator made of convolutions, after Radford et al. (2016), DCGAN.

The generator doubles 4 × 4 until the picture has its size, the discriminator halves it back.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

SPREAD = 0.02  # of all weights at the start
LEAK = 0.2
LEAST = 4  # pixels where the generator begins


def widths(side: int, width: int) -> list[int]:
    """Channels from the smallest maps to the largest before the colours: 64, 32 for 16 pixels."""
    doublings = (side // LEAST).bit_length() - 1
    return [width * 2**power for power in reversed(range(doublings))]


class Generator(nn.Module):
    """Numbers become a picture."""

    def __init__(self, latents: int, side: int, width: int, source: torch.Generator) -> None:
        super().__init__()
        first, *rest = widths(side, width)
        with torch.random.fork_rng(devices=[]):  # modules start from the global generator
            layers: list[nn.Module] = [
                nn.Linear(latents, first * LEAST**2, bias=False),
                nn.Unflatten(1, (first, LEAST, LEAST)),
            ]
            for inputs, outputs in zip([first, *rest], [*rest, 3], strict=True):
                # Norms by the batch alone: nothing that depends on the batches before.
                layers += [nn.BatchNorm2d(inputs, track_running_stats=False), nn.ReLU()]
                layers.append(nn.ConvTranspose2d(inputs, outputs, 4, stride=2, padding=1))
        self.layers = nn.Sequential(*layers, nn.Sigmoid())
        begin(self, source)

    def forward(self, z: Float[Tensor, "batch latents"]) -> Float[Tensor, "batch 3 side side"]:
        """Pixels from 0 to 1."""
        images: Tensor = self.layers(z)
        return images


class Discriminator(nn.Module):
    """A picture becomes one number: the logit of its being real."""

    def __init__(self, side: int, width: int, source: torch.Generator) -> None:
        super().__init__()
        channels = widths(side, width)[::-1]
        with torch.random.fork_rng(devices=[]):
            layers: list[nn.Module] = []
            # No norm by the batch: each picture's logit depends on that picture alone.
            for inputs, outputs in zip([3, *channels], channels, strict=False):
                layers.append(nn.Conv2d(inputs, outputs, 4, stride=2, padding=1))
                layers.append(nn.LeakyReLU(LEAK))
            layers += [nn.Flatten(), nn.Linear(channels[-1] * LEAST**2, 1)]
        self.layers = nn.Sequential(*layers)
        begin(self, source)

    def forward(self, images: Float[Tensor, "batch 3 side side"]) -> Float[Tensor, " batch"]:
        """Logits of pictures whose pixels go from 0 to 1; D(x) is their sigmoid."""
        logits: Tensor = self.layers(2 * images - 1).squeeze(1)
        return logits


@torch.no_grad()
def begin(net: nn.Module, source: torch.Generator) -> None:
    """Weights from N(0, 0.02²), biases 0; norms as they come."""
    for layer in net.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            nn.init.normal_(layer.weight, std=SPREAD, generator=source)
            if layer.bias is not None:
                layer.bias.zero_()
