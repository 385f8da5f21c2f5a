"""Losses of the margin, each pushing a point of its own."""

from core.experiments import find
from core.functions import margins
from dashboard.lesson import Preset, Scene
from dashboard.stage import Bars, Curves, Plot, Rule, Stage
from pages.scenes.activations.graphs import Named, columns, dots, graphs, lines

LOSSES: Named = {
    "zero_one": (margins.LABELS["zero_one"], "ink"),
    "perceptron": (margins.LABELS["perceptron"], "c6"),
    "hinge": (margins.LABELS["hinge"], "c0"),
    "squared_hinge": (margins.LABELS["squared_hinge"], "c4"),
    "logistic": (margins.LABELS["logistic"], "c1"),
    "exponential": (margins.LABELS["exponential"], "c3"),
    "square": (margins.LABELS["square"], "c2"),
}

STAGE = Stage(
    columns=(
        (
            Plot(
                title="Loss ℓ(m)",
                note="dashed: tangents",
                alt="The losses over the margin, and where each of them has moved it.",
                lines=graphs(LOSSES),
                scatters=dots("point", LOSSES),
                rules=(Rule(0.0, "right from here", axis="x"),),
                x_title="margin m = y f(x)",
                x_range=(-3, 4),
                y_range=(-0.3, 5),
            ),
            Plot(
                title="Slope ℓ′(m)",
                note="descent moves against it",
                alt="The derivatives of the losses, and where the points are on them.",
                lines=lines("derivative", LOSSES),
                scatters=dots("slope", LOSSES),
                x_title="margin m",
                x_range=(-3, 4),
                y_range=(-4, 2),
            ),
        ),
        (
            Curves(
                title="Margin, step by step",
                alt="The margin under each loss over the steps.",
                lines=columns("margin", LOSSES),
                y_range=(-3, 4),
            ),
            Bars(
                title="Push on the margin",
                note="−ℓ′(m)",
                alt="How hard each loss pushes the margin up.",
                values="push",
                names="names",
                colors="gradient",
                value_range=(-2, 4),
            ),
        ),
    ),
    widths=(1.3, 1),
)

SCENE = Scene(
    key="losses",
    name="Losses",
    experiment="margin_losses",
    stage=STAGE,
    presets=(
        Preset(name="Wrong"),
        Preset(name="Too right", settings={"start": 3.0}),
        Preset(name="Break it", settings={"learning_rate": 2.0}),
    ),
    code=(
        find("margin_losses").step,
        *(type(loss) for loss in margins.MARGIN_LOSSES.values()),
    ),
)
