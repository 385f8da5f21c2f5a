"""Texts and their summaries: docstrings of what is installed, or a visitor's JSON lines.

About a tenth is held out, chosen by a sum over the text, so that what else there is hardly matters.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from core.config import ConfigError, clip
from core.data import own
from core.data.docstrings import docstrings
from core.data.files import numbered_lines

EVERY = 10
MOST_BYTES, FEWEST = 20 * 10**6, 200

Pair = tuple[str, str]  # the text, its summary


@dataclass(frozen=True)
class Summaries:
    """Pairs to learn from and pairs to be judged by; no text and no summary is in both."""

    train: tuple[Pair, ...]
    held_out: tuple[Pair, ...]


@lru_cache(maxsize=2)
def load(name: str) -> Summaries:
    """The docstrings, or the upload of that key. Raises ConfigError."""
    pairs = docstrings() if name == "docstrings" else _own(name)
    ranked = sorted((_sum(text), text, summary) for text, summary in dict(pairs).items())
    train = tuple((text, summary) for rank, text, summary in ranked if rank % EVERY)
    learnt = {summary for _, summary in train}
    held_out = tuple(
        (text, summary)
        for rank, text, summary in ranked
        if rank % EVERY == 0 and summary not in learnt
    )
    if min(len(train), len(held_out)) == 0:
        raise ConfigError(
            "There are too few different texts; install more packages or upload more."
        )
    return Summaries(train, held_out)


def source(name: str) -> str:
    """What a page says of the pairs."""
    shipped = "docstrings of the Python packages installed here: the body, and its first line"
    return shipped if name == "docstrings" else "texts and summaries of your own"


def keep_pairs(raw: bytes, _filename: str) -> str:
    """Check a file of JSON lines and keep it; the key under which `load` finds it."""
    lines = "\n".join(json.dumps(pair) for pair in read_pairs(raw))
    return own.keep({"summaries": np.frombuffer(lines.encode(), np.uint8)})


def read_pairs(raw: bytes) -> list[Pair]:
    """Pairs of `{"article": ..., "summary": ...}`, one to a line. Raises ConfigError."""
    if len(raw) > MOST_BYTES:
        raise ConfigError(f"The file has more than {MOST_BYTES / 1e6:.0f} MB, the most; cut it.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError("The file is no text in UTF-8; save it as JSON lines in UTF-8.") from None
    pairs = []
    for number, line in numbered_lines(text):
        try:
            entry = json.loads(line)
            pair = entry["article"], entry["summary"]
            f"{pair[0]}{pair[1]}".encode()  # JSON can name half a character: no text
        except (ValueError, KeyError, TypeError, RecursionError):
            raise ConfigError(
                f"Line {number}, “{clip(line)}”, is not read here; write"
                ' {"article": "…", "summary": "…"} on each line.'
            ) from None
        if not all(isinstance(part, str) and part.strip() for part in pair):
            raise ConfigError(f"Line {number} has an empty article or summary; fill it or drop it.")
        pairs.append(pair)
    if len(dict(pairs)) < FEWEST:
        raise ConfigError(
            f"The file has {len(dict(pairs))} different articles, and {FEWEST} are the fewest to"
            " learn from; give more."
        )
    return pairs


def _own(key: str) -> list[Pair]:
    arrays = own.load(key)
    if "summaries" not in arrays:
        raise ConfigError("These own data are no summaries; upload some.")
    return [tuple(json.loads(line)) for line in arrays["summaries"].tobytes().decode().splitlines()]


def _sum(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
