"""The classifier that reads what is drawn."""

from core.data.street_numbers import compose
from core.experiments.generative.street_judge import StreetJudge
from core.nets.cnn.small import small
from dashboard.lesson import HandOver, Preset, Scene
from dashboard.stage import Curves, Images, Line, Matrix, Stage

STAGE = Stage(
    columns=(
        (
            Curves(
                title="Right",
                note="dashed: on the batch",
                alt="Accuracy on held-out street numbers and on batches, step by step.",
                lines=(
                    Line("accuracy", "held out", "right"),
                    Line("training", "", "data", dashed=True),
                ),
                y_range=(0.0, 1.0),
            ),
            Curves(
                title="Loss",
                alt="Cross-entropy on held-out street numbers and on batches, step by step.",
                lines=(
                    Line("validation_loss", "held out", "right"),
                    Line("loss", "", "data", dashed=True),
                ),
                log_y=True,
            ),
        ),
        (
            Matrix(
                title="Taken for",
                note="rows: the truth",
                alt="How often each digit is taken for each.",
                values="confusion",
                names="names",
            ),
        ),
        (
            Images(
                title="Misread",
                alt="Held-out street numbers that are read wrongly.",
                images="misread",
                columns=2,
                captions="captions",
            ),
        ),
    ),
    widths=(1, 1, 1),
)

SCENE = Scene(
    key="judge",
    name="The judge",
    experiment="street_judge",
    stage=STAGE,
    presets=(
        Preset(name="Fast"),
        Preset(name="Course", settings={"data": "svhn", "updates": 5_000}),
        Preset(name="Break it", settings={"learning_rate": 1.0}),
    ),
    code=(StreetJudge.step, compose, small),
    speed=None,
    hand_over=HandOver(
        label="Let this judge read what is drawn", scene="game", setting="judge", carry=("data",)
    ),
)
