"""One unit each, pushed to a target by its own slope."""

from core.experiments import find
from core.nets import layers
from dashboard.lesson import Preset, Scene
from dashboard.stage import Bars, Curves, Rule, Stage
from pages.scenes.activations.graphs import ACTIVATIONS, activation_plots, columns

STAGE = Stage(
    columns=(
        activation_plots(Rule("target", "target", "data")),
        (
            Curves(
                title="Output, step by step",
                alt="The output of each unit over the steps.",
                lines=columns("output", ACTIVATIONS),
            ),
            Bars(
                title="Push on z",
                note="−∂E/∂z",
                alt="How hard the error pushes the z of each unit.",
                values="push",
                names="names",
                colors="gradient",
                value_range=(-0.5, 0.5),
            ),
        ),
    ),
    widths=(1.3, 1),
)

SCENE = Scene(
    key="unit",
    name="One unit",
    experiment="activation_unit",
    stage=STAGE,
    presets=(
        Preset(name="Asleep"),
        Preset(name="Awake", settings={"start": 2.0}),
        Preset(name="Break it", settings={"start": 3.0, "learning_rate": 2.0}),
    ),
    code=(find("activation_unit").step, layers.ReLU, layers.GELU),
)
