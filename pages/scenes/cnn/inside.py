"""Into the net while it learns: maps of one picture, and which class stirs which channel."""

from core.data.cifar import SHORT
from core.experiments.vision.cnn_inside import CNNInside
from core.nets.cnn.classifier import Classifier
from core.nets.cnn.settings import COURSE
from core.probes.exam import Exam
from dashboard.lesson import Preset, Scene
from dashboard.stage import Bars, Heatmap, Images, Stage
from pages.scenes.cnn.training import FILTERS, OWN, RIGHT


def norms(which: str, title: str) -> Heatmap:
    """The table of one layer's norms."""
    return Heatmap(
        title=title,
        note="‖channel‖, over its mean",
        alt=f"How much more each class stirs each channel of the {which} layer than others do.",
        values=which,
        scale="signed",
        value_range=(-1.0, 1.0),
        rows=SHORT,
        x_title="channel",
    )


STAGE = Stage(
    columns=(
        (
            Images(
                title="Picture",
                alt="The picture that is looked at.",
                images="picture",
                columns=1,
            ),
            Bars(
                title="Taken for",
                note="now",
                alt="How probable each class is for the picture.",
                values="classes",
                names=SHORT,
                colors="model",
                value_range=(0.0, 1.0),
                unit="%",
            ),
            RIGHT,
        ),
        (
            Images(
                title="Feature maps",
                note="each from its least to its most",
                alt="What the chosen layer makes of the picture, channel by channel.",
                images="maps",
                columns=8,
            ),
            FILTERS,
        ),
        (norms("first", "First layer"), norms("later", "Fifth, or last layer")),
    ),
    widths=(0.62, 1, 1.1),
)

SCENE = Scene(
    key="inside",
    name="Inside",
    experiment="cnn_inside",
    stage=STAGE,
    presets=(
        Preset(name="Fast"),
        Preset(name="Trained", settings={"weights": "cifar_small", "learning_rate": 1e-3}),
        Preset(name="Course", settings={"net": "all_cnn", **COURSE}),
    ),
    code=(Classifier.activations, CNNInside.norms, Exam.norms),
    speed=None,
    own_data=(OWN,),
)
