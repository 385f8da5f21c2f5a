"""Running text to learn a language from: Shakespeare's works, which ship, two novels, or one's own.

A text is cut into stretches, and every tenth is held out: what is judged was never learnt from,
and is from all parts of the text.
"""

from __future__ import annotations

import lzma
import os
import re
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal
from urllib.error import URLError

import numpy as np

from core import assets
from core.config import ConfigError
from core.data import own

SHIPPED = assets.ASSETS / "data" / "shakespeare" / "works.txt.xz"
NOVELS = {"hound_of_the_baskervilles": 2852, "war_and_peace": 2600}  # numbers of Project Gutenberg
URL = "https://www.gutenberg.org/cache/epub/{0}/pg{0}.txt"
STRETCH = 20_000  # characters
EVERY = 10  # of the stretches, one is held out
LEAST, MOST_BYTES = 5_000, 5 * 10**6  # characters, and bytes, of one's own text

Book = Literal["shakespeare", "books"]
BOOKS: dict[str, str] = {
    "shakespeare": "Shakespeare's works (shipped)",
    "books": "Shakespeare, The Hound of the Baskervilles, War and Peace",
}


@dataclass(frozen=True)
class Text:
    """Stretches of running text to learn from, and others to be judged by."""

    train: tuple[str, ...]
    held_out: tuple[str, ...]

    def share(self, share: float) -> Text:
        """About as large a part of both, from the beginning."""
        train = self.train[: max(1, round(share * len(self.train)))]
        return Text(train, self.held_out[: max(1, round(share * len(self.held_out)))])


@lru_cache(maxsize=4)
def load(name: str) -> Text:
    """A text of `BOOKS`, or the upload of that key. Raises ConfigError where it cannot be had."""
    match name:
        case "shakespeare":
            texts = [_shakespeare()]
        case "books":
            texts = [_shakespeare(), *map(_novel, NOVELS)]
        case _:
            texts = [_own(name)]
    cuts = [stretches(text) for text in texts]
    return Text(
        tuple(part for parts in cuts for at, part in enumerate(parts, 1) if at % EVERY),
        tuple(part for parts in cuts for at, part in enumerate(parts, 1) if at % EVERY == 0),
    )


def stretches(text: str) -> list[str]:
    """A text cut at blanks, in stretches of `STRETCH` characters or, if short, in ten."""
    length = min(STRETCH, len(text) // EVERY - 1)
    parts, at = [], 0
    while at < len(text):
        blank = re.compile(r"\s").search(text, at + length)
        end = blank.end() if blank else len(text)
        parts.append(text[at:end])
        at = end
    return parts


def source(name: str) -> str:
    """What a page says of a text."""
    return BOOKS.get(name, "a text of your own")


def keep_text(raw: bytes, _filename: str) -> str:
    """Check a visitor's text file and keep it; the key under which `load` finds it."""
    return own.keep({"text": np.frombuffer(read_text(raw).encode(), np.uint8)})


def read_text(raw: bytes) -> str:
    """A file as text. Raises ConfigError where it is none, or too short to learn from."""
    if len(raw) > MOST_BYTES:
        raise ConfigError(f"The file has more than {MOST_BYTES / 1e6:.0f} MB, the most; cut it.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError("The file is no text in UTF-8; save it as plain text in UTF-8.") from None
    if "\0" in text:
        raise ConfigError("The file holds NUL bytes, so it is no text; save it as plain text.")
    if (letters := sum(map(len, text.split()))) < LEAST:
        raise ConfigError(
            f"The text has {letters:,} characters without blanks, and {LEAST:,} are the fewest to"
            " learn from; give a longer one."
        )
    if len(stretches(text)) < EVERY:
        raise ConfigError(
            "The text has hardly a blank, so that no part of it can be held out; give one with"
            " blanks or line breaks between words."
        )
    return text


def _own(key: str) -> str:
    arrays = own.load(key)
    if "text" not in arrays:
        raise ConfigError("These own data are no text; upload one.")
    return arrays["text"].tobytes().decode()


def _shakespeare() -> str:
    return re.sub(r"%+ \w+\n", "\n", lzma.decompress(assets.read(SHIPPED)).decode())


def _novel(name: str) -> str:
    """A novel without what Project Gutenberg writes before and after it."""
    path = Path(os.environ.get("GLASSBOX_DATA", ""), "local", "books", f"{name}.txt.xz")
    here = "GLASSBOX_DATA" in os.environ and path.is_file()
    text = lzma.decompress(path.read_bytes()).decode() if here else _fetched(name)
    found = re.search(r"\*\*\* ?START.*?\n(.*)\*\*\* ?END", text, re.DOTALL)
    return found[1] if found else text


def _fetched(name: str) -> str:
    """From the user's cache, where it is fetched to once (3 MB)."""
    from torchvision.datasets.utils import download_url  # slow to import, rarely needed

    home = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"), "glassbox")
    path = home / f"{name}.txt"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        # Fetched aside and moved, so that no reader ever sees half a file.
        with tempfile.TemporaryDirectory(dir=home) as aside:
            try:
                download_url(URL.format(NOVELS[name]), aside, path.name)
            except (OSError, RuntimeError, URLError):
                raise ConfigError(
                    "The novels could not be fetched from Project Gutenberg; take Shakespeare, or"
                    " name a folder that has them in GLASSBOX_DATA."
                ) from None
            Path(aside, path.name).replace(path)
    return path.read_text("utf-8-sig")
