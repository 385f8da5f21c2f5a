"""The vision transformer: a picture is cut into patches, and the patches attend to one another.

Dosovitskiy, A. et al. (2021), "An image is worth 16x16 words", equations 1-4; self-attention and
its heads are those of Vaswani et al. (2017). It is written out, so that its weights can be watched.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isqrt

import torch
from jaxtyping import Float, Int, Shaped
from torch import Tensor, nn
from torch.nn.functional import normalize

from core.config import generator
from core.nets.cnn.classifier import Normalise
from core.nets.transformer import Form, begin

HEAD = 16  # width of a head, at any number of them
START = 0.02  # standard deviation of the position embeddings at the start


def cut(images: Shaped[Tensor, "n c h w"], side: int) -> Shaped[Tensor, "n patches values"]:
    """The patches of side × side pixels, row by row; each as its c · side² values."""
    n, c, h, w = images.shape
    grid = images.reshape(n, c, h // side, side, w // side, side)
    return grid.permute(0, 2, 4, 1, 3, 5).reshape(n, -1, c * side * side)


def paste(patches: Shaped[Tensor, "n patches values"], side: int) -> Shaped[Tensor, "n c h w"]:
    """Patches laid row by row into a square: what `cut` has cut."""
    n, count, values = patches.shape
    across = isqrt(count)
    grid = patches.reshape(n, across, across, values // side**2, side, side)
    return grid.permute(0, 3, 1, 4, 2, 5).reshape(n, -1, across * side, across * side)


def rearrange(
    images: Shaped[Tensor, "n c h w"], side: int, places: Int[Tensor, " patches"]
) -> Shaped[Tensor, "n c h w"]:
    """Pictures whose patches lie in another order: at each place the patch from `places`."""
    return paste(cut(images, side)[:, places], side)


class VisionTransformer(nn.Module):
    """Classifies square pictures; token 0 is [CLS], the others are the patches row by row."""

    def __init__(
        self,
        patch: int,
        heads: int,
        depth: int,
        source: torch.Generator,
        size: int = 32,
        classes: int = 10,
    ) -> None:
        super().__init__()
        self.patch, self.side = patch, size // patch
        self.heads, self.depth, dim = heads, depth, HEAD * heads
        self.normalise = Normalise()
        with torch.random.fork_rng(devices=[]):  # modules start from the global generator
            self.embedding = nn.Linear(3 * patch**2, dim)
            self.blocks = Form(dim, heads, depth).blocks()
            self.norm = nn.LayerNorm(dim)
            self.head = nn.Linear(dim, classes)
        self.cls = nn.Parameter(torch.zeros(dim))
        self.positions = nn.Parameter(torch.empty(1 + self.side**2, dim))
        nn.init.normal_(self.positions, std=START, generator=source)
        begin(self, source)

    @classmethod
    def of(cls, saved: Mapping[str, Tensor]) -> VisionTransformer:
        """The `vit.` of a run's state, or of shipped weights. Raises KeyError or RuntimeError."""
        mine = {key.removeprefix("vit."): saved[key] for key in saved if key.startswith("vit.")}
        positions, embedding = mine["positions"], mine["embedding.weight"]
        patch = isqrt(embedding.shape[1] // 3)
        depth = sum(key.endswith("to_qkv.weight") for key in mine)
        size = patch * isqrt(len(positions) - 1)
        net = cls(patch, positions.shape[1] // HEAD, depth, generator(0), size)
        net.load_state_dict(mine)
        return net.eval()

    def embed(self, images: Float[Tensor, "n 3 h w"]) -> Float[Tensor, "n tokens dim"]:
        """Equation 1: [CLS] and the patches, each with the embedding of its place added."""
        patches = self.embedding(cut(self.normalise(images), self.patch))
        cls = self.cls.to(patches).expand(len(images), 1, -1)
        return torch.cat([cls, patches], dim=1) + self.positions

    def read(self, x: Float[Tensor, "n tokens dim"]) -> Float[Tensor, "n classes"]:
        """Equation 4: the logits, from [CLS] alone."""
        logits: Tensor = self.head(self.norm(x[:, 0]))
        return logits

    def forward(self, images: Float[Tensor, "n 3 h w"]) -> Float[Tensor, "n classes"]:
        """Logits of pictures whose pixels go from 0 to 1."""
        return self.watch(images)[0]

    def watch(self, images: Float[Tensor, "n 3 h w"]) -> tuple[Tensor, list[Tensor]]:
        """The logits, and the weights (n, heads, tokens, tokens) of each block in turn."""
        x, weights = self.embed(images), []
        for block in self.blocks:
            x, (of_block,) = block(x)
            weights.append(of_block)
        return self.read(x), weights

    def similarity(self) -> Float[Tensor, "patches side side"]:
        """The cosine between each patch's position embedding and all of them, laid as they lie."""
        places = normalize(self.positions[1:].detach(), dim=1)
        return (places @ places.T).reshape(-1, self.side, self.side)
