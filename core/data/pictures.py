"""Pictures: two photos that come with scikit-learn, and a visitor's own, read without trust.

A file's size, its format and its pixels are checked before a pixel is decoded; what cannot be used
raises ConfigError with one sentence that says what to do.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
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
KEPT_SIDE = 768  # the longer side of what is kept
SHIPPED = {"china": "a temple in China", "flower": "a flower"}  # in scikit-learn, CC BY 2.0

Pixels = UInt8[np.ndarray, "height width 3"]


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
    arrays = own.load(name)
    if "photo" not in arrays:
        raise ConfigError("These own data are no picture; upload one.")
    return Photo(arrays["photo"], "a picture of your own")


def keep_photo(raw: bytes, _filename: str) -> str:
    """Check a visitor's picture and keep it; the key under which `load_photo` finds it."""
    return own.keep({"photo": decode(raw)})


def decode(raw: bytes) -> Pixels:
    """A file's first image, upright, over white where it is clear, at most `KEPT_SIDE` long."""
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
    try:
        return _pixels(image)
    except Exception:  # and so do damaged pixels
        raise ConfigError("The picture is damaged or cut short; save it again.") from None


def shrink(pixels: Pixels, side: int) -> UInt8[np.ndarray, "rows columns 3"]:
    """At most `side` long, in its own shape."""
    image = Image.fromarray(pixels)
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    return np.array(image)


def square(pixels: Pixels, side: int) -> UInt8[np.ndarray, "side side 3"]:
    """The largest square in the middle, `side` pixels wide."""
    size = (side, side)
    return np.array(ImageOps.fit(Image.fromarray(pixels), size, Image.Resampling.LANCZOS))


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
    image = image.convert("RGBA" if clear else "RGB")
    image.thumbnail((KEPT_SIDE, KEPT_SIDE), Image.Resampling.LANCZOS)
    if clear:
        paper = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(paper, image).convert("RGB")
    return np.array(ImageOps.exif_transpose(image))
