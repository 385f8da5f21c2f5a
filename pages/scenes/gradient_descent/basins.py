"""Where each of many starts ends, under one optimiser."""

from core.descent.walkers import Walkers
from core.experiments import find
from dashboard.lesson import Preset, Scene
from dashboard.stage import Curves, Heatmap, Line, Stage

STAGE = Stage(
    columns=(
        (
            Heatmap(
                title="Where each start ends",
                note="grey: on its way",
                alt="For every start, which minimum it reached.",
                values="basin",
                extent="extent",
                scale="classes",
                classes=("minimum 1", "minimum 2", "minimum 3", "minimum 4"),
                x_title="x",
                y_title="y",
            ),
        ),
        (
            Heatmap(
                title="Steps it took",
                note="none yet where empty",
                alt="For every start, the number of steps until it reached a minimum.",
                values="steps",
                extent="extent",
                x_title="x",
                y_title="y",
            ),
        ),
        (
            Curves(
                title="Share of starts",
                alt="Shares of the starts that have converged and diverged, step by step.",
                lines=(
                    Line("converged", "converged", "right"),
                    Line("diverged", "diverged", "wrong"),
                ),
                y_range=(0.0, 1.0),
            ),
            Curves(
                title="Median height",
                alt="Median value of the surface over all starts, step by step.",
                lines=(Line("median", "median f", "data"),),
                log_y=True,
            ),
        ),
    ),
    widths=(1, 1, 0.9),
)

SCENE = Scene(
    key="basins",
    name="Basins",
    experiment="basins",
    stage=STAGE,
    presets=(
        Preset(name="Course"),
        Preset(name="Minima", settings={"surface": "himmelblau"}),
        Preset(name="Break it", settings={"learning_rate": 1.0}),
    ),
    code=(find("basins").step, Walkers.move),
)
