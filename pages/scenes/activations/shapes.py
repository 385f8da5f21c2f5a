"""Seven activations and their slopes, and what many layers leave of a gradient."""

from core.functions import activations
from core.nets import layers
from dashboard.lesson import Preset, Scene
from dashboard.stage import Bars, Plot, Rule, Stage
from pages.scenes.activations.graphs import ACTIVATIONS, activation_plots, lines

STAGE = Stage(
    columns=(
        activation_plots(Rule("z", "z", axis="x")),
        (
            Plot(
                title="Slope through all layers",
                note="|f′(z)|, multiplied",
                alt="The slope to the power of the number of layers, over z.",
                lines=lines("left", ACTIVATIONS),
                rules=(Rule("z", "z", axis="x"),),
                x_title="z",
                x_range=(-6, 6),
                log_y=True,
                y_range=(1e-12, 100),
            ),
            Bars(
                title="What is left of a gradient",
                note="behind all layers, at z",
                alt="The slope at z to the power of the number of layers.",
                values="left",
                names="names",
                colors="gradient",
                unit="%",
            ),
        ),
    ),
    widths=(1.2, 1),
)

SCENE = Scene(
    key="shapes",
    name="Shapes",
    experiment="activation_shapes",
    stage=STAGE,
    presets=(
        Preset(name="All seven", settings={"activations": tuple(ACTIVATIONS)}),
        Preset(name="Four"),
        Preset(name="S-curves", settings={"activations": ("tanh", "sigmoid")}),
    ),
    code=(
        activations.Activation,
        layers.ReLU,
        layers.LeakyReLU,
        layers.ELU,
        layers.GELU,
        layers.Softplus,
        layers.Tanh,
        layers.Sigmoid,
    ),
)
