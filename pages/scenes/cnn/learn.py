"""A net learns CIFAR-10: curves, filters, confusions."""

from core.data.cifar import SHORT
from core.experiments.vision.cnn_training import CNNTraining
from core.nets.cnn.settings import TrainingConfig
from core.nets.cnn.small import small
from dashboard.lesson import Scene
from dashboard.stage import Curves, Line, Matrix, Stage
from pages.scenes.cnn.training import FILTERS, PRESETS, RIGHT

STAGE = Stage(
    columns=(
        (
            Curves(
                title="Loss",
                note="training: of the last batches",
                alt="Cross-entropy on training and on validation pictures, step by step.",
                lines=(
                    Line("loss", "training", "data"),
                    Line("validation_loss", "validation", "ink", dashed=True),
                ),
                log_y=True,
            ),
            RIGHT,
            Curves(
                title="Learning rate",
                note="η, as the schedule has it now",
                alt="The learning rate, step by step.",
                lines=(Line("rate", "η", "accent"),),
            ),
        ),
        (
            FILTERS,
            Matrix(
                title="Confusions",
                note="of the validation pictures",
                alt="Which validation pictures were taken for which class.",
                values="confusion",
                names=SHORT,
            ),
        ),
    ),
    widths=(1, 1.1),
)

SCENE = Scene(
    key="learn",
    name="Learn",
    experiment="cnn_training",
    stage=STAGE,
    presets=PRESETS,
    code=(small, CNNTraining.step, TrainingConfig.rate),
    speed=None,
)
