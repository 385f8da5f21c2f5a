"""Three maps, put to the test by deleting."""

from core.experiments.vision.saliency_maps import METHODS, SaliencyMaps
from core.saliency.grad_cam import grad_cam
from core.saliency.saliency import saliency, score_gradient
from dashboard.lesson import Preset, Scene
from dashboard.stage import Curves, Images, Line, Stage
from pages.scenes.saliency import OWN

STAGE = Stage(
    columns=(
        (
            Images(
                title="The picture",
                note="and the net's answer",
                alt="The picture as the net sees it.",
                images="whole",
                columns=1,
                captions="answer",
            ),
            Images(
                title="What matters",
                note="white: much",
                alt="Three maps of how much each pixel matters for the class.",
                images="maps",
                columns=3,
                captions=tuple(METHODS.values())[:3],  # chance draws no map
            ),
        ),
        (
            Images(
                title="What is left",
                note="by each method",
                alt="The picture after as many deletions by each method.",
                images="deleted",
                columns=2,
                captions="methods",
            ),
        ),
        (
            Curves(
                title="Probability of the class",
                note="good maps lose it soon",
                alt="Probability of the class by method as pixels are deleted.",
                lines=(
                    Line("saliency", "saliency", "c0"),
                    Line("grad_cam", "Grad-CAM", "c1"),
                    Line("integrated", "integrated", "c2"),
                    Line("random", "at random", "soft", dashed=True),
                ),
                y_range=(0.0, 1.0),
                x_title="deletions",
            ),
        ),
    ),
    widths=(1, 1, 1.1),
)

SCENE = Scene(
    key="maps",
    name="Pixels",
    experiment="saliency_maps",
    stage=STAGE,
    presets=(
        Preset(name="Fast"),
        Preset(name="Grey", settings={"fill": "grey"}),
        Preset(name="Early layer", settings={"layer": 1}),
    ),
    code=(saliency, score_gradient, grad_cam, SaliencyMaps.draw_maps, SaliencyMaps.deleted),
    speed=3,
    own_data=(OWN,),
)
