"""How many sentences of held-out words a translator writes to the letter."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from core.config import generator
from core.translation.nets import of
from core.translation.tasks import TASKS

EACH = 100  # sentences of each number of words
SEED = 11
SHORT = 4  # words of a short sentence, at most


def written_right(saved: Mapping[str, Tensor]) -> dict[str, float]:
    """Shares of all, of sentences of 1 to 4 words, and of longer ones; letter by letter, greedy."""
    net, name = of(saved)
    task = TASKS[name]
    shares = []
    for count in range(1, task.most + 1):
        pairs = task.pairs("validation", [count] * EACH, generator(SEED + count))
        most = 1 + max(len(answer) for _, answer in pairs)
        made = net.write([text for text, _ in pairs], most).tolist()
        written = [task.alphabet.decode(row) for row in made]
        shares.append(sum(a == b for a, (_, b) in zip(written, pairs, strict=True)) / EACH)
    short, long = shares[:SHORT], shares[SHORT:]
    return {
        "exact": sum(shares) / len(shares),
        "exact_short": sum(short) / len(short),
        "exact_long": sum(long) / len(long),
    }
