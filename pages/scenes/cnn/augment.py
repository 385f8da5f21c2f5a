"""What augmentation makes of a picture, and what a trained net makes of that."""

from core.data.augmentation import Augmentation, colour, move
from dashboard.lesson import Preset, Scene
from dashboard.stage import Curves, Images, Line, Stage
from pages.scenes.cnn.training import OWN

STAGE = Stage(
    columns=(
        (
            Images(
                title="Picture",
                note="taken for",
                alt="The picture as it is.",
                images="picture",
                columns=1,
                captions="verdict",
            ),
            Images(
                title="Mean",
                note="of all variants",
                alt="The mean of all variants so far.",
                images="mean",
                columns=1,
            ),
        ),
        (
            Images(
                title="Variants",
                note="twelve at random, and what the net takes each for",
                alt="Twelve variants of the picture, mirrored, shifted and of other colours.",
                images="variants",
                columns=4,
                captions="verdicts",
            ),
        ),
        (
            Curves(
                title="Taken for the same",
                note="of twelve variants",
                alt="Share of the variants that are taken for what the picture is taken for.",
                lines=(Line("same", "same class", "model"),),
                y_range=(0.0, 1.0),
                x_title="round",
            ),
        ),
    ),
    widths=(0.55, 1.4, 0.8),
)

SCENE = Scene(
    key="augment",
    name="Augment",
    experiment="cnn_augmentation",
    stage=STAGE,
    presets=(
        Preset(name="Fast"),
        Preset(name="Mirror only", settings={"shift": 0, "jitter": 0.0}),
        Preset(name="Break it", settings={"shift": 16, "jitter": 1.0}),
    ),
    code=(Augmentation, move, colour),
    speed=2,
    own_data=(OWN,),
)
