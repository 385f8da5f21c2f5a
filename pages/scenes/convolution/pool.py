"""Max-pooling, and where its gradient goes."""

from core.convolution.windows import window_at
from core.experiments.vision.max_pool import MaxPool
from dashboard.lesson import Preset, Scene
from dashboard.stage import Grid, Outline, Stage
from pages.scenes.convolution.parts import OWN, SIZE

STAGE = Stage(
    columns=(
        (
            Grid(
                title="Picture",
                note="the window in orange, its largest in green",
                alt="The picture as numbers, with the window and its largest cell outlined.",
                values="padded",
                scale="grey",
                outlines=(
                    Outline("frame", "data"),
                    Outline("taps", "model"),
                    Outline("winner", "right"),
                ),
            ),
        ),
        (
            Grid(
                title="Output",
                note="the largest of each window",
                alt="The largest value of each window so far.",
                values="output",
                scale="grey",
                outlines=(Outline("here", "model"),),
            ),
            SIZE,
        ),
        (
            Grid(
                title="Gradient of the picture",
                note="1 from every output",
                alt="For each cell the gradient that reaches it: the windows it has won.",
                values="won",
            ),
        ),
    ),
    widths=(1.1, 1, 1.1),
)

SCENE = Scene(
    key="pool",
    name="Max-pool",
    experiment="max_pool",
    stage=STAGE,
    presets=(
        Preset(name="2 × 2"),
        Preset(name="Overlap", settings={"size": 3, "stride": 1}),
        Preset(name="Photo", settings={"picture": "flower", "pixels": 32}),
    ),
    code=(MaxPool.step, window_at),
    speed=10,
    own_data=(OWN,),
)
