"""Every slope that backward gives, against finite differences."""

from core.experiments import find
from core.nets import layers
from core.probes import gradient_check
from dashboard.lesson import Preset, Scene
from dashboard.stage import Bars, Heatmap, Plot, Rule, Scatter, Stage, Trace

STAGE = Stage(
    columns=(
        (
            Plot(
                title="Slopes, in two ways",
                note="right ones are on the line",
                alt="Every checked slope, by backward against by finite differences.",
                lines=(Trace("line", "line", "equal", "soft", dashed=True),),
                scatters=(
                    Scatter("layer1", "layer 1", "c0"),
                    Scatter("layer2", "layer 2", "c1"),
                    Scatter("layer3", "layer 3", "c2"),
                ),
                x_title="backward",
                y_title="differences",
            ),
        ),
        (
            Bars(
                title="Digits that agree",
                note="at least",
                alt="To how many digits backward and differences agree, for each parameter.",
                values="digits",
                names="names",
                colors="right",
                target=5.0,
                value_range=(0.0, 12.0),
            ),
            Heatmap(
                title="Relative error",
                note="log₁₀; dark: equal, or 0",
                alt="The relative error of every slope, layer beside layer.",
                values="errors",
                value_range=(-10.0, 0.0),
                x_title="outputs of layer 1, 2, 3",
                y_title="inputs; below: bias",
            ),
        ),
        (
            Plot(
                title="Which h?",
                note="not too small, not too large",
                alt="Median and largest relative error of the checked slopes against h.",
                lines=(
                    Trace("sizes", "typical", "median", "data"),
                    Trace("sizes", "worst", "worst", "wrong"),
                ),
                rules=(Rule("h", "your h", axis="x"),),
                log_x=True,
                log_y=True,
                y_range=(1e-12, 10.0),
                x_title="h",
                y_title="relative error",
            ),
        ),
    ),
    widths=(1.5, 1, 1),
)

SCENE = Scene(
    key="check",
    name="Check",
    experiment="gradient_check",
    stage=STAGE,
    presets=(
        Preset(name="No bug"),
        Preset(name="Convolution", settings={"net": "conv"}),
        Preset(name="Break it", settings={"bug": "A"}),
    ),
    code=(
        gradient_check.centred_difference,
        gradient_check.relative_error,
        find("gradient_check").step,
        layers.ReLU,
        layers.Dropout,
        layers.BatchNorm,
        layers.Conv,
        layers.MaxPool,
    ),
)
