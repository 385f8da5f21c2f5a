"""A recurrent net learns to rate reviews."""

from core.data.reviews import keep_reviews
from core.data.tokens import tokens
from core.experiments.sequences.review_training import ReviewTraining, aims
from core.nets.rater import Drop, Rater
from core.reviews.rated import NAMES
from dashboard.lesson import HandOver, OwnData, Preset, Scene
from dashboard.stage import Curves, Heatmap, Line, Matrix, Plot, Stage, Tokens, Trace

STAGE = Stage(
    columns=(
        (
            Curves(
                title="Right",
                note="of reviews never learnt from",
                alt="Accuracy on validation reviews, on those of new words, on the last batches.",
                lines=(
                    Line("accuracy", "validation", "model"),
                    Line("fresh", "new words", "c3"),
                    Line("training", "learnt from", "model", dashed=True),
                ),
                y_range=(0.0, 1.0),
            ),
            Curves(
                title="Loss",
                note="nats",
                alt="Cross-entropy of the batch and of the validation reviews.",
                lines=(
                    Line("loss", "batch", "data"),
                    Line("validation_loss", "validation", "model"),
                ),
                y_range=(0.0, 2.0),
            ),
        ),
        (
            Tokens(
                title="Your review",
                note="shaded by the stars so far",
                alt="The words of the typed review, each shaded by its rating up to there.",
                tokens="words",
                weights="shade",
            ),
            Plot(
                title="Stars after each word",
                alt="The mean rating of your review after each of its words.",
                lines=(Trace("at", "stars", "stars", "model"),),
                y_range=(1.0, 5.0),
                x_title="word",
            ),
            Heatmap(
                title="What it holds for likely",
                note="word by word",
                alt="Probabilities of one to five stars after each word.",
                values="says",
                rows=NAMES,
                value_range=(0.0, 1.0),
                x_title="word",
            ),
        ),
        (
            Matrix(
                title="Taken for",
                note="validation reviews; rows: the truth",
                alt="How many reviews of each number of stars were given which.",
                values="confusion",
                names=NAMES,
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
        ),
    ),
    widths=(0.9, 1.1, 0.95),
)

SCENE = Scene(
    key="train",
    name="Learn to rate",
    experiment="review_training",
    stage=STAGE,
    presets=(
        Preset(name="Fast"),
        Preset(
            name="Course",
            settings={
                "data": "full",
                "vectors": "tuned",
                "learning_rate": 1e-4,
                "falls": False,
                "epochs": 5,
            },
        ),
        Preset(name="Break it", settings={"learning_rate": 1.0, "falls": False}),
    ),
    code=(ReviewTraining.step, Rater, Drop, aims, tokens),
    speed=None,
    own_data=(
        OwnData(
            setting="file",
            types=("jsonl", "json", "txt", "xz", "gz"),
            help='JSON lines, {"review": "good food", "stars": 4}, 50 to 100,000 of them; every'
            " fifth of each number of stars is for validation. With a few thousand real ones a GRU"
            " with tuned GloVe gets furthest, η .005, 14 epochs; and under More settings: one"
            " mask per review, vectors 1.5 times as long, most ever, both ways, .3 of the words"
            " left out, σ .6, λ .1.",
            read=keep_reviews,
            label="Your own reviews",
            megabytes=20,
        ),
    ),
    hand_over=HandOver(
        label="Look into this net while it reads",
        scene="read",
        setting="weights",
        carry=("review",),
    ),
)
