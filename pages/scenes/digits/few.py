"""Three learners and ever more digits: filters made by hand against learnt ones."""

from core.experiments.foundations.digits_few import DigitsFew
from core.nets.small_cnn import small_cnn
from dashboard.lesson import Preset, Scene
from dashboard.stage import Images, Plot, Scatter, Stage, Trace

STAGE = Stage(
    columns=(
        (
            Plot(
                title="Right",
                note="of 2,000 held-out digits; dots: single runs",
                alt="Accuracy of three learners by the number of digits they were taught with.",
                lines=(
                    Trace("sizes", "gabor", "Gabor", "c0"),
                    Trace("sizes", "raw", "raw pixels", "c1"),
                    Trace("sizes", "net", "learnt", "c2"),
                ),
                scatters=(
                    Scatter("gabor_runs", "", "c0", faint=True),
                    Scatter("raw_runs", "", "c1", faint=True),
                    Scatter("net_runs", "", "c2", faint=True),
                ),
                log_x=True,
                y_range=(0.4, 1.0),
                x_title="training digits of each class",
            ),
        ),
        (
            Images(
                title="Made by hand",
                note="Gabor filters, for all training sets",
                alt="The Gabor filters, real part: a row for each orientation.",
                images="filters",
                columns=9,
            ),
            Images(
                title="Learnt",
                note="first layer; a new net for each training set",
                alt="The sixteen 5 by 5 filters of the last net's first layer.",
                images="learnt",
                columns=8,
            ),
            Images(
                title="Training set",
                note="its first 30 digits; the set grows",
                alt="Digits of the last training set.",
                images="digits",
                columns=15,
            ),
        ),
    ),
    widths=(1.15, 1),
)

SCENE = Scene(
    key="few",
    name="Made or learnt",
    experiment="digits_few",
    stage=STAGE,
    presets=(
        Preset(name="Fast"),
        Preset(name="Course", settings={"largest": 500, "repeats": 5, "batches": 1000}),
        Preset(name="Break it", settings={"orientations": 1}),
    ),
    code=(DigitsFew.gabor, DigitsFew.learnt, small_cnn),
    speed=None,
)
