"""Noise is added until nothing of the data is left."""

from core.diffusion.q_sample import q_sample
from core.diffusion.schedule import Schedule
from dashboard.lesson import Preset, Scene
from dashboard.stage import Curves, Line, Points, Stage
from pages.scenes.diffusion_2d.points import OWN, VIEW

STAGE = Stage(
    columns=(
        (
            Points(
                title="x_{t}",
                note="the data, dissolving",
                alt="The data points with more and more noise.",
                points="x_t",
                labels="data_labels",
                classes="names",
                extent=VIEW,
            ),
        ),
        (
            Curves(
                title="What a point is made of",
                alt="The factors of data and of noise in each point.",
                lines=(
                    Line("sqrt_alpha_cumprod", "√ᾱ of itself", "data"),
                    Line("sqrt_one_minus_alpha_cumprod", "√(1−ᾱ) noise", "gradient"),
                ),
                y_range=(0.0, 1.0),
            ),
            Curves(
                title="Still at their own class",
                note="nearest data point",
                alt="Share of points whose nearest data point is of their own class.",
                lines=(Line("own_class", "own class", "right"),),
                y_range=(0.0, 1.0),
            ),
        ),
    ),
    widths=(1.25, 1),
)

SCENE = Scene(
    key="noise",
    name="Add noise",
    experiment="diffusion_2d_noising",
    stage=STAGE,
    presets=(
        Preset(name="Linear"),
        Preset(name="Cosine", settings={"schedule": "cosine"}),
    ),
    code=(q_sample, Schedule),
    own_data=(OWN,),
)
