"""Pictures: two photos that come with scikit-learn, and a visitor's own, read without trust.

A file's size, its format and its pixels are checked before a pixel is decoded; what cannot be used
raises ConfigError with one sentence that says what to do.
"""

from __future__ import annotations

import contextlib
import io
import re
import threading
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import distribution
from pathlib import Path

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageOps

from core.config import ConfigError
from core.data import own

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
MOST_MEGABYTES = 20  # of the file
MOST_PIXELS = 50 * 10**6  # what a telephone takes
MOST_SIDE, LEAST_SIDE, MOST_RATIO = 16_000, 8, 16
MOST_SCANS = 100  # of a progressive JPEG, each over all pixels; cameras and programs write about 10
LEAST_SHRUNK = 24  # what VGG-16 and SqueezeNet need for their deepest layers
KEPT_SIDE = 768  # the longer side of what is kept
SHIPPED = {"china": "a temple in China", "flower": "a flower"}  # in scikit-learn, CC BY 2.0

SCAN = re.compile(rb"\xff\xda\x00(?:\x08\x01|\x0a\x02|\x0c\x03|\x0e\x04)")  # where one begins

Pixels = UInt8[np.ndarray, "height width 3"]
decoding = threading.Lock()  # a large picture takes 0.4 GB: one visitor's at a time


@dataclass(frozen=True)
class Photo:
    """Red, green and blue of each pixel, and where they are from."""

    pixels: Pixels
    source: str


def load_photo(name: str) -> Photo:
    """One of `SHIPPED`, or the upload of that key. Raises ConfigError where there is none."""
    if name in SHIPPED:
        # Found without an import of scikit-learn, which takes a second and more.
        file = distribution("scikit-learn").locate_file(f"sklearn/datasets/images/{name}.jpg")
        source = f"{SHIPPED[name]}, a photo that comes with scikit-learn (CC BY 2.0)"
        return Photo(decode(Path(str(file)).read_bytes()), source)
    return Photo(_kept(name), "a picture of your own")


def keep_photo(raw: bytes, _filename: str) -> str:
    """Check a visitor's picture and keep it; the key under which `load_photo` finds it."""
    return own.keep({"photo": decode(raw)})


def decode(raw: bytes) -> Pixels:
    """A file's first image, upright, over white where it is clear, at most `KEPT_SIDE` long."""
    image = open_checked(raw)
    try:
        with decoding:
            return _pixels(image)
    except Exception:  # damaged pixels fail in many ways
        raise ConfigError("The picture is damaged or cut short; save it again.") from None


def open_checked(raw: bytes) -> Image.Image:
    """A picture whose header alone was read, and can be used. Raises ConfigError."""
    if not raw:
        raise ConfigError("The file is empty; choose a picture.")
    if len(raw) > MOST_MEGABYTES * 10**6:
        raise ConfigError(f"The file has more than {MOST_MEGABYTES} MB, the most; save it smaller.")
    try:
        image = Image.open(io.BytesIO(raw), formats=FORMATS)  # reads the header alone
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large() from None
    except Exception:  # damaged headers fail in many ways
        names = ", ".join(FORMATS[:-1])
        raise ConfigError(
            f"The file is no picture that is read here; save it as {names} or {FORMATS[-1]}."
        ) from None
    _check_size(*image.size)
    if image.format in ("JPEG", "MPO") and len(SCAN.findall(raw)) > MOST_SCANS:
        raise ConfigError("The JPEG is written in too many passes; save it again.")
    return image


def shrink(pixels: Pixels, side: int) -> UInt8[np.ndarray, "rows columns 3"]:
    """At most `side` long, in its own shape. Raises ConfigError where too little would be left."""
    image = Image.fromarray(pixels)
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    if min(image.size) < LEAST_SHRUNK:
        raise ConfigError(
            f"At this size the picture has only {image.width} × {image.height} pixels; take a"
            " larger size, or a picture that is less narrow."
        )
    return np.array(image)


def square(pixels: Pixels, side: int) -> UInt8[np.ndarray, "side side 3"]:
    """The largest square in the middle, `side` pixels wide."""
    size = (side, side)
    return np.array(ImageOps.fit(Image.fromarray(pixels), size, Image.Resampling.LANCZOS))


@lru_cache(maxsize=8)
def _kept(key: str) -> Pixels:
    """Remembered, so that a run does not lose its picture when old uploads go."""
    arrays = own.load(key)
    if "photo" not in arrays:
        raise ConfigError("These own data are no picture; upload one.")
    return arrays["photo"]


def _check_size(width: int, height: int) -> None:
    short, long = sorted((width, height))
    if long > MOST_SIDE or short * long > MOST_PIXELS:
        raise _too_large()
    if short < LEAST_SIDE:
        raise ConfigError(
            f"The picture has {width} × {height} pixels; choose one of at least"
            f" {LEAST_SIDE} × {LEAST_SIDE}."
        )
    if long > MOST_RATIO * short:
        raise ConfigError(
            f"The picture has {width:,} × {height:,} pixels, a mere line; cut it so that one side"
            f" is at most {MOST_RATIO} times the other."
        )


def _too_large() -> ConfigError:
    return ConfigError(
        f"The picture has more than {MOST_PIXELS / 1e6:.0f} million pixels or a side of more than"
        f" {MOST_SIDE:,}, the most; save it smaller."
    )


def _pixels(image: Image.Image) -> Pixels:
    image.draft(None, (2 * KEPT_SIDE, 2 * KEPT_SIDE))  # a large JPEG is never decoded in full
    if image.mode.startswith("I"):  # 16 bits of grey, of which `convert` would keep the low ones
        image = Image.fromarray((np.asarray(image) // 257).astype(np.uint8))
    clear = image.has_transparency_data
    if image.mode != (mode := "RGBA" if clear else "RGB"):
        image = image.convert(mode)
    image.thumbnail((KEPT_SIDE, KEPT_SIDE), Image.Resampling.LANCZOS)
    with contextlib.suppress(Exception):  # garbled EXIF: the pixels are good all the same
        image = ImageOps.exif_transpose(image)
    if clear:
        paper = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(paper, image).convert("RGB")
    return np.array(image)
