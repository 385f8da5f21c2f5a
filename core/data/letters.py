"""Pictures of the letters a to z: of nine shipped fonts, and a word put together from some.

A glyph is a picture of one letter in ink (255) on paper (0), `HEIGHT` high on a common baseline and
as wide as its ink. Words are drawn from them large, then brought to the size that a reader sees.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from core import assets

FOLDER = assets.ASSETS / "data" / "fonts"
ALPHABET = "abcdefghijklmnopqrstuvwxyz"
HEIGHT, BASELINE, SIZE = 96, 62, 48  # pixels of a glyph; of its font
ROWS, INK = 32, 24  # of a word that is read, and of its ink, of normal size
MARGIN = 8  # paper before and after the ink

Font = Literal[
    "andika", "atkinson-hyperlegible", "pt-serif", "courier-prime", "patrick-hand", "kalam",
    "gloria-hallelujah", "caveat", "indie-flower",
]  # fmt: skip
FONTS: dict[Font, str] = {
    "andika": "Andika",
    "atkinson-hyperlegible": "Atkinson Hyperlegible",
    "pt-serif": "PT Serif",
    "courier-prime": "Courier Prime",
    "patrick-hand": "Patrick Hand",
    "kalam": "Kalam",
    "gloria-hallelujah": "Gloria Hallelujah",
    "caveat": "Caveat",
    "indie-flower": "Indie Flower",
}
UNSEEN: Font = "indie-flower"  # kept for the test
SEEN: tuple[Font, ...] = tuple(font for font in FONTS if font != UNSEEN)

Glyph = UInt8[np.ndarray, "_ _"]
Word = UInt8[np.ndarray, "32 _"]


@dataclass(frozen=True)
class Hand:
    """How a word is written: all in pixels of a glyph, but for slant and stretch."""

    gaps: Sequence[int] = ()  # between letters, before the second and so on; 6 where not given
    lifts: Sequence[int] = ()  # of each letter above the line; 0 where not given
    slant: float = 0.0  # to the right, per pixel of height
    stretch: float = 1.0  # of the width
    ink: int = INK  # height of the ink in the end, 1 to 32
    margin: int = MARGIN


PLAIN = Hand()


@cache
def glyphs(font: Font, bold: int = 0) -> dict[str, Glyph]:
    """The 26 letters of a font, small ones and capitals, with `bold` pixels around each stroke."""
    raw = io.BytesIO(assets.read(FOLDER / f"{font}.woff"))
    kind = ImageFont.truetype(raw, SIZE, layout_engine=ImageFont.Layout.BASIC)
    return {letter: _glyph(kind, letter, bold) for letter in ALPHABET + ALPHABET.upper()}


def write(letters: Sequence[Glyph], hand: Hand = PLAIN) -> Word:
    """A word of one letter or more, in ink on paper."""
    gaps = [0, *(hand.gaps or [6] * (len(letters) - 1))]
    lifts = hand.lifts or [0] * len(letters)
    width = sum(glyph.shape[1] for glyph in letters) + sum(gaps)
    line = np.zeros((HEIGHT + 2 * HEIGHT // 3, width + HEIGHT), np.uint8)
    at = HEIGHT // 2
    for glyph, gap, lift in zip(letters, gaps, lifts, strict=True):
        at += gap
        part = line[HEIGHT // 3 - lift :, at:][: glyph.shape[0], : glyph.shape[1]]
        np.maximum(part, glyph, out=part)
        at += glyph.shape[1]
    image = Image.fromarray(line)
    if hand.slant:
        shift = -hand.slant * line.shape[0] / 2
        matrix = (1, hand.slant, shift, 0, 1, 0)
        image = image.transform(
            image.size, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR
        )
    return fit(np.asarray(image), hand.ink, hand.stretch, hand.margin)


def fit(
    picture: UInt8[np.ndarray, "height width"],
    ink: int = INK,
    stretch: float = 1.0,
    margin: int = MARGIN,
) -> Word:
    """Any picture of ink on paper, so that its ink is `ink` pixels high, in the middle of 32 rows.

    Paper without ink stays empty. The width is rounded up to whole steps of four pixels.
    """
    dark = picture > 64
    if not dark.any():
        return np.zeros((ROWS, 2 * MARGIN + INK), np.uint8)
    rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    cut = picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = cut.shape
    size = (max(1, round(stretch * width * ink / height)), ink)
    small = Image.fromarray(np.ascontiguousarray(cut)).resize(size, Image.Resampling.BOX)
    word = np.zeros((ROWS, -(-(size[0] + 2 * margin) // 4) * 4), np.uint8)
    top = (ROWS - ink) // 2
    word[top : top + ink, margin : margin + size[0]] = np.asarray(small)
    return word


def _glyph(font: ImageFont.FreeTypeFont, letter: str, bold: int) -> Glyph:
    image = Image.new("L", (3 * SIZE, HEIGHT))
    ImageDraw.Draw(image).text((SIZE, BASELINE), letter, 255, font, anchor="ls")
    left, _, right, _ = image.getbbox() or (0, 0, 1, 1)
    near = image.crop((left - bold, 0, right + bold, HEIGHT))
    return trim(np.asarray(near.filter(ImageFilter.MaxFilter(2 * bold + 1)) if bold else near))


def trim(picture: UInt8[np.ndarray, "height width"]) -> Glyph:
    """Without the empty columns on both sides."""
    columns = np.flatnonzero((picture > 64).any(axis=0))
    return picture[:, columns[0] : columns[-1] + 1].copy()
