"""Pictures with captions: scenes that the project draws, or one's own in COCO's format.

An upload is a ZIP archive of pictures and one JSON file with COCO's `images` (id, file_name) and
`annotations` (image_id, caption). Nothing in it is executed, no path in it is followed.
"""

from __future__ import annotations

import io
import json
import math
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any, TypeVar

import numpy as np
import torch
from jaxtyping import UInt8
from torch import Tensor

from core.config import ConfigError, clip
from core.data import own, scenes
from core.data.pictures import decode, open_checked, square
from core.data.tokens import Words, tokens

PADDING, START, END, UNKNOWN = range(4)
RESERVED = ("", "<start>", "<end>", "<unknown>")
LONGEST = 20  # words of a caption; what comes after them is left out
MOST_WORDS = 3_000
TRAINED, HELD_OUT = 4_000, 200  # scenes
EVERY = 5  # of one's own pictures one is for validation
LEAST, MOST = 10, 5_000  # of one's own pictures
MOST_EACH = 10  # captions of a picture; COCO has five
MOST_MEGABYTES, MOST_UNPACKED = 50, 200 * 10**6
MOST_NOTES = 20 * 10**6  # bytes of the JSON file; parsed, it may take thirty times as many
MOST_PIXELS = 2 * 10**9  # of all pictures together: COCO's are a third of a million each

T = TypeVar("T")


@dataclass(frozen=True)
class Captioned:
    """Pictures, the words of a few captions of each, and all that are true, where that is known."""

    images: UInt8[Tensor, "pictures 3 side side"]
    captions: tuple[tuple[Words, ...], ...]
    true: tuple[frozenset[str], ...] | None = None

    def __len__(self) -> int:
        return len(self.captions)


@dataclass(frozen=True)
class Album:
    """Pictures to learn from and to validate with."""

    train: Captioned
    validation: Captioned


class WordList:
    """Numbers for words, after those that are reserved."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = (*RESERVED, *words)
        self.numbers = {word: number for number, word in enumerate(self.words)}

    @classmethod
    def of(cls, captions: Iterable[Sequence[Words]], least: int = 1) -> WordList:
        """The words that occur so often in captions at least."""
        counts = Counter(word for some in captions for caption in some for word in caption)
        common = sorted(counts, key=lambda word: (-counts[word], word))
        return cls([word for word in common if counts[word] >= least][:MOST_WORDS])

    def __len__(self) -> int:
        return len(self.words)

    def encode(self, caption: Words) -> list[int]:
        """From START to END."""
        return [START, *(self.numbers.get(word, UNKNOWN) for word in caption), END]

    def decode(self, numbers: Iterable[int]) -> str:
        """Words up to END, parted by blanks."""
        words = []
        for number in numbers:
            if number == END:
                break
            if number not in (PADDING, START):
                words.append(self.words[number])
        return " ".join(words)


def load(name: str) -> Album:
    """ "scenes", or the key of an upload. Raises ConfigError where it is gone."""
    return _own(name) if name != "scenes" else Album(drawn("train", TRAINED), held_out(name))


def keep_album(raw: bytes, _filename: str) -> str:
    """Check a visitor's archive and keep it; the key under which `load` finds it."""
    if len(raw) > MOST_MEGABYTES * 10**6:
        raise ConfigError(f"The archive has more than {MOST_MEGABYTES} MB, the most; make it less.")
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            entries = archive.infolist()
            if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
                raise ConfigError(
                    f"The archive unpacks to more than {MOST_UNPACKED / 1e6:.0f} MB, the most;"
                    " keep fewer pictures."
                )
            named = {PurePosixPath(entry.filename).name: entry for entry in entries}
            notes = [entry for name, entry in named.items() if name.endswith(".json")]
            if notes and notes[0].file_size > MOST_NOTES:
                raise ConfigError(
                    f"The JSON file has more than {MOST_NOTES / 1e6:.0f} MB, the most; keep fewer"
                    " captions."
                )
            captions = _captions(archive.read(notes[0])) if notes else {}
            told = {name: named[name] for name in list(captions)[:MOST] if name in named}
            images = _pictures(archive, told)
    except ConfigError:
        raise
    except Exception:  # damaged, encrypted or exotic archives fail in many ways
        raise ConfigError(
            "The file is no ZIP archive that can be unpacked; pack it anew."
        ) from None
    if len(images) < LEAST:
        raise ConfigError(
            f"The archive has {len(images)} pictures with captions; put at least {LEAST} into it,"
            " and COCO's JSON file of them."
        )
    text = json.dumps([captions[name][:MOST_EACH] for name in images])
    return own.keep(
        {
            "album": np.stack(list(images.values())),
            "captions": np.frombuffer(text.encode(), np.uint8),
        }
    )


def _pictures(
    archive: zipfile.ZipFile, entries: Mapping[str, zipfile.ZipInfo]
) -> dict[str, UInt8[np.ndarray, "side side 3"]]:
    """The middle of each picture, once all their sizes are known. Raises ConfigError."""

    def read(name: str, by: Callable[[bytes], T]) -> T:
        try:
            return by(archive.read(entries[name]))
        except ConfigError as error:
            raise ConfigError(f"“{clip(name)}” in the archive: {error}") from None

    pixels = sum(math.prod(read(name, open_checked).size) for name in entries)
    if pixels > MOST_PIXELS:
        raise ConfigError(
            f"The pictures have {pixels / 1e6:,.0f} million pixels together and"
            f" {MOST_PIXELS / 1e6:,.0f} million are the most; make them smaller."
        )
    return {name: square(read(name, decode), scenes.SIDE) for name in entries}


def _captions(raw: bytes) -> dict[str, list[str]]:
    """File names and captions, from COCO's notes. Raises ConfigError."""
    try:
        notes: Mapping[str, Any] = json.loads(raw)
        names = {i["id"]: PurePosixPath(str(i["file_name"])).name for i in notes["images"]}
        found: dict[str, list[str]] = {}
        for note in notes["annotations"]:
            name = names.get(note["image_id"])  # none in a part of COCO's, say
            if name and tokens(caption := str(note["caption"])):
                found.setdefault(name, []).append(caption)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ConfigError(
            "The JSON file is not COCO's; give “images” (id, file_name) and “annotations”"
            " (image_id, caption)."
        ) from None
    return found


def held_out(name: str) -> Captioned:
    """The validation pictures of `load` alone, without the time it takes to draw the rest."""
    return drawn("validation", HELD_OUT) if name == "scenes" else _own(name).validation


def source(name: str) -> str:
    """What a page says of these pictures."""
    if name == "scenes":
        return f"{TRAINED:,} synthetic scenes, drawn and captioned by a seeded generator"
    return f"{len(_own(name).train) + len(_own(name).validation):,} pictures of your own"


def drawn(part: scenes.Part, count: int) -> Captioned:
    """The first scenes of a part."""
    made = scenes.draw(part, count)
    return Captioned(made.images, _words(made.captions), made.true)


@lru_cache(maxsize=2)
def _own(key: str) -> Album:
    arrays = own.load(key)
    if "album" not in arrays:
        raise ConfigError("These own data are no pictures with captions; upload some.")
    captions = _words(json.loads(bytes(arrays["captions"])))
    images = torch.from_numpy(arrays["album"].copy()).permute(0, 3, 1, 2).contiguous()
    held_out = torch.arange(len(images)) % EVERY == EVERY - 1
    train, validation = (
        Captioned(images[part], tuple(captions[i] for i in part.nonzero()[:, 0].tolist()))
        for part in (~held_out, held_out)
    )
    return Album(train, validation)


def _words(captions: Iterable[Iterable[str]]) -> tuple[tuple[Words, ...], ...]:
    return tuple(tuple(tokens(caption)[:LONGEST] for caption in some) for some in captions)
