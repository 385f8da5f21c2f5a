"""A picture that is taken for something else."""

from core.experiments.vision.fooling_image import FoolingImage
from core.saliency.fooling import fooling_step, unit
from dashboard.lesson import Preset, Scene
from dashboard.stage import Bars, Curves, Images, Line, Stage
from pages.scenes.saliency import OWN

STAGE = Stage(
    columns=(
        (
            Images(
                title="Before",
                alt="The picture as it was.",
                images="before",
                columns=1,
            ),
            Images(
                title="Now",
                alt="The picture as it is now.",
                images="now",
                columns=1,
            ),
        ),
        (
            Images(
                title="What was added",
                note="magnified, about grey",
                alt="The difference of the two pictures, magnified.",
                images="change",
                columns=1,
                captions="magnified",
            ),
        ),
        (
            Bars(
                title="What the net says",
                note="the wrong class first",
                alt="Probabilities of the wrong class and of the net's first guesses.",
                values="chances",
                names="classes",
                colors="model",
                value_range=(0.0, 1.0),
                unit="%",
            ),
            Curves(
                title="Probability",
                alt="Probability of the wrong class and of the first answer, step by step.",
                lines=(
                    Line("wrong", "wrong class", "wrong"),
                    Line("answer", "first answer", "right"),
                ),
                y_range=(0.0, 1.0),
            ),
            Curves(
                title="Change of the picture",
                note="shades of 255, root mean square",
                alt="How far the picture is from what it was.",
                lines=(Line("change", "change", "gradient"),),
            ),
        ),
    ),
    widths=(0.8, 1, 1.1),
)

SCENE = Scene(
    key="fooling",
    name="Fooling",
    experiment="fooling_image",
    stage=STAGE,
    presets=(
        Preset(name="Fast"),
        Preset(name="Robust", settings={"net": "cifar_robust"}),
        Preset(name="Break it", settings={"step_size": 20.0}),
    ),
    code=(fooling_step, unit, FoolingImage.step),
    speed=4,
    own_data=(OWN,),
)
