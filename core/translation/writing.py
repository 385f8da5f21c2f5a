"""A text in the making: what comes next, by what was read and written so far."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from core.nets.transformer import Cache, Decoder


class Writing(ABC):
    """Some texts that grow by a token at a time, side by side."""

    read: Int[Tensor, "n others"]  # what was read, and can be listened to
    reading: list[Tensor]  # whom its tokens listened to: (n, heads, others, others) of each layer
    tokens: Int[Tensor, "n length"]  # what was written, with what it began with
    computed: int  # vectors that went through the net for the last token, in each text

    @abstractmethod
    def next(self) -> tuple[Float[Tensor, "n vocabulary"], list[tuple[Tensor, ...]]]:
        """Logits of the next token, and whom the last one listened to: (n, heads, keys)."""

    @abstractmethod
    def add(self, tokens: Int[Tensor, " n"]) -> None:
        """Write one token more in each."""

    @abstractmethod
    def pick(self, rows: Int[Tensor, " m"]) -> None:
        """Go on with these of the texts, in this order; the same one may do so twice."""


class Decoding(Writing):
    """A decoder writes, having read a memory or a prompt.

    With a cache it computes the newest token alone; without, all of them again and again.
    """

    def __init__(
        self,
        decoder: Decoder,
        prompt: Int[Tensor, "n length"],
        keep: Bool[Tensor, "n length"] | None = None,
        memory: Float[Tensor, "n others dim"] | None = None,
        memory_keep: Bool[Tensor, "n others"] | None = None,
        *,
        read: Int[Tensor, "n others"] | None = None,
        reading: list[Tensor] | None = None,
        cached: bool = True,
    ) -> None:
        """`read` is what the memory is of, `reading` how its encoder attended.

        Without a memory they are those of the prompt, but for its last token.
        """
        self.decoder, self.tokens = decoder, prompt
        self.read = prompt[:, :-1] if read is None else read
        self.keep = torch.ones_like(prompt, dtype=torch.bool) if keep is None else keep
        self.memory, self.memory_keep = memory, memory_keep
        self.cache: Cache | None = {} if cached else None
        self.computed = 0
        if reading is None:
            _, looks = decoder.watch(self.read, self.keep[:, :-1])
            reading = [own for (own,) in looks]
        self.reading = reading

    def next(self) -> tuple[Float[Tensor, "n vocabulary"], list[tuple[Tensor, ...]]]:
        """As `Writing` says."""
        known = self.decoder.read_so_far(self.cache) if self.cache else 0
        new = self.tokens[:, known:]
        self.computed = new.shape[1]
        logits, looks = self.decoder.watch(
            new, self.keep, self.memory, self.memory_keep, self.cache
        )
        return logits[:, -1], [tuple(look[:, :, -1] for look in layer) for layer in looks]

    def use_cache(self, cached: bool) -> None:
        """From the next token on; a new cache is filled by computing all tokens once more."""
        if cached != (self.cache is not None):
            self.cache = {} if cached else None

    def add(self, tokens: Int[Tensor, " n"]) -> None:
        """As `Writing` says."""
        self.tokens = torch.cat([self.tokens, tokens[:, None]], dim=1)
        self.keep = torch.cat([self.keep, torch.ones_like(self.keep[:, :1])], dim=1)

    def pick(self, rows: Int[Tensor, " m"]) -> None:
        """As `Writing` says."""
        self.tokens, self.keep = self.tokens[rows], self.keep[rows]
        if self.memory is not None:
            self.memory = self.memory[rows]
        if self.memory_keep is not None:
            self.memory_keep = self.memory_keep[rows]
        if self.cache:
            self.cache.update({m: (k[rows], v[rows]) for m, (k, v) in self.cache.items()})


class Filling(Writing):
    """An encoder has filled all blanks at once; they are only read out, one after another."""

    def __init__(
        self,
        start: int,
        read: Int[Tensor, "n blanks"],
        logits: Float[Tensor, "n blanks vocabulary"],
        looks: list[Tensor],
    ) -> None:
        self.read, self.logits, self.looks = read, logits, looks
        self.reading = looks
        self.tokens = torch.full((len(logits), 1), start, device=logits.device)
        self.computed = logits.shape[1]

    def next(self) -> tuple[Float[Tensor, "n vocabulary"], list[tuple[Tensor, ...]]]:
        """As `Writing` says; after the last blank, the last one again."""
        at = min(self.tokens.shape[1], self.logits.shape[1]) - 1
        self.computed = self.logits.shape[1] if at == 0 else 0
        return self.logits[:, at], [(look[:, :, at],) for look in self.looks]

    def add(self, tokens: Int[Tensor, " n"]) -> None:
        """As `Writing` says."""
        self.tokens = torch.cat([self.tokens, tokens[:, None]], dim=1)

    def pick(self, rows: Int[Tensor, " m"]) -> None:
        """As `Writing` says."""
        self.tokens, self.logits = self.tokens[rows], self.logits[rows]
        self.looks = [look[rows] for look in self.looks]
