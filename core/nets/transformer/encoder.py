"""The encoder: every token hears all others, before and after it, that are no padding."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from core.nets.transformer.embedding import Embedding
from core.nets.transformer.form import Form, begin
from core.nets.transformer.masks import padding


class Encoder(nn.Module):
    """Tokens in, a vector for each out; with `outputs`, so many logits for each instead."""

    def __init__(
        self, vocabulary: int, form: Form, source: torch.Generator, outputs: int | None = None
    ) -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):  # modules start from the global generator
            self.embedding = Embedding(vocabulary, form.dim)
            self.blocks = form.blocks()
            self.norm = nn.LayerNorm(form.dim)
            self.head = nn.Linear(form.dim, outputs) if outputs else None
        begin(self, source)

    def forward(
        self, tokens: Int[Tensor, "n tokens"], keep: Bool[Tensor, "n tokens"] | None = None
    ) -> Float[Tensor, "n tokens features"]:
        """`keep` is False where a token is padding; None: nothing is."""
        return self.watch(tokens, keep)[0]

    def watch(
        self, tokens: Int[Tensor, "n tokens"], keep: Bool[Tensor, "n tokens"] | None = None
    ) -> tuple[Float[Tensor, "n tokens features"], list[Tensor]]:
        """The same, and the weights (n, heads, tokens, tokens) of each layer."""
        keep = torch.ones_like(tokens, dtype=torch.bool) if keep is None else keep
        x, looks = self.embedding(tokens, keep), []
        for block in self.blocks:
            x, (own,) = block(x, padding(keep))
            looks.append(own)
        x = self.norm(x)
        return x if self.head is None else self.head(x), looks
