"""The same nets learn true labels and shuffled ones."""

from core.experiments import find
from core.fits.fits import Group
from dashboard.lesson import Preset, Scene
from dashboard.stage import Curves, Line, Plot, Scatter, Stage, Trace
from pages.scenes.generalisation.curves import AXES


def fits(labels: str, title: str, note: str) -> Plot:
    """All nets of one group, over the points they have seen."""
    return Plot(
        title=title,
        note=note,
        alt=f"What the nets on {labels} labels say, the curve, and the points they have seen.",
        scatters=(Scatter(f"{labels}_points", "", "data"),),
        lines=(Trace("x_inside", "curve", "", "soft"), Trace("x", labels, "", "model")),
        **AXES,
    )


STAGE = Stage(
    columns=(
        (
            fits("real", "Labels where they belong", "all nets, and the curve"),
            fits("shuffled", "The same labels, shuffled", "the same nets from the same starts"),
        ),
        (
            Curves(
                title="Train MSE",
                alt="Mean train error of both kinds of nets.",
                lines=(
                    Line("train.real", "real", "right"),
                    Line("train.shuffled", "shuffled", "wrong"),
                ),
                log_y=True,
                x_title="round",
            ),
            Curves(
                title="Error δ_{in} between the points",
                alt="Mean error of both kinds of nets against the curve inside the data.",
                lines=(
                    Line("delta_in.real", "real", "right"),
                    Line("delta_in.shuffled", "shuffled", "wrong"),
                ),
                y_range=(0.0, 1.2),
                x_title="round",
            ),
        ),
    ),
    widths=(1.25, 1),
)

SCENE = Scene(
    key="memorise",
    name="Memorise",
    experiment="memorising",
    stage=STAGE,
    presets=(
        Preset(name="Fast"),
        Preset(name="Course", settings={"width": 256, "rounds": 2000}),
    ),
    code=(find("memorising").step, Group.descend),
    speed=None,
)
