"""Integrated gradients, piece by piece."""

from core.experiments.vision.saliency_path import SaliencyPath
from core.saliency.integrated_gradients import integrated_gradients, path_share
from dashboard.lesson import Preset, Scene
from dashboard.stage import Curves, Images, Line, Stage
from pages.scenes.saliency import OWN

STAGE = Stage(
    columns=(
        (
            Images(
                title="On the path",
                note="from the baseline to the picture",
                alt="The picture where the path has come to.",
                images="at",
                columns=1,
            ),
        ),
        (
            Images(
                title="What each pixel has added",
                note="orange: for it",
                alt="What each pixel has added to the score so far.",
                images="added",
                columns=1,
            ),
        ),
        (
            Curves(
                title="Score of the class",
                note="before the softmax",
                alt="The score along the path, and the score that the attributions account for.",
                lines=(
                    Line("score", "score", "data"),
                    Line("explained", "baseline + all pixels", "model", dashed=True),
                ),
                x_title="piece of the path",
            ),
            Images(
                title="Gradient × picture",
                note="at the end of the path only",
                alt="Gradient times input, which does not add up to the score.",
                images="simple",
                columns=1,
            ),
        ),
    ),
    widths=(1, 1, 1),
)

SCENE = Scene(
    key="path",
    name="Adding up",
    experiment="saliency_path",
    stage=STAGE,
    presets=(
        Preset(name="Fast"),
        Preset(name="From black", settings={"baseline": "black"}),
        Preset(name="Break it", settings={"pieces": 1}),
    ),
    code=(path_share, integrated_gradients, SaliencyPath.step),
    speed=8,
    own_data=(OWN,),
)
