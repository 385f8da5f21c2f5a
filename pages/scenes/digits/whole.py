"""Softmax regression and two layers learn the whole of MNIST."""

from typing import Any

from core.experiments.foundations.digits_whole import DigitsWhole
from dashboard.lesson import Preset, Scene
from dashboard.stage import Curves, Images, Line, Stage
from pages.scenes.digits.mistakes import DIGITS, mistakes


def both(title: str, column: str, note: str, **axis: Any) -> Curves:
    """A column of both nets' series."""
    return Curves(
        title=title,
        note=note,
        alt=f"{title} of softmax regression and of two layers, step by step.",
        lines=(
            Line(f"softmax.{column}", "softmax", "data"),
            Line(f"mlp.{column}", "two layers", "model"),
        ),
        **axis,
    )


STAGE = Stage(
    columns=(
        (
            both("Loss", "loss", "of the batch", log_y=True),
            both("Validation loss", "validation_loss", "of 10,000 digits", log_y=True),
            both("Right", "accuracy", "of 10,000 validation digits", y_range=(0.8, 1.0)),
        ),
        (
            Images(
                title="Softmax: weights",
                note="blue against, orange for",
                alt="The weights of softmax regression, a picture for each digit.",
                images="softmax",
                columns=5,
                captions=DIGITS,
            ),
            Images(
                title="Two layers: hidden units",
                note="the first twenty",
                alt="The first-layer weights of twenty hidden units as pictures.",
                images="hidden",
                columns=10,
            ),
        ),
        mistakes("validation digits"),
    ),
    widths=(0.9, 1.1, 0.9),
)

SCENE = Scene(
    key="whole",
    name="Whole MNIST",
    experiment="digits_whole",
    stage=STAGE,
    presets=(
        Preset(name="Course"),
        Preset(name="Strong L2", settings={"l2": 0.01}),
        Preset(name="Break it", settings={"learning_rate": 1.0}),
    ),
    code=(DigitsWhole.step,),
    speed=None,
)
