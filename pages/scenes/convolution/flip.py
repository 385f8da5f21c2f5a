"""Cross-correlation and convolution of a signal, with all gradients."""

from core.convolution.along import by_input, by_kernel, laid
from core.experiments.vision.convolution_1d import Convolution1D
from dashboard.lesson import Preset, Scene
from dashboard.stage import Grid, Outline, Stage
from pages.scenes.convolution.parts import SIZE

STAGE = Stage(
    columns=(
        (
            Grid(
                title="The kernel on the signal",
                note="as it is, and flipped",
                alt="The signal, and under it the kernel where it lies now, as it is and flipped.",
                values="signal",
                outlines=(Outline("taps", "data"),),
                names=("x", "W as it is", "W flipped"),
            ),
            Grid(
                title="Outputs f",
                alt="The outputs so far of cross-correlation and of convolution.",
                values="f",
                outlines=(Outline("here", "model"),),
                names=("correlation", "convolution"),
            ),
            Grid(
                title="∂ℓ/∂f",
                note="given",
                alt="The gradient that comes back to each output.",
                values="upstream",
                names=("gradient",),
            ),
            SIZE,
        ),
        (
            Grid(
                title="∂f/∂x",
                note="a row for each output",
                alt="The derivative of each output by each number of the signal.",
                values="by_input",
                outlines=(Outline("by_input_row", "gradient"),),
            ),
            Grid(
                title="∂ℓ/∂x",
                note="= (∂f/∂x)ᵀ ∂ℓ/∂f, so far",
                alt="The gradient of the signal, summed over the outputs so far.",
                values="input_gradient",
            ),
        ),
        (
            Grid(
                title="∂f/∂W",
                note="the windows seen",
                alt="The derivative of each output by each number of the kernel.",
                values="by_kernel",
                outlines=(Outline("by_kernel_row", "gradient"),),
            ),
            Grid(
                title="∂ℓ/∂W",
                note="= (∂f/∂W)ᵀ ∂ℓ/∂f, so far",
                alt="The gradient of the kernel, summed over the outputs so far.",
                values="kernel_gradient",
            ),
        ),
    ),
    widths=(1.25, 1, 0.7),
)

SCENE = Scene(
    key="flip",
    name="The flip",
    experiment="convolution_1d",
    stage=STAGE,
    presets=(
        Preset(name="Impulse"),
        Preset(
            name="Signal",
            settings={"signal": "0 1 3 2 -1 -2 0 4 4 1", "kernel": "1 0 -1"},
        ),
        Preset(
            name="Padded",
            settings={
                "signal": "1 2 3 4 5",
                "kernel": "2 1 -1",
                "padding": 2,
                "upstream": "1 0 0 2 0 0 -1",
            },
        ),
    ),
    code=(Convolution1D.step, laid, by_input, by_kernel, Convolution1D.kernel_gradient),
    speed=2,
)
