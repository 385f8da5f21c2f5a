"""A vision transformer beside a CNN of equal size, on the same batches."""

from core.experiments.vision.vit_training import VitTraining
from core.nets.cnn.of_size import of_size
from core.nets.rivals import Rivals
from core.nets.transformer import Attention, Block, attend
from core.nets.vit import VisionTransformer, cut
from dashboard.lesson import HandOver, Preset, Scene
from dashboard.stage import Curves, Images, Line, Stage

STAGE = Stage(
    columns=(
        (
            Curves(
                title="Right",
                note="dashed: of those learnt from",
                alt="Accuracy of both nets on validation pictures and on their last batches.",
                lines=(
                    Line("cnn.accuracy", "CNN", "data"),
                    Line("vit.accuracy", "transformer", "model"),
                    Line("cnn.training", "", "data", dashed=True),
                    Line("vit.training", "", "model", dashed=True),
                ),
                y_range=(0.0, 1.0),
            ),
            Curves(
                title="Loss",
                note="of the batch",
                alt="Cross-entropy of both nets on the batch they learn from, step by step.",
                lines=(
                    Line("cnn.loss", "CNN", "data"),
                    Line("vit.loss", "transformer", "model"),
                ),
                log_y=True,
            ),
        ),
        (
            Images(
                title="Which places are alike",
                note="a small map for each place",
                alt="For each patch's place a map of the cosines between its embedding and all.",
                images="similarity",
                columns=8,
            ),
        ),
        (
            Images(
                title="Pictures",
                note="as the nets see them",
                alt="Eight validation pictures and what they show.",
                images="pictures",
                columns=4,
                captions="truth",
            ),
            Images(
                title="Where [CLS] looks",
                note="and says",
                alt="The pictures, lit where the class token attends, and the class it gives.",
                images="looks",
                columns=4,
                captions="says",
            ),
        ),
    ),
    widths=(0.95, 1.2, 0.9),
)

SCENE = Scene(
    key="train",
    name="Side by side",
    experiment="vit_training",
    stage=STAGE,
    presets=(
        Preset(name="Fast"),
        Preset(
            name="Course",
            settings={"data": "whole", "epochs": 50, "heads": 4, "depth": 6}
            | {"learning_rate": 0.002, "batch_size": 128},
        ),
        Preset(name="Break it", settings={"learning_rate": 1.0}),
    ),
    code=(
        VitTraining.step,
        Rivals.learn,
        VisionTransformer,
        Block,
        Attention,
        attend,
        cut,
        of_size,
    ),
    speed=None,
    hand_over=HandOver(
        label="See what this transformer attends to", scene="attention", setting="weights"
    ),
)
