"""How a net of reviews is built and trained."""

from __future__ import annotations

from typing import Annotated, Literal

import pydantic

from core import config
from core.config import setting
from core.data import own
from core.nets.rater import CELLS, READ_OUTS, Cell, ReadOut
from core.reviews.rated import EXAMPLE, Review

Data = Literal["made", "full"]
DATA: dict[Data, str] = {"made": "synthetic", "full": "Yelp's full set (fetches 196 MB once)"}
Vectors = Literal["tuned", "frozen", "random"]
VECTORS: dict[Vectors, str] = {"tuned": "GloVe, tuned", "frozen": "GloVe", "random": "random"}


class ReviewSettings(config.Config):
    """Settings of the net and its training."""

    review: Review = setting(
        EXAMPLE,
        label="Your review",
        max_length=600,
        live=True,
        help="Rated word by word while the net learns; signs and capitals do not matter.",
    )
    data: Data = setting("made", label="Reviews", choices=DATA, help="To learn from.")
    cell: Cell = setting("lstm", label="Cell", choices=CELLS, help="Of both layers.")
    vectors: Vectors = setting(
        "frozen",
        label="Word vectors",
        choices=VECTORS,
        help="Whether words begin where GloVe saw them, and whether they may move.",
    )
    dropout: float = setting(
        0.35,
        label="Dropout",
        ge=0,
        le=0.9,
        live=True,
        help="The share of vectors' and states' numbers that are left out in training.",
    )
    one_mask: bool = setting(
        False,
        label="One mask per review",
        live=True,
        advanced=True,
        help="Dropout leaves the same numbers out at all words of a review, not others at each.",
    )
    learning_rate: float = setting(
        0.003,
        label="Learning rate η",
        ge=1e-5,
        le=1,
        scale="log",
        live=True,
        help="Of Adam; at its peak, where it falls.",
    )
    epochs: int = setting(6, label="Epochs", ge=1, le=100, help="Rounds of all reviews.")
    batch_size: int = setting(
        32, label="Batch size", ge=8, le=512, scale="log", help="Reviews in one step."
    )
    falls: bool = setting(
        True,
        label="The rate falls",
        advanced=True,
        help="η rises for a twentieth of the run, then falls along a cosine.",
    )
    vector_scale: float = setting(
        1.0,
        label="Length of the vectors",
        ge=0.1,
        le=10,
        advanced=True,
        help="How many times as long as GloVe's they begin. Its numbers have σ ≈ .7; 1.5 makes it "
        "about 1.",
    )
    read_out: ReadOut = setting(
        "last",
        label="Rated by",
        advanced=True,
        choices=READ_OUTS,
        help="The states at the last word, or the most that each number of them ever was.",
    )
    both: bool = setting(
        False,
        label="Both ways",
        advanced=True,
        help="Each layer reads from the end as well.",
    )
    word_dropout: float = setting(
        0.0,
        label="Words left out",
        ge=0,
        le=0.9,
        live=True,
        advanced=True,
        help="The share of words that the net does not get to see in training.",
    )
    blur: float = setting(
        0.0,
        label="Blur of the stars σ",
        ge=0,
        le=2,
        live=True,
        advanced=True,
        help="In stars: next to the right answer its neighbours are aimed at as well.",
    )
    weight_decay: float = setting(
        0.0, label="Weight decay λ", ge=0, le=1, advanced=True, help="Of AdamW."
    )
    file: Annotated[str, pydantic.AfterValidator(own.names_data("none"))] = setting(
        "none", label="Own reviews", max_length=32, hidden=True, help="An upload's key."
    )
