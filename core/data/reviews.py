"""Reviews with one to five stars: written by a generator, one's own, or Yelp's full public set.

A file of reviews is JSON lines, {"review": "the words", "stars": 4}, as they are or in .xz or .gz.
Every fifth review is for validation. Yelp's terms forbid passing reviews on: none ship.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import lzma
import os
import sys
import tarfile
import tempfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor

from core import assets
from core.config import ConfigError, clip
from core.data import own, reviews_made
from core.data.files import numbered_lines
from core.data.glove import Vocabulary
from core.data.tokens import Words, tokens

STARS = 5
MADE, FRESH = 5_000, 500  # reviews that are written, and those of new words
EVERY = 5  # of the reviews one is for validation
MOST_BYTES, MOST_UNPACKED = 20 * 10**6, 60 * 10**6
LEAST, MOST = 50, 100_000  # of one's own
URL = "https://s3.amazonaws.com/fast-ai-nlp/yelp_review_full_csv.tgz"
SHA256 = "56006b0a17a370f1e366504b1f2c3e3754e4a3dda17d3e718a885c552869a559"


@dataclass(frozen=True)
class Reviews:
    """Reviews as words, and how many stars less one each has."""

    texts: tuple[Words, ...]
    stars: Int[Tensor, " reviews"]

    def __len__(self) -> int:
        return len(self.texts)


@dataclass(frozen=True)
class Collection:
    """Reviews to learn from, to validate with, and those of words that nobody rated before."""

    train: Reviews
    validation: Reviews
    fresh: Reviews | None
    source: str

    def vocabulary(self, least: int = 2) -> Vocabulary:
        """GloVe's words, and those of the training reviews that occur so often at least."""
        known = Vocabulary().numbers
        counts = Counter(w for text in self.train.texts for w in text if w not in known)
        return Vocabulary(sorted(word for word, count in counts.items() if count >= least))


def load(name: str) -> Collection:
    """ "made", "full", or the key of an upload. Raises ConfigError where it cannot be had."""
    match name:
        case "made":
            return _made()
        case "full":
            return _full()
    return _own(name)


def keep_reviews(raw: bytes, filename: str) -> str:
    """Check a visitor's file and keep it; the key under which `load` finds it."""
    lines = "\n".join(json.dumps(pair) for pair in read(raw, filename))
    return own.keep({"reviews": np.frombuffer(lines.encode(), np.uint8)})


def read(raw: bytes, filename: str) -> list[tuple[str, int]]:
    """Texts and stars of a file of JSON lines. Raises ConfigError."""
    pairs = []
    for number, line in numbered_lines(_unpack(raw, filename)):
        pairs.append(_pair(line, number))
        if len(pairs) > MOST:
            raise ConfigError(f"The file has more than {MOST:,} reviews; keep a random part.")
    if len(pairs) < LEAST:
        raise ConfigError(f"The file has {len(pairs)} reviews; give at least {LEAST}.")
    if len({stars for _, stars in pairs}) < 2:
        raise ConfigError("All reviews have as many stars; give some that differ.")
    return pairs


def _pair(line: str, number: int) -> tuple[str, int]:
    try:
        held = json.loads(line)
        text, stars = held["review"], held["stars"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ConfigError(
            f'Line {number} is no review; write {{"review": "good food", "stars": 4}}.'
        ) from None
    if not isinstance(text, str) or not tokens(text):
        raise ConfigError(f"The review in line {number} has no words; leave it out.")
    if isinstance(stars, bool) or stars not in range(1, STARS + 1):
        raise ConfigError(f"Line {number} has “{clip(str(stars))}” stars; give 1 to {STARS}.")
    return text, int(stars)


def _unpack(raw: bytes, filename: str) -> str:
    """The text of a file, whose size is known before it is all there."""
    if len(raw) > MOST_BYTES:
        raise ConfigError(f"The file has more than {MOST_BYTES / 1e6:.0f} MB, the most.")
    suffix = Path(filename).suffix.lower()
    try:
        with _stream(io.BytesIO(raw), suffix) as stream:
            text = stream.read(MOST_UNPACKED + 1)
        if len(text) > MOST_UNPACKED:
            raise ConfigError(
                f"The file unpacks to more than {MOST_UNPACKED / 1e6:.0f} MB, the most."
            )
        return text.decode("utf-8-sig")
    except (OSError, EOFError, lzma.LZMAError, zlib.error, UnicodeDecodeError):
        raise ConfigError(
            "The file is no text, or damaged; give JSON lines in UTF-8, as .jsonl, .xz or .gz."
        ) from None


def _stream(raw: io.BytesIO, suffix: str) -> io.BufferedIOBase:
    match suffix:
        case ".xz":
            return lzma.LZMAFile(raw)
        case ".gz":
            return gzip.GzipFile(fileobj=raw)
    return raw


@cache
def _made() -> Collection:
    texts, stars = reviews_made.write(MADE, seed=0)
    fresh = _reviews(*reviews_made.write(FRESH, seed=1, fresh=True))
    source = f"{MADE:,} synthetic reviews, written by a seeded generator"
    return _collection(texts, stars, source, fresh)


@lru_cache(maxsize=2)
def _own(key: str) -> Collection:
    arrays = own.load(key)
    if "reviews" not in arrays:
        raise ConfigError("These own data are no reviews; upload some.")
    pairs = [json.loads(line) for line in bytes(arrays["reviews"]).decode().split("\n")]
    texts = [tokens(text) for text, _ in pairs]
    return _collection(texts, [s for _, s in pairs], f"{len(pairs):,} reviews of your own")


@cache
def _full() -> Collection:
    """Zhang, Zhao and LeCun (2015): 650,000 reviews to learn from, 50,000 to validate with."""
    parts = {"train": ([], []), "test": ([], [])}  # type: dict[str, tuple[list[Words], list[int]]]
    with tarfile.open(_archive()) as archive:
        for name, (texts, stars) in parts.items():
            member = archive.extractfile(f"yelp_review_full_csv/{name}.csv")
            assert member is not None
            for star, text in csv.reader(io.TextIOWrapper(member, "utf-8", newline="")):
                if words := tokens(text.replace("\\n", " ")):
                    texts.append(tuple(map(sys.intern, words)))  # each word is kept once
                    stars.append(int(star))
    train, test = (_reviews(*part) for part in parts.values())
    return Collection(train, test, None, f"Yelp's full set: {len(train):,} reviews")


def _collection(
    texts: Sequence[Words], stars: Sequence[int], source: str, fresh: Reviews | None = None
) -> Collection:
    """Every fifth of each number of stars is for validation; the same words are on one side."""
    sides, held_out, seen = dict[Words, bool](), [], Counter[int]()
    for text, star in zip(texts, stars, strict=True):
        seen[star] += 1
        held_out.append(sides.setdefault(text, seen[star] % EVERY == 0))

    def part(wanted: bool) -> Iterator[int]:
        return (i for i, held in enumerate(held_out) if held == wanted)

    train, validation = (
        _reviews([texts[i] for i in part(held)], [stars[i] for i in part(held)])
        for held in (False, True)
    )
    if not len(validation):
        raise ConfigError(f"No number of stars has {EVERY} different reviews; give more of each.")
    return Collection(train, validation, fresh, source)


def _reviews(texts: Sequence[Words], stars: Sequence[int]) -> Reviews:
    return Reviews(tuple(texts), torch.tensor(stars, dtype=torch.int64) - 1)


def _archive() -> Path:
    """The archive in the user's cache, fetched once (196 MB) and checked."""
    home = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"), "glassbox")
    path = home / Path(URL).name
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        try:
            with urlopen(URL, timeout=60) as stream:
                raw = stream.read()
        except (OSError, URLError):
            raw = b""
        if assets.sha256(raw) != SHA256:
            raise ConfigError(
                "Yelp's full set could not be fetched, or is another now; take the synthetic"
                " reviews, or your own."
            )
        # Written aside and moved, so that no reader ever sees half a file.
        with tempfile.NamedTemporaryFile(dir=home, delete=False) as file:
            file.write(raw)
        Path(file.name).replace(path)
    return path
