"""The judge of drawn digits learns from real ones."""

from core.experiments.generative.digit_judge import DigitJudgeTraining
from core.nets.small_cnn import small_cnn
from core.probes.digits import shown_as
from dashboard.lesson import Preset, Scene
from dashboard.stage import Bars, Curves, Images, Line, Matrix, Stage

STAGE = Stage(
    columns=(
        (
            Matrix(
                title="Taken for",
                note="held-out digits; truth by row",
                alt="How often each held-out digit is taken for each.",
                values="confusion",
                names="names",
            ),
        ),
        (
            Curves(
                title="Read rightly",
                note="of 1,000 held-out digits",
                alt="The share of held-out digits that is read rightly, in three forms.",
                lines=(
                    Line("whole", "28 × 28", "right"),
                    Line("half", "14 × 14", "data"),
                    Line("black_and_white", "black and white", "ink"),
                ),
                y_range=(0.0, 1.0),
                x_title="updates",
            ),
            Images(
                title="Misread",
                alt="The first ten held-out digits that are taken for another.",
                images="misread",
                columns=5,
                captions="captions",
            ),
            Bars(
                title="Now",
                alt="The share of held-out digits that is read rightly, in three forms.",
                values="shares",
                names="forms",
                colors="right",
                value_range=(0.0, 1.0),
                unit="%",
            ),
        ),
    ),
    widths=(1.1, 1),
)

SCENE = Scene(
    key="judge",
    name="The judge",
    experiment="digit_judge",
    stage=STAGE,
    presets=(
        Preset(name="Fast"),
        Preset(name="Course", settings={"updates": 4_000}),
        Preset(name="Break it", settings={"learning_rate": 3.0}),
    ),
    code=(DigitJudgeTraining.step, shown_as, small_cnn),
    speed=None,
)
