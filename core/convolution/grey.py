"""Pictures in grey for a window to walk over: a digit, a square, photos, and one's own."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
import pydantic
import torch
from jaxtyping import Float
from torch import Tensor

from core.config import setting
from core.convolution.windows import WindowSettings
from core.data import own
from core.data.mnist import SOURCE, load
from core.data.pictures import load_photo, square

Name = Literal["digit", "square", "china", "flower"]
NAMES: dict[Name, str] = {
    "digit": "a digit",
    "square": "a square",
    "china": "photo: temple",
    "flower": "photo: flower",
}
LUMA = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601: how bright red, green and blue seem


class GreySettings(WindowSettings):
    """Base of the settings of experiments on a grey picture."""

    picture: Name = setting(
        "digit", label="Picture", choices=NAMES, help="What the window walks over."
    )
    upload: Annotated[str, pydantic.AfterValidator(own.names_data(""))] = setting(
        "", label="Own picture", hidden=True, help="The key of an upload, used if there is one."
    )
    pixels: int = setting(
        14, label="Pixels n", ge=4, le=48, help="Of the picture's side; few can be read."
    )

    size: int = setting(3, label="Kernel size k", ge=1, le=7, help="Cells of the window's side.")

    @property
    def n(self) -> int:
        """Cells of the picture's side."""
        return self.pixels

    @property
    def k(self) -> int:
        """Cells of the window's side."""
        return self.size


def grey_picture(config: GreySettings) -> tuple[Float[Tensor, "n n"], str]:
    """Whole numbers from 0 (black) to 255 (white), and where they are from. Raises ConfigError."""
    side = config.pixels
    name = config.upload or config.picture
    if name == "square":
        grey = np.full((side, side), 40.0)
        grey[side // 4 : side - side // 4, side // 4 : side - side // 4] = 200
        return torch.from_numpy(grey), "a bright square on dark"
    if name == "digit":
        digit = load("train").images[0]
        colour, source = np.repeat(digit[..., None], 3, axis=2), f"a digit of {SOURCE}"
    else:
        photo = load_photo(name)
        colour, source = photo.pixels, photo.source
    return torch.from_numpy((square(colour, side) @ LUMA).round()), f"{source}, in grey"
