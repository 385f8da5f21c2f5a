"""Pictures from outside: what is good is used, everything else is one sentence."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from core.config import ConfigError, is_key
from core.data import own, pictures
from core.data.pictures import decode, keep_photo, load_photo, shrink, square

# Red, green, blue and grey quarters, so that no two corners are alike.
QUARTERS = np.zeros((24, 40, 3), np.uint8)
QUARTERS[:12, :20] = 200, 0, 0
QUARTERS[:12, 20:] = 0, 150, 0
QUARTERS[12:, :20] = 0, 0, 250
QUARTERS[12:, 20:] = 90


@pytest.fixture(autouse=True)
def uploads(tmp_path, monkeypatch):
    monkeypatch.setenv("GLASSBOX_UPLOADS", str(tmp_path / "uploads"))


def saved(pixels, kind="PNG", mode=None, **options) -> bytes:
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    stream = io.BytesIO()
    (image.convert(mode) if mode else image).save(stream, kind, **options)
    return stream.getvalue()


def png_header(width: int, height: int) -> bytes:
    """A PNG that declares so many pixels and holds none."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        length, check = len(content), zlib.crc32(kind + content)
        return struct.pack(">I", length) + kind + content + struct.pack(">I", check)

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", b"")


@pytest.mark.parametrize("kind", ["PNG", "BMP", "GIF", "WEBP", "JPEG"])
def test_pixels_are_those_of_the_file(kind):
    best = {"WEBP": {"lossless": True}, "JPEG": {"quality": 95}}
    rough = 6 if kind == "JPEG" else 0
    found = decode(saved(QUARTERS, kind, **best.get(kind, {})))
    assert found.shape == QUARTERS.shape
    for row, column in ((4, 4), (4, 32), (20, 4), (20, 32)):  # JPEG smears the borders
        np.testing.assert_allclose(found[row, column], QUARTERS[row, column], atol=rough)
    if not rough:
        np.testing.assert_array_equal(found, QUARTERS)


@pytest.mark.parametrize("mode", ["CMYK", "P", "L", "1", "LA"])
def test_every_mode_becomes_rgb(mode):
    kind = "JPEG" if mode == "CMYK" else "PNG"
    found = decode(saved(QUARTERS, kind, mode))
    expected = np.asarray(Image.fromarray(QUARTERS).convert(mode).convert("RGB"))
    np.testing.assert_allclose(found[4, 4], expected[4, 4], atol=6)
    np.testing.assert_allclose(found[20, 4], expected[20, 4], atol=6)


def test_sixteen_bits_keep_the_high_ones():
    grey = np.linspace(0, 65535, 16 * 16).reshape(16, 16).astype(np.uint16)
    found = decode(saved(grey))
    np.testing.assert_allclose(found[..., 0], grey / 257, atol=1)
    assert found[0, 0].tolist() == [0, 0, 0]
    assert found[-1, -1].tolist() == [255, 255, 255]


def test_what_is_clear_shows_white_paper():
    alpha = np.dstack([QUARTERS, np.full((24, 40), 255, np.uint8)])
    alpha[:12, :20, 3], alpha[:12, 20:, 3] = 0, 51
    found = decode(saved(alpha))
    assert found[4, 4].tolist() == [255, 255, 255]
    np.testing.assert_allclose(found[4, 32], 0.2 * QUARTERS[4, 32] + 0.8 * 255, atol=1)
    assert found[20, 4].tolist() == [0, 0, 250]
    palette = Image.fromarray(QUARTERS).convert("P")
    clear = palette.getpixel((4, 4))
    assert decode(saved(palette, transparency=clear))[4, 4].tolist() == [255, 255, 255]


def test_of_an_animation_the_first_image_is_read():
    frames = [Image.fromarray(np.full((16, 16, 3), grey, np.uint8)) for grey in (40, 120, 240)]
    for kind in ("GIF", "WEBP"):
        raw = saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=50)
        np.testing.assert_allclose(decode(raw), 40, atol=3)


@pytest.mark.parametrize(
    ("kind", "clear"), [("JPEG", False), ("PNG", False), ("WEBP", False), ("PNG", True)]
)
def test_a_picture_stands_upright_as_its_exif_says(kind, clear):
    opaque = np.full((*QUARTERS.shape[:2], 1), 255, np.uint8)
    picture = np.concatenate([QUARTERS, opaque], axis=2) if clear else QUARTERS
    for orientation, turns in ((1, 0), (3, 2), (6, 1), (8, 3)):
        turned = np.rot90(picture, turns)  # as the camera was held
        exif = Image.Exif()
        exif[0x0112] = orientation
        found = decode(saved(np.ascontiguousarray(turned), kind, exif=exif))
        assert found.shape == QUARTERS.shape, orientation
        np.testing.assert_allclose(found[4, 4], QUARTERS[4, 4], atol=8)
        np.testing.assert_allclose(found[20, 32], QUARTERS[20, 32], atol=8)


def test_a_large_picture_is_kept_small_and_in_its_shape():
    large = np.repeat(np.repeat(QUARTERS, 100, axis=0), 100, axis=1)  # 4,000 × 2,400
    for kind in ("JPEG", "PNG"):
        found = decode(saved(large, kind))
        assert found.shape == (461, 768, 3)
        np.testing.assert_allclose(found[100, 100], QUARTERS[4, 4], atol=6)
    assert shrink(found, 40).shape == (24, 40, 3)
    assert shrink(QUARTERS, 100).shape == QUARTERS.shape
    with pytest.raises(ConfigError, match="only 39 × 23 pixels; take a larger size, or a picture"):
        shrink(found, 39)
    assert square(found, 32).shape == (32, 32, 3)
    np.testing.assert_allclose(square(QUARTERS, 12)[2, 2], QUARTERS[4, 12], atol=6)


@pytest.mark.parametrize(
    "exif", [bytes(range(256)), b"II*\0\x08\0\0\0\x01\0\x12\x01\3\0\2\0\0\0\6\0\6\0" + bytes(4)]
)
def test_garbled_exif_leaves_a_picture_as_it_is(exif):
    found = decode(saved(QUARTERS, "JPEG", exif=b"Exif\0\0" + exif, quality=95))
    assert found.shape == QUARTERS.shape
    np.testing.assert_allclose(found[4, 4], QUARTERS[4, 4], atol=8)


def test_a_run_keeps_its_picture_when_the_upload_is_gone():
    key = keep_photo(saved(QUARTERS), "mine.png")
    load_photo(key)
    for path in own.folder().glob("*"):
        path.unlink()
    np.testing.assert_array_equal(load_photo(key).pixels, QUARTERS)


def passes(count: int) -> bytes:
    """A progressive JPEG whose last pass is there so many times more."""
    raw = saved(QUARTERS, "JPEG", progressive=True)
    return raw[:-2] + raw[raw.rindex(b"\xff\xda") : -2] * count + raw[-2:]


def test_a_jpeg_in_several_passes_is_read():
    np.testing.assert_allclose(decode(passes(0))[4, 4], QUARTERS[4, 4], atol=8)
    assert decode(passes(40)).shape == QUARTERS.shape


REFUSED = {
    "empty": (b"", "The file is empty; choose a picture"),
    "text": (b"What a picture!", "no picture that is read here; save it as PNG, JPEG, WEBP, GIF"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "no picture that is read here"),
    "pdf": (b"%PDF-1.7\n1 0 obj", "no picture that is read here"),
    "tiff": (saved(QUARTERS, "TIFF"), "no picture that is read here"),
    "half a header": (saved(QUARTERS)[:20], "no picture that is read here"),
    "wide": (png_header(50_000, 20), "a side of more than 16,000, the most; save it smaller"),
    "bomb": (png_header(60_000, 60_000), "more than 50 million pixels"),
    "some bomb": (png_header(10_000, 10_000), "more than 50 million pixels"),
    "cut short": (saved(QUARTERS, "JPEG")[:-100], "damaged or cut short; save it again"),
    "no pixels": (png_header(40, 40), "damaged or cut short"),
    "passes": (passes(100), "written in too many passes; save it again"),
    "one pixel": (saved(QUARTERS[:1, :1]), "has 1 × 1 pixels; choose one of at least 8 × 8"),
    "a line": (saved(np.zeros((8, 2000, 3), np.uint8)), "2,000 × 8 pixels, a mere line; cut it"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_used_gets_one_sentence(what):
    raw, sentence = REFUSED[what]
    with pytest.raises(ConfigError, match=sentence) as refused:
        decode(raw)
    assert str(refused.value).count(".") == 1


def test_a_huge_file_is_refused_before_it_is_looked_at(monkeypatch):
    monkeypatch.setattr(Image, "open", None)
    with pytest.raises(ConfigError, match="more than 20 MB, the most; save it smaller"):
        decode(saved(QUARTERS) + bytes(20 * 10**6))


def test_a_picture_is_refused_by_its_size_before_a_pixel_is_decoded(monkeypatch):
    monkeypatch.setattr(pictures, "_pixels", None)
    for what in ("wide", "some bomb", "one pixel"):
        with pytest.raises(ConfigError, match="pixels"):
            decode(REFUSED[what][0])


def test_uploads_are_found_by_their_key():
    key = keep_photo(saved(QUARTERS), "holiday.png")
    assert is_key(key)
    assert key == keep_photo(saved(QUARTERS, "BMP"), "the same.bmp")
    np.testing.assert_array_equal(load_photo(key).pixels, QUARTERS)
    assert load_photo(key).source == "a picture of your own"
    with pytest.raises(ConfigError, match="no longer here; upload the file again"):
        load_photo("0" * 32)
    points = own.keep({"data": np.zeros((3, 2))})
    with pytest.raises(ConfigError, match="no picture; upload one"):
        load_photo(points)


def test_photos_come_with_scikit_learn():
    from sklearn.datasets import load_sample_image

    for name in pictures.SHIPPED:
        photo = load_photo(name)
        np.testing.assert_array_equal(photo.pixels, load_sample_image(f"{name}.jpg"))
        assert "scikit-learn" in photo.source
