"""A straight line finds the slope and the intercept of the points."""

from core.experiments.foundations.regression_line import RegressionLine
from core.regression.data import Pairs, noisy_line
from dashboard.lesson import Preset, Scene
from dashboard.stage import Contours, Curves, Line, Path, Plot, Scatter, Stage, Trace

STAGE = Stage(
    columns=(
        (
            Plot(
                title="The points and the line",
                note="strokes: 40 of its errors",
                alt="Training points, the line as it is now, and its errors as upright strokes.",
                scatters=(Scatter("train", "points", "data", faint=True),),
                lines=(
                    Trace("stick_x", "stick_y", "", "wrong", thin=True),
                    Trace("ends_x", "ends_y", "line", "model"),
                ),
                x_title="x",
                y_title="y",
            ),
        ),
        (
            Contours(
                title="Every line's loss",
                note="slope →, intercept ↑, × the best",
                alt="The bowl of the loss over slope and intercept, and the walk to its bottom.",
                grid="bowl",
                extent="extent",
                paths=(Path("slope", "intercept", "line", "model"),),
                marks="best",
            ),
        ),
        (
            Curves(
                title="Loss",
                note="mean squared error",
                alt="Training and validation loss, epoch by epoch, and the least loss of any line.",
                lines=(
                    Line("loss", "training", "data"),
                    Line("validation_loss", "validation", "ink", dashed=True),
                    Line("floor", "least squares", "soft"),
                ),
                log_y=True,
                x_title="epoch",
            ),
            Curves(
                title="Way to go",
                note="to least squares",
                alt="Distance from the least squares solution, epoch by epoch.",
                lines=(Line("distance", "distance", "model"),),
                log_y=True,
                x_title="epoch",
            ),
        ),
    ),
    widths=(1.15, 1, 0.85),
)

SCENE = Scene(
    key="line",
    name="Line",
    experiment="regression_line",
    stage=STAGE,
    presets=(
        Preset(name="Course"),
        Preset(name="Batches", settings={"batch_size": "16"}),
        Preset(name="Break it", settings={"batch_size": "16", "learning_rate": 1.0}),
    ),
    code=(RegressionLine.step, Pairs, noisy_line),
)
