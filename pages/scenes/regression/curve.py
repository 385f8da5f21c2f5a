"""Five networks learn one curve, of one's own data if one likes."""

from core.data.tables import keep_table
from core.experiments.foundations.regression_curve import RegressionCurve
from core.nets.ensemble import Linears
from core.regression.data import noisy_curve
from core.regression.noise import Neighbours
from dashboard.lesson import OwnData, Preset, Scene
from dashboard.stage import Bars, Curves, Line, Plot, Rule, Scatter, Stage, Trace

STAGE = Stage(
    columns=(
        (
            Plot(
                title="Five networks, one curve",
                note="band: their spread",
                alt="Points, the five networks' curves, their mean with a band, and the truth.",
                scatters=(Scatter("train", "points", "data", faint=True),),
                lines=(
                    Trace("places", "predictions", "", "model"),
                    Trace("places", "mean", "networks", "model", band=("low", "high")),
                    Trace("places", "truth", "truth", "ink", dashed=True),
                ),
                rules=(Rule("first", "", axis="x"), Rule("last", "data end here", axis="x")),
                x_title="x",
                y_title="y",
            ),
            Plot(
                title="Two kinds of not knowing",
                note="standard deviations of y",
                alt="The noise of the data and the spread of the five networks, along x.",
                lines=(
                    Trace("places", "noise_along", "noise", "data"),
                    Trace("places", "spread", "spread", "model"),
                ),
                x_title="x",
            ),
        ),
        (
            Curves(
                title="Loss",
                note="mean squared error",
                alt="Training and validation loss, means of the five, and the noise below them.",
                lines=(
                    Line("loss", "training", "data"),
                    Line("validation_loss", "validation", "ink", dashed=True),
                    Line("noise", "noise", "soft"),
                ),
                log_y=True,
            ),
            Bars(
                title="Noise in the loss",
                note="at 100 % nothing is left to learn",
                alt="Share of each network's validation loss that is noise.",
                values="noise_share",
                names="names",
                colors="model",
                target=1.0,
                unit="%",
            ),
        ),
    ),
    widths=(1.5, 1),
)

OWN = OwnData(
    setting="data",
    types=("csv", "npz", "pt"),
    help="A CSV with the columns x, y and split (`train`, `val` or `test`; without it every fifth "
    "row is for validation), or `.npz` / `.pt` with `x_train`, `y_train`, `x_val`, `y_val` and, if "
    "you like, `x_test`. *Export* then gives the predictions.",
    read=lambda raw, name: keep_table(raw, name, inputs=1),
)

SCENE = Scene(
    key="curve",
    name="Curve",
    experiment="regression_curve",
    stage=STAGE,
    presets=(
        Preset(name="Course"),
        Preset(name="Smooth", settings={"activation": "tanh"}),
        Preset(name="Break it", settings={"learning_rate": 1.0}),
    ),
    code=(
        RegressionCurve.step,
        RegressionCurve.train,
        Linears,
        noisy_curve,
        Neighbours,
    ),
    speed=100,
    own_data=(OWN,),
)
