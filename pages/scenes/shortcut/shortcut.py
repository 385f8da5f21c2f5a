"""A net learns pictures with a digit in the corner."""

from core.data.composites import compose, digits_for, draw_ink, erase, treat_corner
from core.experiments.vision.shortcut import Shortcut
from core.nets.cnn.large_first import large_first
from dashboard.lesson import Preset, Scene
from dashboard.stage import Bars, Curves, Images, Line, Stage

STAGE = Stage(
    columns=(
        (
            Curves(
                title="Taken for",
                note="what it shows, or its digit",
                alt="Share of validation pictures taken for what they show, and for their digit.",
                lines=(
                    Line("image", "picture", "right"),
                    Line("digit", "digit", "wrong"),
                    Line("right", "right in training", "soft", dashed=True),
                ),
                y_range=(0.0, 1.0),
            ),
            Curves(
                title="Loss",
                note="of the batches",
                alt="Cross-entropy with smoothed labels, mean of the last batches.",
                lines=(Line("loss", "training", "data"),),
                log_y=True,
            ),
        ),
        (
            Images(
                title="Validation pictures",
                note="✓ right; 3: as its digit says",
                alt="Six validation pictures, each with a digit at the bottom right.",
                images="shown",
                columns=3,
                captions="taken",
            ),
            Images(
                title="What counts",
                note="|∂ score / ∂ pixel|",
                alt="How much each pixel counts for the class its picture is taken for.",
                images="saliency",
                columns=3,
            ),
        ),
        (
            Images(
                title="Filters",
                note="first layer, 7 × 7, in colour; grey is zero",
                alt="The sixteen filters of the first layer.",
                images="filters",
                columns=8,
            ),
            Bars(
                title="First layer",
                note="norms of 16 channels, over their mean",
                alt="How strongly the class chosen stirs each channel of the first layer.",
                values="norms_first",
                names=tuple(f"channel {at}" for at in range(16)),
                upright=True,
                target=1.0,
            ),
            Bars(
                title="Fifth layer",
                note="norms of its 80 channels",
                alt="How strongly the class chosen stirs each channel of the fifth layer.",
                values="norms_fifth",
                names=tuple(f"channel {at}" for at in range(80)),
                upright=True,
                target=1.0,
            ),
        ),
    ),
    widths=(1.1, 1, 1.1),
)

SCENE = Scene(
    key="shortcut",
    name="Shortcut",
    experiment="shortcut",
    stage=STAGE,
    presets=(
        Preset(name="Fast"),
        Preset(name="Cured", settings={"corner": "shuffle"}),
        Preset(
            name="Course",
            settings={
                "agreement": 0.64,
                "corner": "shuffle",
                "epochs": 50,
                "data": "whole",
            },
        ),
    ),
    code=(
        digits_for,
        draw_ink,
        compose,
        treat_corner,
        erase,
        Shortcut.batch,
        Shortcut.step,
        large_first,
        Shortcut.look,
    ),
    speed=None,
)
