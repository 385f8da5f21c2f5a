"""Gradients of pictures that a net has right and wrong."""

from core.attacks import input_gradient
from core.experiments.vision.pixel_gradients import PixelGradients
from dashboard.lesson import Preset, Scene
from dashboard.stage import Curves, Images, Line, Plot, Scatter, Stage

STAGE = Stage(
    columns=(
        (
            Images(
                title="Pictures",
                note="above: right; below: wrong",
                alt="The last five pictures that the net has right, and the last five it has not.",
                images="images",
                columns=5,
                captions="captions",
            ),
            Images(
                title="∂ℓ/∂x",
                note="of these pictures; grey: 0",
                alt="The gradients of the loss by the pixels of these pictures.",
                images="gradients",
                columns=5,
            ),
        ),
        (
            Plot(
                title="Length of the gradient",
                note="a point is a picture",
                alt="The gradient's length against the probability of the truth, per picture.",
                scatters=(
                    Scatter("right", "right", "right"),
                    Scatter("wrong", "wrong", "wrong"),
                ),
                log_y=True,
                x_range=(0.0, 1.0),
                x_title="probability of the truth",
                y_title="‖∂ℓ/∂x‖",
            ),
            Curves(
                title="Median length",
                note="of the pictures so far",
                alt="The median length of the gradients of right and of wrong pictures so far.",
                lines=(Line("right", "right", "right"), Line("wrong", "wrong", "wrong")),
                log_y=True,
            ),
        ),
    ),
    widths=(1.1, 1),
)

SCENE = Scene(
    key="gradients",
    name="Right and wrong",
    experiment="pixel_gradients",
    stage=STAGE,
    presets=(
        Preset(name="Plain"),
        Preset(name="Robust", settings={"model": "cifar_robust"}),
        Preset(name="Scaled", settings={"own_scale": True}),
    ),
    code=(PixelGradients.step, input_gradient),
    speed=10,
)
