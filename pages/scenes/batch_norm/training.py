"""Deep networks from many initial scales, with and without batch norm."""

from core.experiments import find
from core.nets.towers import Towers
from dashboard.lesson import Preset, Scene
from dashboard.stage import Bars, Color, Curves, Heatmap, Line, Plot, Rule, Stage, Trace

WITHOUT: Color = "c5"  # batch norm, on all panels of the training
WITH: Color = "c2"

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
            Heatmap(
                title="Spread without",
                note="log₁₀ σ; grey: diverged",
                alt="Spread of the activations by layer and initial scale, without batch norm.",
                values="plain_spreads",
                extent="extent",
                scale="signed",
                value_range=(-4.0, 4.0),
                x_title="log₁₀ scale",
                y_title="layer",
            ),
            Heatmap(
                title="Spread with",
                note="log₁₀ σ",
                alt="Spread of the activations by layer and initial scale, with batch norm.",
                values="normalised_spreads",
                extent="extent",
                scale="signed",
                value_range=(-4.0, 4.0),
                x_title="log₁₀ scale",
                y_title="layer",
            ),
        ),
        (
            Plot(
                title="Activations by layer",
                note="mean ± spread",
                alt="Mean activation of each layer and its spread, with and without.",
                lines=(
                    Trace(
                        "layers", "plain_mean", "without", WITHOUT, band=("plain_low", "plain_high")
                    ),
                    Trace(
                        "layers",
                        "normalised_mean",
                        "with",
                        WITH,
                        band=("normalised_low", "normalised_high"),
                    ),
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
