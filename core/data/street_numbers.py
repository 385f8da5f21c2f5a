"""Street numbers: digits that this laboratory composes on walls cut from photos, and real ones.

The composed ones are no photographs: a digit in one of four fonts, a little turned and sheared, in
one colour, over a patch of a photo of another brightness. The real ones are SVHN's (Netzer et al.
2011), fetched by torchvision's own loader, or read from where GLASSBOX_DATA has them.
"""

from __future__ import annotations

import io
import os
from functools import cache
from pathlib import Path
from typing import Literal
from urllib.error import URLError

import numpy as np
import torch
from jaxtyping import Float, Int
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor
from torch.nn.functional import affine_grid, avg_pool2d, grid_sample, max_pool2d

from core import assets
from core.config import ConfigError, generator
from core.data.cifar import Pictures, pixels
from core.data.letters import FOLDER, Font
from core.data.pictures import SHIPPED, load_photo

Data = Literal["composed", "svhn"]
DATA: dict[Data, str] = {"composed": "composed here", "svhn": "SVHN (fetches 182 MB once)"}
Split = Literal["train", "validation"]
Side = Literal[16, 32]

FONTS: tuple[Font, ...] = ("andika", "patrick-hand", "pt-serif", "courier-prime")
CLASSES = 10
COUNTS: dict[Split, int] = {"train": 8_000, "validation": 1_000}  # of composed ones
SEEDS: dict[Split, int] = {"train": 0, "validation": 1}
WALLS: dict[Split, tuple[float, float]] = {"train": (0, 0.75), "validation": (0.75, 1)}
FULL, LARGE = 32, 64  # pixels: of a picture as composed, of a digit as drawn
TURN, SHEAR, SHIFT, ZOOM = 0.08, 0.1, 0.06, (0.95, 1.15)  # radians, slope, share of the side
PATCH = 4, 24  # pixels of a photo that become a wall
CONTRAST = 0.4  # of brightness between digit and wall, at least
HELD_OUT = 5_000  # of SVHN's training file, at its end
LUMA = torch.tensor([0.299, 0.587, 0.114])  # brightness of a colour (ITU-R BT.601)


@cache
def load(split: Split, data: Data = "composed", side: Side = 16) -> Pictures:
    """Pictures of side × side and their digits; shared: change them nowhere.

    Walls for validation are cut from a part of the photos that training has none of. Raises
    ConfigError where SVHN cannot be had.
    """
    if data == "svhn":
        pictures = svhn(split)
    else:
        pictures = compose(COUNTS[split], generator(SEEDS[split]), WALLS[split])
    if side == FULL:
        return pictures
    small = avg_pool2d(pictures.images.float(), FULL // side)
    return Pictures(small.round().to(torch.uint8), pictures.labels)


def source(data: Data) -> str:
    """What a page says of them."""
    if data == "svhn":
        return "SVHN (Netzer et al. 2011)"
    return "street numbers composed here: four fonts over patches of photos"


def compose(count: int, source: torch.Generator, walls: tuple[float, float] = (0, 1)) -> Pictures:
    """So many street numbers of 32 × 32, each digit as likely; `walls` is the part of the photos,
    from left to right, that they are cut from.
    """
    labels = torch.randint(CLASSES, (count,), generator=source)
    ink = draw_digits(labels, source)
    wall = cut_walls(count, source, walls)
    colour = choose_colours(wall, source)
    x = wall + ink * (colour[:, :, None, None] - wall)
    return Pictures((255 * x.clamp(0, 1)).round().to(torch.uint8), labels)


def draw_digits(
    labels: Int[Tensor, " count"], source: torch.Generator
) -> Float[Tensor, "count 1 32 32"]:
    """How much ink is on each pixel: fonts, strokes, sizes, places and slopes at random."""
    count = len(labels)
    fonts, bold = (torch.randint(n, (count,), generator=source) for n in (len(FONTS), 2))
    turn, shear, right, down = 2 * torch.rand(4, count, generator=source) - 1
    zoom = ZOOM[0] + (ZOOM[1] - ZOOM[0]) * torch.rand(count, generator=source)
    cos, sin = (TURN * turn).cos() / zoom, (TURN * turn).sin() / zoom
    rows = [cos, SHEAR * shear + sin, SHIFT * right, -sin, cos, SHIFT * down]
    theta = torch.stack(rows, dim=1).unflatten(1, (2, 3))
    grid = affine_grid(theta, [count, 1, FULL, FULL], align_corners=False)
    return grid_sample(glyphs()[fonts, bold, labels][:, None], grid, align_corners=False)


def cut_walls(
    count: int, source: torch.Generator, part: tuple[float, float]
) -> Float[Tensor, "count 3 32 32"]:
    """Patches of both photos, of many sizes, mirrored or not."""
    which, mirrored = (torch.randint(2, (count,), generator=source) for _ in range(2))
    size, x, y = torch.rand(3, count, generator=source)
    made = torch.empty(count, 3, FULL, FULL)
    for number, name in enumerate(SHIPPED):
        photo = pixels(torch.from_numpy(load_photo(name).pixels).permute(2, 0, 1))
        height, width = photo.shape[1:]
        photo = photo[:, :, round(part[0] * width) : round(part[1] * width)]
        height, width = photo.shape[1:]
        mine = which == number
        # Half the patch's size, as parts of what `grid_sample` calls 2 wide and 2 high.
        patch = PATCH[0] + (PATCH[1] - PATCH[0]) * size[mine].square()
        wide, high = patch / width, patch / height
        flip = 1 - 2.0 * mirrored[mine]
        zero = torch.zeros_like(wide)
        right, down = (1 - wide) * (2 * x[mine] - 1), (1 - high) * (2 * y[mine] - 1)
        rows = [flip * wide, zero, right, zero, high, down]
        theta = torch.stack(rows, dim=1).unflatten(1, (2, 3))
        grid = affine_grid(theta, [len(theta), 3, FULL, FULL], align_corners=False)
        spread = photo.expand(len(theta), -1, -1, -1)
        made[mine] = grid_sample(spread, grid, align_corners=False)
    return made


def choose_colours(
    wall: Float[Tensor, "count 3 h w"], source: torch.Generator
) -> Float[Tensor, "count 3"]:
    """A colour for each digit, at least `CONTRAST` brighter or darker than its wall is."""
    behind = wall.mean(dim=(2, 3)) @ LUMA
    tint = 0.2 * torch.randn(len(wall), 3, generator=source)
    room = (1 - CONTRAST - behind).clamp(min=0), (behind - CONTRAST).clamp(min=0)
    brighter = torch.rand(len(wall), generator=source) * (room[0] + room[1]) < room[0]
    more = torch.rand(len(wall), generator=source)
    bright = torch.where(
        brighter, behind + CONTRAST + more * room[0], behind - CONTRAST - more * room[1]
    )
    return (bright + (tint - (tint @ LUMA)[:, None]).mT).mT.clamp(0, 1)


@cache
def glyphs() -> Float[Tensor, "fonts strokes digits 32 32"]:
    """Every digit in every font, thin and bold, in the middle of its square, equally high."""
    made = torch.zeros(len(FONTS), 2, CLASSES, LARGE, LARGE)
    for row, name in enumerate(FONTS):
        raw = io.BytesIO(assets.read(FOLDER / f"{name}.woff"))
        font = ImageFont.truetype(raw, LARGE, layout_engine=ImageFont.Layout.BASIC)
        for digit in range(CLASSES):
            image = Image.new("L", (2 * LARGE, 2 * LARGE))
            ImageDraw.Draw(image).text((LARGE, LARGE), str(digit), 255, font, anchor="mm")
            left, top, right, bottom = image.getbbox() or (0, 0, 1, 1)
            high = 3 * LARGE // 4
            wide = min(LARGE, round((right - left) * high / (bottom - top)))
            small = image.crop((left, top, right, bottom)).resize((wide, high))
            ink = torch.from_numpy(np.array(small)).float() / 255
            at = (LARGE - wide) // 2
            made[row, 0, digit, (LARGE - high) // 2 :, at:][:high, :wide] = ink
    for stroke, width in ((1, 5), (0, 3)):
        made[:, stroke] = max_pool2d(made[:, 0], width, stride=1, padding=width // 2)
    halved: Tensor = avg_pool2d(made.flatten(0, 1), LARGE // FULL)
    return halved.reshape(len(FONTS), 2, CLASSES, FULL, FULL)


def svhn(split: Split) -> Pictures:
    """Cropped digits of SVHN's training file: all but the last 5,000, or those."""
    from torchvision.datasets import SVHN  # slow to import, rarely needed

    folder = Path(os.environ.get("GLASSBOX_DATA", ""), "svhn")
    fetch = not ("GLASSBOX_DATA" in os.environ and folder.is_dir())
    if fetch:
        cache_folder = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
        folder = cache_folder / "glassbox" / "svhn"
    try:
        made = SVHN(folder, "train", download=fetch)
    except (OSError, RuntimeError, URLError, ValueError):
        raise ConfigError(
            "SVHN could not be fetched, or its file train_32x32.mat is damaged; take the composed"
            " street numbers, or put that file into a folder svhn in GLASSBOX_DATA."
        ) from None
    cut = max(len(made.labels) - HELD_OUT, len(made.labels) // 2)
    part = slice(cut) if split == "train" else slice(cut, None)
    images = np.ascontiguousarray(made.data[part])
    return Pictures(torch.from_numpy(images), torch.from_numpy(made.labels[part].copy()))
