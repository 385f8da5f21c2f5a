"""Reviews that a seeded generator writes: synthetic, but with what makes real ones hard to rate.

A writer has a number of stars in mind. Each clause praises or blames one thing, more or less as
the writer feels; negations, contrasts and disappointed hopes put words of the other sign in. So
the stars cannot always be told from the words.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from core.config import generator

# By how good they are, from −2 to 2. The last FRESH of each row are kept for new words.
ADJECTIVES: dict[int, tuple[str, ...]] = {
    -2: ("terrible", "horrible", "awful", "sad", "shameful", "disastrous", "useless", "ugly",
         "appalling", "nasty", "miserable", "unacceptable"),
    -1: ("poor", "slow", "disappointing", "dull", "bland", "dirty", "weak", "noisy",
         "boring", "unpleasant", "cold", "inferior"),
    0: ("average", "ordinary", "okay", "typical", "normal", "standard", "modest", "usual",
        "fair", "adequate", "regular", "acceptable"),
    1: ("good", "nice", "pleasant", "fresh", "friendly", "solid", "decent", "neat",
        "fine", "lovely", "enjoyable", "charming"),
    2: ("amazing", "fantastic", "outstanding", "superb", "perfect", "brilliant", "excellent",
        "remarkable", "wonderful", "terrific", "magnificent", "incredible"),
}  # fmt: skip
FRESH = 4
THINGS = (
    "food", "service", "place", "menu", "pizza", "soup", "coffee", "room", "music", "dessert",
    "staff", "chicken", "beer", "salad", "fish", "bread", "breakfast", "kitchen", "owner", "bar",
)  # fmt: skip
NEUTRAL = (
    "we went there on friday with the whole family", "i had the fish and my wife had the soup",
    "it is near the station", "we waited about twenty minutes", "it was my second visit",
    "my brother told me about it", "they were busy that night", "we sat by the window",
)  # fmt: skip
ENDINGS = {
    -2: ("never again", "i want my money back", "stay away", "what a waste of money"),
    -1: ("we will not come back", "i would not go again", "there are better places"),
    0: ("maybe we will try it again", "it depends on what you order", "nothing special"),
    1: ("we will come back", "i would go again", "worth a visit"),
    2: ("highly recommended", "we will be back very soon", "best in town", "we love this place"),
}  # fmt: skip
MOOD = 0.35  # standard deviation of a writer's mood about the stars
SPREAD = 0.8  # of a clause about the mood

Text = tuple[str, ...]


def write(count: int, seed: int, *, fresh: bool = False) -> tuple[list[Text], list[int]]:
    """Reviews as words, and their stars from 1 to 5, as many of each.

    With `fresh` their adjectives are such as no review without has.
    """
    writer = Writer(generator(seed), fresh)
    stars = [1 + number % 5 for number in range(count)]
    return [tuple(writer.review(star).split()) for star in stars], stars


class Writer:
    """Draws everything from one source."""

    def __init__(self, source: torch.Generator, fresh: bool) -> None:
        self.source = source
        part = slice(-FRESH, None) if fresh else slice(-FRESH)
        self.adjectives = {level: words[part] for level, words in ADJECTIVES.items()}

    def review(self, stars: int) -> str:
        """Two to four clauses and, often, an ending."""
        mood = stars - 3 + MOOD * self.normal()
        clauses = [self.clause(mood) for _ in range(2 + self.upto(3))]
        if self.chance(0.5):
            clauses.insert(self.upto(len(clauses) + 1), self.pick(NEUTRAL))
        if self.chance(0.5):
            clauses.append(self.pick(ENDINGS[self.level(mood, 0.5)]))
        return " ".join(clauses)

    def clause(self, mood: float) -> str:
        """One opinion; or two, of which the one after “but” is what the writer means."""
        thing, level = self.pick(THINGS), self.level(mood)
        if self.chance(0.2):
            other = self.pick(THINGS)
            return f"the {other} was {self.says(-level)} but the {thing} was {self.says(level)}"
        if self.chance(0.12):
            hope = self.pick(self.adjectives[2])
            return f"i expected {self.article(hope)} {thing} and it was {self.says(level)}"
        return f"the {thing} was {self.says(level)}"

    def says(self, level: int) -> str:
        """An opinion in words: plainly, stronger, weaker or by its opposite."""
        turns = {
            -2: (("", -2), ("so ", -1), ("very ", -1)),
            -1: (("", -1), ("rather ", -1), ("not ", 1), ("not very ", 1)),
            0: (("", 0), ("not ", 2), ("rather ", 0), ("not ", -2)),
            1: (("", 1), ("quite ", 1), ("not ", -1), ("never ", -1)),
            2: (("", 2), ("so ", 1), ("very ", 1), ("really ", 2)),
        }[level]
        words, of = turns[self.upto(len(turns))]
        return words + self.pick(self.adjectives[of])

    def level(self, mood: float, spread: float = SPREAD) -> int:
        """From −2 to 2, near the mood."""
        return max(-2, min(2, round(mood + spread * self.normal())))

    def article(self, word: str) -> str:
        """With its article."""
        return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"

    def pick(self, words: Sequence[str]) -> str:
        """Any of them."""
        return words[self.upto(len(words))]

    def upto(self, count: int) -> int:
        """A whole number from 0 to below `count`."""
        return int(torch.randint(count, (), generator=self.source))

    def chance(self, share: float) -> bool:
        """True so often."""
        return float(torch.rand((), generator=self.source)) < share

    def normal(self) -> float:
        """From N(0, 1)."""
        return float(torch.randn((), generator=self.source))
