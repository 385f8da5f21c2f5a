"""Which picture is captioned, by whose net, and how its words are chosen."""

from __future__ import annotations

from typing import Annotated, Literal

import pydantic

from core import config
from core.config import setting
from core.data import own
from core.data.pictures import SHIPPED
from core.nets.captioner import CELLS, Cell

MOST_BEAMS = 8
Way = Literal["greedy", "sample", "beam"]
WAYS: dict[Way, str] = {"greedy": "likeliest", "sample": "drawn", "beam": "beam search"}
Gate = Literal["forget", "input", "output"]
GATES: dict[Gate, str] = {"forget": "forget", "input": "input", "output": "output"}


class WritingSettings(config.Config):
    """Which picture, whose words, how they are chosen."""

    picture: int = setting(
        0, label="Picture", ge=0, le=199, help="The first one, of the validation pictures."
    )
    cell: Cell = setting("lstm", label="Cell", choices=CELLS, help="Of the net that writes.")
    way: Way = setting("greedy", label="Next word", choices=WAYS, help="How it is chosen.")
    temperature: float = setting(
        1.0,
        label="Temperature",
        ge=0,
        le=3,
        live=True,
        when=("way", "sample"),
        help="Below 1 the likely words get likelier, above 1 all become alike.",
    )
    beams: int = setting(
        3, label="Beams", ge=1, le=MOST_BEAMS, when=("way", "beam"), help="Texts side by side."
    )
    gate: Gate = setting(
        "forget",
        label="Gate",
        choices=GATES,
        live=True,
        when=("cell", "lstm"),
        help="Which one is shown.",
    )
    photo: Annotated[str, pydantic.AfterValidator(own.names_data("none", *SHIPPED))] = setting(
        "none", label="Own picture", max_length=32, hidden=True, help="In place of the others."
    )
    album: Annotated[str, pydantic.AfterValidator(own.names_data("scenes"))] = setting(
        "scenes", label="Pictures", max_length=32, hidden=True, help="Scenes, or an upload."
    )
    weights: str = setting(
        "shipped", label="Weights", max_length=32, hidden=True, help="Shipped, or of a run."
    )
