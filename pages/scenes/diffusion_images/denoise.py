"""Pictures from nothing: noise is taken away step by step."""

from core.diffusion.classifier_free import guide, guided_eps
from core.diffusion.images import draw_step
from core.diffusion.threshold import fitting_eps, threshold
from core.experiments.generative.images_sampling import ImagesSampling
from dashboard.lesson import Preset, Scene
from dashboard.stage import Bars, Curves, Images, Line, Stage

STAGE = Stage(
    columns=(
        (
            Images(
                title="x_{t}",
                note="given: less noise step by step",
                alt="The noisy pictures, all at the same t.",
                images="x_t",
                columns=5,
            ),
        ),
        (
            Images(
                title="x̂_{0}",
                note="guessed under the noise",
                alt="The net's guess of each picture without noise, and what a judge reads in it.",
                images="pred_xstart",
                columns=5,
            ),
        ),
        (
            Curves(
                title="Recognised",
                note="x̂₀, by a judge",
                alt="The share of guesses that a classifier takes for their label, step by step.",
                lines=(Line("recognised", "", "right"),),
                y_range=(0.0, 1.0),
            ),
            Curves(
                title="Beyond ±1.1",
                note="values of x̂₀",
                alt="The share of predicted values that no pixel can have, step by step.",
                lines=(Line("saturated", "", "wrong"),),
                y_range=(0.0, 1.0),
            ),
            Bars(
                title="Recognised, by label",
                alt="For each label the share of guesses that the judge takes for it.",
                values="by_label",
                names="names",
                colors="right",
                value_range=(0.0, 1.0),
                unit="%",
            ),
        ),
    ),
    widths=(1, 1, 0.62),
)

SCENE = Scene(
    key="denoise",
    name="Denoise",
    experiment="images_sampling",
    stage=STAGE,
    presets=(
        Preset(name="Fast"),
        Preset(name="Course", settings={"sampler": "ddpm"}),
        Preset(name="Break it", settings={"w": 20.0, "threshold": "none"}),
    ),
    code=(ImagesSampling.step, guided_eps, guide, draw_step, threshold, fitting_eps),
    speed=None,
)
