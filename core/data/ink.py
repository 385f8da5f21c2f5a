"""A word that somebody wrote: drawn with the pointer, or on a photo of paper."""

from __future__ import annotations

import json

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image, ImageDraw, ImageFilter

from core.config import ConfigError
from core.data import own
from core.data.letters import Word, fit
from core.data.pictures import Pixels

HEIGHT, PEN, EDGE = 96, 10, 20  # pixels of a drawing's ink, of its pen and of the paper around it
MOST_POINTS = 10_000
MOST_CHARACTERS = 50 * MOST_POINTS
FARTHEST = 10_000  # of a point from the corner
SHORTEST = 12  # of the height, for each part of the width
FAINTEST = 25  # of 255: less than that is no ink
LONGEST = 640  # pixels of a word, when its ink is 24 high


def keep_drawing(text: str) -> str:
    """Check strokes, JSON lists of x, y, x, y, …, and keep their picture; its key.

    The size does not matter: the ink is made `HEIGHT` high. Raises ConfigError.
    """
    strokes = _strokes(text)
    points = np.concatenate(strokes)
    low, (width, height) = points.min(axis=0), np.ptp(points, axis=0)
    scale = HEIGHT / max(height, width / SHORTEST, 1)
    size = (2 * EDGE + round(scale * width), 2 * EDGE + HEIGHT)
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    for stroke in strokes:
        line = [(float(x), float(y)) for x, y in (stroke - low) * scale + EDGE]
        draw.line(line, "black", PEN, joint="curve")
        for x, y in (line[0], line[-1]):
            draw.ellipse((x - PEN / 2, y - PEN / 2, x + PEN / 2, y + PEN / 2), "black")
    return own.keep({"photo": np.array(image)})


def _strokes(text: str) -> list[Float[np.ndarray, "_ 2"]]:
    """The points of each stroke, at least one. Raises ConfigError."""
    if len(text) > MOST_CHARACTERS:
        raise ConfigError("The drawing has too many strokes; draw one word.")
    try:
        strokes = [np.array(stroke, np.float64).reshape(-1, 2) for stroke in json.loads(text)]
    except (ValueError, TypeError, OverflowError, RecursionError):
        raise ConfigError("The drawing cannot be used; draw the word again.") from None
    strokes = [stroke for stroke in strokes if len(stroke)]
    if not strokes:
        raise ConfigError("There is nothing drawn yet; draw a word.")
    if sum(map(len, strokes)) > MOST_POINTS:
        raise ConfigError("The drawing has too many strokes; draw one word.")
    if not all((np.abs(stroke) <= FARTHEST).all() for stroke in strokes):
        raise ConfigError("The drawing cannot be used; draw the word again.")
    return strokes


def word_of(pixels: Pixels) -> Word:
    """The word in a picture, as a reader sees it. Raises ConfigError where there is no ink.

    Ink is what is darker than its surroundings; on dark paper, what is lighter.
    """
    grey = Image.fromarray(pixels).convert("L")
    paper = np.asarray(grey.filter(ImageFilter.GaussianBlur(max(grey.size) / 4)), np.float64)
    contrast = paper - np.asarray(grey)
    if abs(contrast.min()) > contrast.max():
        contrast = -contrast
    if contrast.max() < FAINTEST:
        raise ConfigError("There is no ink in this picture; write one word on plain paper.")
    ink: UInt8[np.ndarray, "height width"] = (
        (255 * (contrast / contrast.max() - 0.3) / 0.7).clip(0, 255).astype(np.uint8)
    )
    word = fit(ink)
    if word.shape[1] > LONGEST:
        raise ConfigError("This is too long for one word; write one word and cut the picture.")
    return word
