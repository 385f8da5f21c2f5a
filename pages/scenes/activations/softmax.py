"""Softmax: shares of scores, at any temperature."""

from core.functions import softmax
from dashboard.lesson import Preset, Scene
from dashboard.stage import Bars, Color, Curves, Heatmap, Line, Plot, Rule, Stage, Trace

CLASSES: dict[str, Color] = {"A": "c0", "B": "c1", "C": "c2", "D": "c3", "E": "c4"}

STAGE = Stage(
    columns=(
        (
            Bars(
                title="Scores z",
                alt="The score of each class.",
                values="scores",
                names="names",
                colors="classes",
            ),
            Bars(
                title="Shares p",
                alt="The share of each class.",
                values="shares",
                names="names",
                colors="classes",
                unit="%",
            ),
            Bars(
                title="Without the shift",
                note="where e^z may overflow",
                alt="The shares by the formula as it is written; none where it overflows.",
                values="naive",
                names="names",
                colors="classes",
                unit="%",
            ),
        ),
        (
            Plot(
                title="At any temperature",
                note="H: entropy",
                alt="The largest share and the entropy of these scores against the temperature.",
                lines=(
                    Trace("temperatures", "largest", "largest share", "ink"),
                    Trace("temperatures", "spread", "H / log 5", "soft", dashed=True),
                ),
                rules=(Rule("temperature", "T", "ink", axis="x"),),
                x_title="temperature",
                log_x=True,
                y_range=(0, 1.05),
            ),
            Curves(
                title="Shares, step by step",
                alt="The share of each class over the steps.",
                lines=tuple(Line(name, name, color) for name, color in CLASSES.items()),
                y_range=(0, 1),
            ),
        ),
        (
            Heatmap(
                title="Slopes ∂p_{i}/∂z_{j}",
                note="how each score moves each share",
                alt="The Jacobian of the softmax.",
                values="jacobian",
                names="names",
                scale="signed",
                value_range=(-0.25, 0.25),
                x_title="z",
                y_title="p",
            ),
        ),
    ),
    widths=(0.9, 1.1, 1),
)

SCENE = Scene(
    key="softmax",
    name="Softmax",
    experiment="softmax_temperature",
    stage=STAGE,
    presets=(
        Preset(name="T = 1"),
        Preset(name="Cold", settings={"temperature": 0.1}),
        Preset(name="Break it", settings={"factor": 1000.0}),
    ),
    code=(softmax.softmax, softmax.jacobian, softmax.entropy),
)
