"""An energy is learnt: pulled down at the data, pushed up elsewhere."""

from core.energies.losses import gibbs_density, nll_loss, pair_loss, pushes
from core.experiments.generative.energy_training import EnergyTraining
from dashboard.lesson import Preset, Scene
from dashboard.stage import Contours, Curves, Line, Plot, Rule, Scatter, Stage, Trace

ANSWERS = tuple(Rule(f"answer_{i}", "right" if i == 0 else "", "data", axis="x") for i in range(3))

STAGE = Stage(
    columns=(
        (
            Contours(
                title="F(x, y)",
                note="pulled down at data, up at red; grey: samples",
                alt="Level lines of the energy over x and y, with data, wrong answers and samples.",
                grid="surface",
                extent="extent",
                scatters=(
                    Scatter("walkers", "samples", "ink", faint=True),
                    Scatter("wrong", "wrong", "wrong"),
                    Scatter("right", "data", "data"),
                ),
            ),
        ),
        (
            Plot(
                title="A cut: F(x, y)",
                note="at the chosen x, over y",
                alt="The energy over y at the chosen x; upright lines are the right answers.",
                lines=(Trace("ys", "cut", "F", "model"),),
                rules=ANSWERS,
                x_range=(-1.5, 1.5),
                x_title="y",
            ),
            Plot(
                title="Gibbs density p(y | x)",
                note="∝ exp(−βF), there",
                alt="The density over y at the chosen x that belongs to the energy and β.",
                lines=(Trace("ys", "density", "p", "model"),),
                rules=ANSWERS,
                x_range=(-1.5, 1.5),
                x_title="y",
            ),
        ),
        (
            Curves(
                title="Energies",
                note="held-out data, whole strip",
                alt="Mean energy of held-out data and of all answers to their questions.",
                lines=(Line("high", "everywhere", "wrong"), Line("low", "data", "data")),
            ),
            Curves(
                title="−log p(y | x)",
                note="held-out data, nats",
                alt="Negative log-likelihood of held-out data under the Gibbs density.",
                lines=(Line("nll", "nats", "model"),),
            ),
            Curves(
                title="Steepest slope",
                alt="The greatest slope of the energy along y.",
                lines=(Line("steep", "|∂F/∂y|", "gradient"),),
                log_y=True,
            ),
        ),
    ),
    widths=(0.95, 0.95, 0.8),
)

SCENE = Scene(
    key="train",
    name="Push and pull",
    experiment="energy_training",
    stage=STAGE,
    presets=(
        Preset(name="Fast"),
        Preset(name="Course", settings={"loss": "hinge", "shape": "fork", "batches": 5_000}),
        Preset(name="Break it", settings={"loss": "energy"}),
    ),
    code=(
        EnergyTraining.step,
        EnergyTraining.loss,
        EnergyTraining.wrong,
        pair_loss,
        pushes,
        nll_loss,
        gibbs_density,
    ),
    speed=100,
)
