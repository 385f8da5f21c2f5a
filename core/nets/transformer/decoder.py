"""The decoder: every token hears those before it, and a memory if there is one.

Without a memory it is a language model (Radford et al. 2018).
"""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn.functional import linear

from core.nets.transformer.attention import Attention, Cache
from core.nets.transformer.embedding import Embedding
from core.nets.transformer.form import Form, begin
from core.nets.transformer.masks import causal, padding


class Decoder(nn.Module):
    """Tokens in, logits of the next token after each out, read with the embedding's own table.

    One table for what goes in and what comes out: Press and Wolf (2017).
    """

    def __init__(
        self, vocabulary: int, form: Form, source: torch.Generator, *, cross: bool = False
    ) -> None:
        """With `cross`, it reads a memory, such as an encoder's vectors of the same dim."""
        super().__init__()
        with torch.random.fork_rng(devices=[]):  # modules start from the global generator
            self.embedding = Embedding(vocabulary, form.dim)
            self.blocks = form.blocks(cross=cross)
            self.norm = nn.LayerNorm(form.dim)
        begin(self, source)

    def forward(
        self,
        tokens: Int[Tensor, "n tokens"],
        keep: Bool[Tensor, "n keys"] | None = None,
        memory: Float[Tensor, "n others dim"] | None = None,
        memory_keep: Bool[Tensor, "n others"] | None = None,
        cache: Cache | None = None,
    ) -> Float[Tensor, "n tokens vocabulary"]:
        """`keep` and `memory_keep` are False where a token is padding; None: nothing is.

        With a `cache`, at first an empty dictionary, `tokens` are those that are new, and `keep`
        has those before them too.
        """
        return self.watch(tokens, keep, memory, memory_keep, cache)[0]

    def watch(
        self,
        tokens: Int[Tensor, "n tokens"],
        keep: Bool[Tensor, "n keys"] | None = None,
        memory: Float[Tensor, "n others dim"] | None = None,
        memory_keep: Bool[Tensor, "n others"] | None = None,
        cache: Cache | None = None,
    ) -> tuple[Float[Tensor, "n tokens vocabulary"], list[tuple[Tensor, ...]]]:
        """The same, and of each layer the weights on its own tokens and on the memory's."""
        new = tokens.shape[1]
        before = self.read_so_far(cache) if cache else 0
        mask = causal(new, before + new, tokens.device) if new > 1 else None  # the last hears all
        if keep is not None:
            mask = padding(keep) if mask is None else mask & padding(keep)
        memory_mask = None if memory_keep is None else padding(memory_keep)
        x, looks = self.embedding(tokens, keep, before), []
        for block in self.blocks:
            x, weights = block(x, mask, memory, memory_mask, cache)
            looks.append(weights)
        return linear(self.norm(x), self.embedding.table.weight), looks

    def read_so_far(self, cache: Cache) -> int:
        """How many tokens a cache holds."""
        own = next(m for m in self.modules() if isinstance(m, Attention))
        return cache[own][0].shape[2] if own in cache else 0
