"""What self-attention knows of order: words are shuffled, and changed one after another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from core import config, state
from core.config import ConfigError, generator, setting
from core.data import glove
from core.experiment import CPU, Experiment, Pictures, Scalars, finite, to_array
from core.nets.transformer import Attention, begin, causal, sinusoids

MOST = 14  # words
SAME = 1e-4  # of numbers about 1, below which two are the same but for rounding


class AttentionOrder(Experiment):
    """One step changes one word into another, and shuffles the sentence."""

    class Config(config.Config):
        """The sentence, and what attention is told of order."""

        sentence: str = setting(
            "the small dog chased the angry cat over the wall",
            label="Text",
            max_length=200,
            help=f"2 to {MOST} words; those that GloVe does not know are all alike.",
        )
        positions: bool = setting(
            False, label="Positions", live=True, help="Waves are added to the word vectors."
        )
        causal: bool = setting(
            False, label="Causal mask", live=True, help="No word hears those after it."
        )
        heads: Literal[1, 2, 5] = setting(2, label="Heads", help="Of random matrices.")

    SMOKE = Config(sentence="a cat saw a dog")
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        self.words_read = config.sentence.lower().split()
        if not 2 <= len(self.words_read) <= MOST:
            raise ConfigError(f"Give 2 to {MOST} words, parted by blanks.")
        self.total = len(self.words_read)
        vocabulary = glove.Vocabulary()
        table = vocabulary.table(config.seed)
        self.x = 2 * table[vocabulary.encode(self.words_read)][None].to(device)
        with torch.random.fork_rng(devices=[]):  # modules start from the global generator
            self.net = Attention(glove.WIDTH, config.heads).to(device)
        begin(self.net, generator(config.seed))
        self.source = generator(config.seed + 1)
        self.influence = torch.zeros(self.total, self.total, device=device)
        self.gap = torch.zeros((), device=device)

    @torch.no_grad()
    def listen(
        self, x: Float[Tensor, "1 words 50"]
    ) -> tuple[Float[Tensor, "words 50"], Float[Tensor, "heads words words"]]:
        """What each word is told, and whom it listened to."""
        if self.config.positions:
            x = x + sinusoids(torch.arange(self.total, device=x.device), glove.WIDTH)
        mask = causal(self.total, self.total, x.device) if self.config.causal else None
        told, weights = self.net(x, mask=mask)
        return told[0], weights[0]

    @torch.no_grad()
    def step(self) -> Scalars | None:
        """By how much a shuffle, and another word at this place, change what words are told."""
        if self.steps == self.total:
            return None
        told, _ = self.listen(self.x)
        self.gap.copy_(self.shuffled(told))
        changed = self.x.clone()
        drawn = torch.randn(glove.WIDTH, generator=self.source).to(self.device)
        changed[0, self.steps] = drawn * self.x.std()
        difference = (self.listen(changed)[0] - told).norm(dim=1)
        self.influence[:, self.steps] = difference
        self.steps += 1
        early = difference[: self.steps - 1]
        return {
            "shuffled": float(self.gap),
            "before": float(early.max()) if len(early) else 0.0,
            "after": float(difference[self.steps - 1 :].max()),
        }

    def shuffled(self, told: Float[Tensor, "words 50"]) -> Float[Tensor, ""]:
        """How far the shuffled sentence's outputs are from the sentence's, shuffled alike."""
        order: Int[Tensor, " words"] = torch.randperm(self.total, generator=self.source)
        order = order.to(self.device)
        return (self.listen(self.x[:, order])[0] - told[order]).abs().max()

    def picture(self) -> Pictures:
        """Whom words listen to, and who has an influence on whom.

        weights: (heads, words, words); influence: (words, words), rows are told something else
        mean: (words, words), over heads
        """
        _, weights = self.listen(self.x)
        later = torch.arange(self.total, device=self.device) >= self.steps
        return {
            "weights": finite(to_array(weights)),
            "mean": finite(to_array(weights.mean(dim=0))),
            "influence": finite(to_array(self.influence.masked_fill(later, torch.nan))),
        }

    def backdrop(self) -> Pictures:
        """The words, and numbers of the heads."""
        heads = [f"head {i + 1}" for i in range(self.config.heads)]
        return {"names": np.array(self.words_read), "heads": np.array(heads)}

    def words(self) -> str:
        """What the shuffle and the changed word did."""
        if not self.steps:
            return f"{self.total} words listen to one another. Now they are changed, one by one."
        word = self.words_read[self.steps - 1]
        column = self.influence[:, self.steps - 1]
        hit = int((column > SAME).sum())
        who = "all words" if hit == self.total else f"{hit} of {self.total} words"
        said = f"With “{word}” changed, {who} are told something else"
        if not bool((column[: self.steps - 1] > SAME).any()) and self.steps > 1:
            said += ", none of those before it"
        if float(self.gap) < SAME:
            return f"{said}. Shuffled, each word is told the same: order is nothing to them."
        return f"{said}. Shuffled, they are told other things, by up to {float(self.gap):.2f}."

    def provenance(self) -> Mapping[str, str]:
        """Where the vectors come from."""
        return {"data": glove.SOURCE, "weights": f"random, from seed {self.config.seed}"}

    def parts(self) -> Mapping[str, state.Part]:
        """What was found, and the source of chance."""
        return {"influence": self.influence, "gap": self.gap, "source": self.source}
