"""The same noise under several guidance scales."""

from core.diffusion.classifier_free import guide
from core.diffusion.threshold import saturation, threshold
from core.experiments.generative.images_guidance import ImagesGuidance
from dashboard.lesson import Preset, Scene
from dashboard.stage import Images, Plot, Stage, Trace

STAGE = Stage(
    columns=(
        (
            Images(
                title="Without a threshold",
                note="a row for each w",
                alt="Guesses x̂₀ for each guidance scale in a row, left as they were predicted.",
                images="free",
                columns=6,
            ),
        ),
        (
            Images(
                title="With the threshold",
                note="the same noise in each column",
                alt="Guesses x̂₀ for each guidance scale in a row, mended before each step.",
                images="kept",
                columns=6,
            ),
        ),
        (
            Plot(
                title="Recognised",
                note="by a judge",
                alt="The share of pictures that a judge takes for their label, over the scale.",
                lines=(
                    Trace("w", "recognised_free", "without", "wrong", dashed=True),
                    Trace("w", "recognised_kept", "with", "right"),
                ),
                y_range=(0.0, 1.0),
                x_title="w",
            ),
            Plot(
                title="Beyond ±1.1",
                note="values of x̂₀ as predicted",
                alt="The share of predicted values that no pixel can have, over the scale.",
                lines=(
                    Trace("w", "saturated_free", "without", "wrong", dashed=True),
                    Trace("w", "saturated_kept", "with", "right"),
                ),
                y_range=(0.0, 1.0),
                x_title="w",
            ),
        ),
    ),
    widths=(1, 1, 0.7),
)

SCENE = Scene(
    key="guidance",
    name="Guide",
    experiment="images_guidance",
    stage=STAGE,
    presets=(
        Preset(name="Fast"),
        Preset(
            name="Course",
            settings={"shows": "pictures", "scales": ("0", "1", "2", "4"), "samples": 50},
        ),
        Preset(name="Break it", settings={"threshold": "dynamic", "percentile": 0.5}),
    ),
    code=(ImagesGuidance.step, guide, threshold, saturation),
    speed=None,
)
