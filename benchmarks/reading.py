"""Reading 1,000 words: the dynamic programme on all tables at once against one in plain Python.

Both walk the same recurrence, 27 sums a window, and trace the same paths back. The plain one sees
lists, class by class as the formula is read, and is timed on some of the words.
"""

from __future__ import annotations

import time

import torch

from core.config import generator
from core.reading.paths import GAP, decode, read

WORDS, WINDOWS, CLASSES = 1_000, 40, 27
LOOPED = 50  # words the loop is timed on
ROUNDS = 10


def measure() -> float:
    """Time of a word in plain Python ÷ time of a word among 1,000."""
    torch.set_num_threads(1)
    energies = torch.randn(WORDS, WINDOWS, CLASSES, generator=generator(0))
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        words = read(decode(energies)[1])
        times.append(time.perf_counter() - began)
    together = min(times) / WORDS
    tables = energies[:LOOPED].tolist()
    began = time.perf_counter()
    looped = [read(torch.tensor([viterbi(table)]))[0] for table in tables]
    alone = (time.perf_counter() - began) / LOOPED
    assert looped == words[:LOOPED], "they read different words"
    print(f"a word in plain Python {1e6 * alone:.0f} µs, among 1,000 {1e6 * together:.1f} µs")
    return alone / together


def viterbi(table: list[list[float]]) -> list[int]:
    """The classes along the path of least energy through a table of windows by classes."""
    best, pointers = table[0], []
    for local in table[1:]:
        source: list[int] = []
        reached: list[float] = []
        for k in range(CLASSES):
            sources = range(CLASSES) if k == GAP else (k, GAP)
            source.append(min(sources, key=best.__getitem__))
            reached.append(local[k] + best[source[k]])
        best = reached
        pointers.append(source)
    label = min(range(CLASSES), key=best.__getitem__)
    path = [label]
    for source in reversed(pointers):
        label = source[label]
        path.append(label)
    return path[::-1]


if __name__ == "__main__":
    print(f"{measure():.0f} times faster")
