"""A net whose ReLU units die, beside one of another activation."""

from core.experiments import find
from core.nets import layers
from core.nets.learner import Learner
from core.probes import units
from dashboard.lesson import Preset, Scene
from dashboard.stage import Curves, Heatmap, Plot, Scatter, Stage
from pages.scenes.activations.graphs import ACTIVATIONS, columns, lines


def slope_map(values: str, title: str) -> Heatmap:
    """Units by inputs."""
    return Heatmap(
        title=title,
        note="log₁₀; dark: under −3",
        alt="The slope of every unit at every training input, darkest where it is zero.",
        values=values,
        extent="map",
        value_range=(-3, 0),
        x_title="input x",
        y_title="unit, layer 1 below",
    )


STAGE = Stage(
    columns=(
        (
            Plot(
                title="Fit",
                alt="The training points and what both nets make of them.",
                lines=lines("fit", ACTIVATIONS),
                scatters=(Scatter("data", "data", "data", faint=True),),
                x_title="x",
                y_range=(-2.2, 2.2),
            ),
            Curves(
                title="Dead units",
                alt="The number of dead units of both nets, step by step.",
                lines=columns("dead", ACTIVATIONS),
            ),
            Curves(
                title="Error on validation data",
                alt="The mean squared error of both nets on validation data, step by step.",
                lines=columns("validation", ACTIVATIONS),
                log_y=True,
            ),
        ),
        (slope_map("slopes", "Slopes of the ReLU units"),),
        (slope_map("other_slopes", "Slopes of the other units"),),
    ),
)

SCENE = Scene(
    key="dying",
    name="Dying units",
    experiment="dying_units",
    speed=15,
    stage=STAGE,
    presets=(
        Preset(name="Dying"),
        Preset(name="Healthy", settings={"learning_rate": 0.01}),
        Preset(name="Break it", settings={"bias": -3.0, "other": "gelu"}),
    ),
    code=(
        find("dying_units").step,
        Learner.learn,
        layers.ReLU.backward,
        units.slopes,
        units.dead,
    ),
)
