"""Settings drawn at random, each tried on a net of its own: a small search."""

from core.experiments.vision.cnn_search import AXES, CNNSearch
from dashboard.lesson import Preset, Scene
from dashboard.stage import Plot, Rule, Scatter, Stage, Trace

STAGE = Stage(
    columns=(
        (
            Plot(
                title="Every trial",
                note="a line through its settings, from lowest to highest, to what it reached",
                alt="Parallel coordinates: each trial's settings and the share it got right.",
                lines=(
                    Trace("axes", "others", "", "soft", thin=True),
                    Trace("axes", "good", "best quarter", "model", thin=True),
                    Trace("axes", "best", "best", "right"),
                    Trace("axes", "running", "", "data", dashed=True),
                ),
                rules=tuple(Rule(float(at), "", axis="x") for at in range(len(AXES))),
                x_names=AXES,
                x_range=(-0.2, 4.4),
                y_range=(0.0, 1.0),
            ),
        ),
        (
            Plot(
                title="Learning rate and luck",
                note="each point a trial",
                alt="Share right of each trial by the logarithm of its learning rate.",
                scatters=(Scatter("rates", "", "model"),),
                x_range=(-3.0, 0.5),
                y_range=(0.0, 0.7),
                x_title="log₁₀ η",
                y_title="right",
            ),
        ),
    ),
    widths=(1.7, 1),
)

SCENE = Scene(
    key="search",
    name="Search",
    experiment="cnn_search",
    stage=STAGE,
    presets=(
        Preset(name="Fast"),
        Preset(name="Thorough", settings={"trials": 60, "budget": 20_000}),
        Preset(name="Break it", settings={"budget": 256, "trials": 60}),
    ),
    code=(CNNSearch.values, CNNSearch.step, CNNSearch.judge),
    speed=None,
)
