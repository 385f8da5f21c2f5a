"""Samples walk over a given energy."""

from core.energies.landscapes import ENERGIES
from core.energies.langevin import gradient_of, langevin_step
from core.experiments.generative.energy_gibbs import EnergyGibbs
from dashboard.lesson import Preset, Scene
from dashboard.stage import Contours, Curves, Heatmap, Line, Plot, Scatter, Stage, Trace

STAGE = Stage(
    columns=(
        (
            Contours(
                title="F(y)",
                note="and samples that walk, all from one place",
                alt="Level lines of the energy, with the samples.",
                grid="surface",
                extent="extent",
                scatters=(Scatter("walkers", "samples", "data"),),
            ),
        ),
        (
            Heatmap(
                title="Gibbs density p(y)",
                note="∝ exp(−βF)",
                alt="The density that belongs to the energy and β, over the same plane.",
                values="density",
                extent="extent",
            ),
        ),
        (
            Plot(
                title="Along y₁",
                alt="Histogram of the samples' first coordinate, and its Gibbs density.",
                lines=(
                    Trace("bins", "histogram", "samples", "data"),
                    Trace("bins", "marginal", "Gibbs", "model"),
                ),
                y_range=(0.0, 2.5),
                x_title="y₁",
            ),
            Curves(
                title="Mean energy",
                alt="Mean energy of the samples and of the Gibbs density.",
                lines=(
                    Line("walked", "samples", "data"),
                    Line("expected", "Gibbs", "model", dashed=True),
                ),
            ),
            Curves(
                title="Apart",
                note="histogram and density",
                alt="Total variation between the histogram and the Gibbs density of y₁.",
                lines=(Line("apart", "apart", "wrong"),),
                y_range=(0.0, 1.0),
            ),
        ),
    ),
    widths=(1, 1, 0.8),
)

SCENE = Scene(
    key="walk",
    name="Walk and β",
    experiment="energy_gibbs",
    stage=STAGE,
    presets=(
        Preset(name="Fast"),
        Preset(name="Cold", settings={"beta": 20.0}),
        Preset(name="Break it", settings={"size": 1.0}),
    ),
    code=(EnergyGibbs.step, langevin_step, gradient_of, EnergyGibbs.mass, ENERGIES["wells"]),
    speed=100,
)
