"""A kernel walks over a picture, and each output is worked out."""

from core.convolution.kernels import named_kernel
from core.convolution.windows import output_size, window_at
from core.experiments.vision.convolution_walk import ConvolutionWalk
from dashboard.lesson import Preset, Scene
from dashboard.stage import Grid, Outline, Stage
from pages.scenes.convolution.parts import OWN, SIZE

STAGE = Stage(
    columns=(
        (
            Grid(
                title="Picture",
                note="0 black to 255 white; the window in orange",
                alt="The picture as numbers, with the cells of the window outlined.",
                values="padded",
                scale="grey",
                outlines=(Outline("frame", "data"), Outline("taps", "model")),
            ),
        ),
        (
            Grid(
                title="Window",
                alt="The numbers under the window.",
                values="window",
                scale="grey",
            ),
            Grid(
                title="× Kernel",
                alt="The numbers of the kernel.",
                values="kernel",
            ),
            Grid(
                title="= Products",
                note="sum: output",
                alt="Each number of the window times that of the kernel.",
                values="products",
            ),
        ),
        (
            Grid(
                title="Output",
                note="blue below zero, orange above",
                alt="The outputs so far, the last one outlined.",
                values="output",
                value_range="range",
                outlines=(Outline("here", "model"),),
            ),
            SIZE,
        ),
    ),
    widths=(1.25, 0.6, 1.15),
)

SCENE = Scene(
    key="walk",
    name="The walk",
    experiment="convolution_walk",
    stage=STAGE,
    presets=(
        Preset(name="Edges"),
        Preset(name="Photo", settings={"picture": "china", "pixels": 40}),
        Preset(name="Strided", settings={"stride": 2, "dilation": 2, "padding": 2}),
    ),
    code=(ConvolutionWalk.step, window_at, output_size, named_kernel),
    speed=10,
    own_data=(OWN,),
)
