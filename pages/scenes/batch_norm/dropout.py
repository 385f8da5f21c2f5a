"""Dropout with and without rescaling, beside none."""

from typing import Any

from core.experiments import find
from core.experiments.foundations.dropout import drop
from core.nets.layers.dropout import Dropout
from dashboard.lesson import Preset, Scene
from dashboard.stage import Bars, Color, Curves, Line, Plot, Stage, Trace

KINDS: tuple[tuple[str, Color], ...] = (("without", "c9"), ("inverted", "c2"), ("plain", "c5"))


def logits(kind: str, title: str, color: Color) -> Plot:
    """The logits of one network in both modes."""
    return Plot(
        title=title,
        note="shares of the logits",
        alt="How often each logit occurs, in training and in evaluation.",
        lines=(
            Trace("logits", f"{kind}_training", "training", "soft", dashed=True),
            Trace("logits", f"{kind}_evaluation", "evaluation", color),
        ),
        y_range=(0.0, 0.25),
        x_title="logit",
    )


def shift(kind: str, title: str) -> Bars:
    """By what factor one network changes from training to evaluation."""
    return Bars(
        title=title,
        note="evaluation ÷ training",
        alt="Mean activations in evaluation divided by those in training.",
        values=f"{kind}_shift",
        names="parts",
        colors="model",
        target=1.0,
        value_range=(0.0, 5.0),
    )


def held_out(title: str, column: str, note: str, **axis: Any) -> Curves:
    """A column of the series of all three networks."""
    return Curves(
        title=title,
        note=note,
        alt=f"{title} on held-out digits in evaluation, over the steps.",
        lines=tuple(Line(f"{kind}.{column}", kind, color) for kind, color in KINDS),
        **axis,
    )


STAGE = Stage(
    columns=(
        (
            held_out("Validation loss", "loss", "of 1,000 held-out digits", log_y=True),
            held_out("Right", "accuracy", "of 1,000 held-out digits", y_range=(0.8, 1.0)),
        ),
        (
            logits("inverted", "Inverted: logits", "c2"),
            logits("plain", "Plain: logits", "c5"),
        ),
        (shift("inverted", "Inverted: shift"), shift("plain", "Plain: shift")),
    ),
    widths=(1.2, 1.4, 0.9),
)

SCENE = Scene(
    key="dropout",
    name="Dropout",
    experiment="dropout",
    stage=STAGE,
    presets=(
        Preset(name="Fast"),
        Preset(name="Gentle", settings={"p": 0.2}),
        Preset(name="Break it", settings={"p": 0.9}),
    ),
    code=(drop, find("dropout").step, Dropout),
    speed=100,
)
