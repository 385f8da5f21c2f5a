"""Pictures of classes, from noise."""

from core.experiments.vision.class_images import ClassImages
from core.saliency.class_image import ascend, blur
from dashboard.lesson import Preset, Scene
from dashboard.stage import Curves, Images, Line, Stage

STAGE = Stage(
    columns=(
        (
            Images(
                title="What the net would love to see",
                note="each picture climbs the score of its class",
                alt="A picture for each class, with the probability the net gives it.",
                images="images",
                columns=4,
                captions="captions",
            ),
        ),
        (
            Curves(
                title="Score",
                note="of its class, mean of the pictures",
                alt="Mean score of the classes, step by step.",
                lines=(Line("score", "score", "model"),),
            ),
            Curves(
                title="Probability",
                note="of its class, mean of the pictures",
                alt="Mean probability of the classes, step by step.",
                lines=(Line("chance", "probability", "right"),),
                y_range=(0.0, 1.0),
            ),
            Curves(
                title="Roughness",
                note="of neighbours, in 255",
                alt="Root mean square difference of neighbouring pixels.",
                lines=(Line("roughness", "roughness", "gradient"),),
            ),
        ),
    ),
    widths=(2, 1),
)

SCENE = Scene(
    key="classes",
    name="Classes",
    experiment="class_images",
    stage=STAGE,
    presets=(
        Preset(name="Fast"),
        Preset(name="Robust", settings={"net": "cifar_robust"}),
        Preset(name="Break it", settings={"jitter": 0, "blur": 0.0, "l2": 0.0}),
    ),
    code=(ascend, blur, ClassImages.step),
    speed=8,
)
