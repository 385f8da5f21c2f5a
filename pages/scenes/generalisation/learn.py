"""A hundred nets learn one curve from more and more points."""

from core.experiments import find
from core.experiments.foundations.generalisation import draw
from core.fits.chirp import chirp
from core.fits.fits import Fits, Group
from core.nets.ensemble import Linears, ensemble, mean_square_errors
from dashboard.lesson import Preset, Scene
from dashboard.stage import Color, Curves, Line, Plot, Rule, Scatter, Stage, Trace
from pages.scenes.generalisation.curves import AXES, TRUTH


def by_size(error: str, label: str, color: Color) -> Trace:
    """The median of an error's trials against n, in the band that all of them fill."""
    return Trace("n", error, label, color, band=(f"{error}_low", f"{error}_high"))


STAGE = Stage(
    columns=(
        (
            Plot(
                title="All nets at once",
                note="over the curve they learn",
                alt="What every net says from 0 to 1.5, over the curve that it learns.",
                lines=(*TRUTH, Trace("x", "fits", "", "model")),
                **AXES,
            ),
            Plot(
                title="Nets of one size",
                note="choose n at “Look at n”",
                alt="The nets of one size, with the data that the first of them has seen.",
                scatters=(Scatter("shown_points", "", "data"),),
                lines=(
                    *TRUTH,
                    Trace("x", "shown_fits", "", "model"),
                    Trace("x", "shown_fit", "", "model"),
                ),
                **AXES,
            ),
        ),
        (
            Plot(
                title="Error δ by number of points n",
                note="medians; bands: all trials",
                alt="Train error, error inside and error outside against n, with their spread.",
                lines=(
                    by_size("train", "train", "data"),
                    by_size("delta_in", "δ inside", "right"),
                    by_size("delta_out", "δ outside", "wrong"),
                ),
                rules=(Rule("nothing", "always 0"),),
                log_x=True,
                log_y=True,
                y_range=(0.02, 20.0),
                x_title="n",
            ),
            Curves(
                title="The same while they learn",
                note="median of all nets",
                alt="Train error, error inside and error outside, epoch by epoch.",
                lines=(
                    Line("train", "train", "data"),
                    Line("delta_in", "δ inside", "right"),
                    Line("delta_out", "δ outside", "wrong"),
                ),
                log_y=True,
                x_title="epoch",
            ),
        ),
    ),
    widths=(1.25, 1),
)

SCENE = Scene(
    key="learn",
    name="Learn",
    experiment="generalisation",
    stage=STAGE,
    presets=(
        Preset(name="Fast"),
        Preset(name="Course", settings={"width": 256, "epochs": 200}),
        Preset(name="Noisy", settings={"noise": 0.5}),
    ),
    code=(
        find("generalisation").step,
        chirp,
        draw,
        Fits.learn,
        Group,
        ensemble,
        Linears,
        mean_square_errors,
    ),
    speed=None,
)
