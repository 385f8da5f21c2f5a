"""A convolutional net in NumPy and its PyTorch twin, from the same start, batch by batch."""

from core.experiments.foundations.digits_scratch import DigitsScratch
from core.nets.layers import SGD, Conv, Linear, SoftmaxCrossEntropy
from dashboard.lesson import Preset, Scene
from dashboard.stage import Curves, Images, Line, Stage
from pages.scenes.digits.mistakes import DIGITS, mistakes

STAGE = Stage(
    columns=(
        (
            Curves(
                title="Loss",
                note="of the batch: two curves, one on the other",
                alt="Cross-entropy of the NumPy net and of its PyTorch twin, step by step.",
                lines=(
                    Line("numpy.loss", "NumPy", "data"),
                    Line("torch.loss", "PyTorch", "model", dashed=True),
                ),
                log_y=True,
            ),
            Curves(
                title="Difference of the twins",
                note="largest of all",
                alt="The largest difference between the twins' weights, step by step.",
                lines=(Line("difference", "max |θ − θ′|", "gradient"),),
                log_y=True,
            ),
            Curves(
                title="Right",
                note="of 2,000 held-out digits",
                alt="Accuracy of both nets on held-out digits.",
                lines=(
                    Line("numpy.accuracy", "NumPy", "data"),
                    Line("torch.accuracy", "PyTorch", "model", dashed=True),
                ),
                y_range=(0.0, 1.0),
            ),
        ),
        (
            Images(
                title="Filters",
                note="learnt, 4 × 4",
                alt="The eight learnt filters.",
                images="filters",
                columns=4,
            ),
            Images(
                title="What they answer",
                note="to the digit shown, after the ReLU",
                alt="The responses of the filters to the digit shown.",
                images="maps",
                columns=4,
            ),
            Images(
                title="Weights of each class",
                note="carried back to pixels",
                alt="The weights of each of the ten classes as pictures.",
                images="weights",
                columns=5,
                captions=DIGITS,
            ),
        ),
        mistakes("held-out digits"),
    ),
    widths=(0.9, 1, 0.9),
)

SCENE = Scene(
    key="scratch",
    name="From scratch",
    experiment="digits_scratch",
    stage=STAGE,
    presets=(
        Preset(name="Course"),
        Preset(name="32 bits", settings={"precision": "float32"}),
        Preset(name="Break it", settings={"relu_on_logits": True}),
    ),
    code=(
        DigitsScratch.train_numpy,
        DigitsScratch.build,
        Conv,
        Linear,
        SoftmaxCrossEntropy,
        SGD.step,
        DigitsScratch.train_torch,
    ),
    speed=100,
)
