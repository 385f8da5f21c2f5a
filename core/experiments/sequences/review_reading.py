"""A trained net reads a review word by word: its states, its gates, and what each word does."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch

from core import checkpoints, config, state
from core.config import ConfigError, setting
from core.data.glove import SOURCE, UNKNOWN, Vocabulary
from core.data.reviews import STARS
from core.data.tokens import from_bytes, tokens
from core.experiment import CPU, Experiment, Pictures, Scalars, finite, to_array
from core.nets.rater import CELLS, Rater
from core.probes.divergence import refuse_diverged
from core.reviews.rated import EXAMPLE, KEEPS, Review, kept, numbers, rated, worth


class ReviewReading(Experiment):
    """One step is one word."""

    class Config(config.Config):
        """Which review, and whose net."""

        review: Review = setting(
            EXAMPLE,
            label="Your review",
            max_length=600,
            live=True,
            help="Change it at any time; signs and capitals do not matter.",
        )
        weights: str = setting(
            "shipped", label="Weights", max_length=32, hidden=True, help="Shipped, or of a run."
        )

    SMOKE = Config()
    config: Config

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        own = config.weights != "shipped"
        saved = checkpoints.of_run(config.weights) if own else checkpoints.shipped("rater")
        try:
            self.net = Rater.of(saved).to(device)
            self.vocabulary = Vocabulary(from_bytes(saved["extra"]) if own else ())
        except (KeyError, RuntimeError):
            raise ConfigError("These weights rate no reviews; train such a net here.") from None
        refuse_diverged(self.net)
        table = saved.get("vectors.weight", self.vocabulary.table(0))
        self.table = table.to(device)

    @property
    def at(self) -> int:
        """How many words have been read; all, where there are not so many."""
        return min(self.steps, len(tokens(self.config.review)))

    def step(self) -> Scalars | None:
        """The next word: the mean of the stars it may have, and how sure the net is."""
        if self.steps >= len(tokens(self.config.review)):
            return None
        self.steps += 1
        seen = self.rated()
        says = seen["says"][:, self.at - 1]
        return {"stars": float(seen["stars"][self.at - 1]), "sure": float(says.max())}

    def rated(self) -> Pictures:
        """The whole review, word by word."""
        return rated(self.net, self.table, self.vocabulary, self.config.review)

    def picture(self) -> Pictures:
        """The review as far as it has been read, and what is to come.

        words: (length,); shade: (length,), the rating so far, from 0 to 1; now: (1,), the index of
        the word that was read last
        at, stars, ahead: (length,), the mean of the stars after each word, read or not yet
        says: (5,), probabilities now; states, kept: (units, length), NaN where nothing was read
        worth: (length,), by how many stars each word lifts the rating of the whole
        """
        seen, at = dict(self.rated()), self.at
        ids = numbers(self.vocabulary, self.config.review, self.device)
        gates = finite(to_array(kept(self.net, self.table[ids]).T))
        read = np.arange(len(ids)) < at
        says = seen["says"][:, at - 1] if at else np.full(STARS, 1 / STARS, np.float32)
        return {
            "words": seen["words"],
            "shade": np.where(read, seen["shade"], np.float32(0)),
            "now": np.array([at - 1] if at else [], np.int32),
            "at": seen["at"],
            "stars": np.where(read, seen["stars"], np.float32(np.nan)),
            "ahead": seen["stars"],
            "says": says,
            "states": np.where(read, seen["states"], np.float32(np.nan)),
            "kept": np.where(read, gates, np.float32(np.nan)),
            "worth": finite(to_array(worth(self.net, self.table[ids]))),
        }

    def words(self) -> str:
        """The rating so far, what the last word did to it, and what the gates keep."""
        seen, at = self.rated(), self.at
        if not at:
            return f"{len(seen['words'])} words are to be read. The first comes next."
        now = float(seen["stars"][at - 1])
        before = float(seen["stars"][at - 2]) if at > 1 else (1 + STARS) / 2
        words = f"After “{seen['words'][at - 1]}”: {now:.1f} stars,"
        words += f" {now - before:+z.1f} by this word."
        ids = numbers(self.vocabulary, self.config.review, self.device)
        if self.net.cell in KEEPS:
            share = 100 * float(kept(self.net, self.table[ids])[at - 1].mean())
            words += (
                f" The {KEEPS[self.net.cell]} gate keeps {share:.0f} % of the state, on average."
            )
        if unknown := int((ids == UNKNOWN).sum()):
            words += f" Words in brackets it does not know: {unknown} of {len(ids)}."
        return words

    def provenance(self) -> Mapping[str, str]:
        """Whose review; whose weights, and how good they are."""
        weights = "of a run here"
        if self.config.weights == "shipped":
            figures = checkpoints.about("rater")["figures"]
            weights = f"shipped; {100 * figures['test_accuracy']:.0f} % of test reviews right"
        return {
            "data": f"the review you type; {SOURCE}",
            "weights": f"{CELLS[self.net.cell]} of {self.net.width}, {weights}",
        }

    def parts(self) -> Mapping[str, state.Part]:
        """The net, which stays as it is."""
        return {"net": self.net}
