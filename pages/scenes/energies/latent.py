"""A latent variable picks one of many right answers."""

from core.energies.latent import decoded, energies, free_energy
from core.experiments.generative.energy_latent import EnergyLatent
from dashboard.lesson import Preset, Scene
from dashboard.stage import Contours, Curves, Line, Plot, Rule, Scatter, Stage, Trace

STAGE = Stage(
    columns=(
        (
            Contours(
                title="F(x, y) at the chosen x",
                note="orange: all that z stands for",
                alt="Level lines of the free energy over y, with data, answers and their arrows.",
                grid="surface",
                extent="extent",
                scatters=(Scatter("near", "data", "data"), Scatter("manifold", "z", "model")),
                arrows="arrows",
            ),
        ),
        (
            Contours(
                title="Inference",
                note="black: over y; green: over y and z",
                alt="The same surface, with guesses of y that descend.",
                grid="surface",
                extent="extent",
                scatters=(
                    Scatter("manifold", "z", "model", faint=True),
                    Scatter("by_y", "over y", "ink"),
                    Scatter("by_both", "over y and z", "right"),
                ),
            ),
        ),
        (
            Plot(
                title="E(x, y, z)",
                note="of one datum, over z",
                alt="The energy of one datum for all values of the latent variable.",
                lines=(Trace("z", "latent", "E", "model"),),
                rules=(Rule("best", "ž", "data", axis="x"),),
                x_title="z",
            ),
            Curves(
                title="F of the data",
                alt="Mean free energy of the batch and of held-out data.",
                lines=(
                    Line("loss", "batch", "data"),
                    Line("held_out", "held out", "ink", dashed=True),
                ),
            ),
            Curves(
                title="To the nearest answer",
                note="held-out data",
                alt="Mean distance of held-out data from the nearest answer.",
                lines=(Line("distance", "distance", "wrong"),),
                y_range=(0.0, 2.0),
            ),
        ),
    ),
    widths=(1, 1, 0.8),
)

SCENE = Scene(
    key="latent",
    name="A latent variable",
    experiment="energy_latent",
    stage=STAGE,
    presets=(
        Preset(name="Fast"),
        Preset(name="Warm", settings={"form": "warm", "beta": 0.1}),
        Preset(name="Break it", settings={"form": "none"}),
    ),
    code=(EnergyLatent.step, energies, free_energy, decoded, EnergyLatent.infer),
    speed=100,
)
