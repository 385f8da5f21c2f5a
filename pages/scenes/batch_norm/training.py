"""Deep networks from many initial scales, with and without batch norm."""

from core.experiments import find
from core.nets.towers import Towers
from dashboard.lesson import Preset, Scene
from dashboard.stage import Bars, Color, Curves, Heatmap, Line, Plot, Rule, Stage, Trace

WITHOUT: Color = "c5"  # batch norm, on all panels of the training
WITH: Color = "c2"


def spread_map(kind: str, title: str, note: str) -> Heatmap:
    """The spread of the activations in each layer of the networks from each scale."""
    return Heatmap(
        title=title,
        note=note,
        alt=f"{title} batch norm, by layer and initial scale.",
        values=f"{kind}_spreads",
        extent="extent",
        scale="signed",
        value_range=(-4.0, 4.0),
        log_x=True,
        x_title="scale",
        y_title="layer",
    )


def by_layer(kind: str, label: str, color: Color) -> Trace:
    """Mean activation, and a band of its spread."""
    return Trace("layers", f"{kind}_mean", label, color, band=(f"{kind}_low", f"{kind}_high"))


STAGE = Stage(
    columns=(
        (
            Plot(
                title="Loss against initial scale",
                note="validation",
                alt="Validation loss of networks from eleven initial scales, with and without.",
                lines=(
                    Trace("scales", "plain", "without", WITHOUT),
                    Trace("scales", "normalised", "with", WITH),
                ),
                rules=(
                    Rule("chance", "guessing", "soft"),
                    Rule("scale", "", "soft", axis="x"),
                ),
                log_x=True,
                y_range=(0.0, 2.8),
                x_title="initial scale",
            ),
            Bars(
                title="Right at this scale",
                note="validation",
                alt="Share of held-out digits that the networks looked at get right.",
                values="accuracies",
                names="ways",
                colors="right",
                unit="%",
            ),
        ),
        (
            spread_map("plain", "Spread without", "log₁₀ σ; grey: diverged"),
            spread_map("normalised", "Spread with", "log₁₀ σ"),
        ),
        (
            Plot(
                title="Activations by layer",
                note="mean ± spread",
                alt="Mean activation of each layer and its spread, with and without.",
                lines=(
                    by_layer("plain", "without", WITHOUT),
                    by_layer("normalised", "with", WITH),
                ),
                y_range=(-1.0, 2.5),
                x_title="layer",
            ),
            Curves(
                title="Loss of 20 layers",
                note="median over the scales",
                alt="Validation loss over the steps, the median over all scales.",
                lines=(
                    Line("plain.20", "without", WITHOUT),
                    Line("normalised.20", "with", WITH),
                ),
                y_range=(0.0, 2.8),
            ),
        ),
    ),
    widths=(1.5, 1, 1),
)

SCENE = Scene(
    key="training",
    name="Training",
    experiment="batch_norm_training",
    stage=STAGE,
    presets=(
        Preset(name="Course"),
        Preset(name="Large steps", settings={"learning_rate": 2.0}),
        Preset(name="Break it", settings={"batch_size": 2}),
    ),
    code=(Towers.normalised, Towers.forward, find("batch_norm_training").step),
    speed=None,
)
