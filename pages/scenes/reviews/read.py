"""A trained net reads a review word by word."""

from core.experiments.sequences.review_reading import ReviewReading
from core.nets.cells import LSTM
from core.nets.rater import Rater
from core.reviews.rated import NAMES, kept, worth
from dashboard.lesson import Preset, Scene
from dashboard.stage import Bars, Heatmap, Plot, Stage, Tokens, Trace

STAGE = Stage(
    columns=(
        (
            Tokens(
                title="Your review",
                note="framed: read now; shaded by the stars so far",
                alt="The words of the review, shaded by the rating so far, the last one framed.",
                tokens="words",
                weights="shade",
                chosen="now",
            ),
            Plot(
                title="Stars after each word",
                note="dashed: still to be read",
                alt="The mean rating after each word.",
                lines=(
                    Trace("at", "ahead", "", "soft", dashed=True),
                    Trace("at", "stars", "stars", "model"),
                ),
                y_range=(1.0, 5.0),
                x_title="word",
            ),
            Bars(
                title="What each word is worth",
                note="stars of the whole review, with it less without",
                alt="By how many stars each word lifts the rating of the whole review.",
                values="worth",
                names="words",
                upright=True,
                colors="model",
            ),
        ),
        (
            Bars(
                title="Rated now",
                alt="Probabilities of one to five stars after the words that were read.",
                values="says",
                names=NAMES,
                colors="model",
                value_range=(0.0, 1.0),
                unit="%",
            ),
            Heatmap(
                title="Hidden state",
                note="one row per unit",
                alt="The last layer's hidden state after each word.",
                values="states",
                scale="signed",
                value_range=(-1.0, 1.0),
                x_title="word",
            ),
            Heatmap(
                title="What the gate keeps",
                note="1: all of the cell's state; an RNN has no gate",
                alt="The forget gate, or the update gate, of the last layer at each word.",
                values="kept",
                value_range=(0.0, 1.0),
                x_title="word",
            ),
        ),
    ),
    widths=(1.2, 1.0),
)

SCENE = Scene(
    key="read",
    name="Word by word",
    experiment="review_reading",
    stage=STAGE,
    presets=(
        Preset(name="Turned"),
        Preset(
            name="Praise",
            settings={"review": "The staff was friendly and the pizza was really wonderful."},
        ),
        Preset(
            name="Negated",
            settings={"review": "The fish was not good, the room was not bad."},
        ),
    ),
    code=(ReviewReading.step, Rater.along, worth, kept, LSTM),
    speed=2,
)
