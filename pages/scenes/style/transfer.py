"""A photo in the manner of a painting."""

from core.data.pictures import MOST_MEGABYTES, keep_photo
from core.experiments.vision.style_transfer import StyleTransfer
from core.style.content import content_loss
from core.style.gram import gram, style_loss
from core.style.pixel_descent import PixelDescent
from core.style.total_variation import total_variation
from dashboard.lesson import OwnData, Preset, Scene
from dashboard.stage import Curves, Images, Line, Stage
from pages.scenes.saliency import OWN, TYPES

STAGE = Stage(
    columns=(
        (
            Images(
                title="The picture",
                note="what it shows from the photo, how from the painting",
                alt="The picture as it is now.",
                images="now",
                columns=1,
            ),
        ),
        (
            Images(title="What", alt="The photo.", images="photo", columns=1),
            Images(title="How", alt="The painting.", images="manner", columns=1),
        ),
        (
            Curves(
                title="Content",
                note="missing: 1 is all of it",
                alt="Content loss, step by step.",
                lines=(Line("content", "content", "data"),),
            ),
            Curves(
                title="Style",
                note="missing",
                alt="Style loss, step by step.",
                lines=(Line("style", "style", "model"),),
                log_y=True,
            ),
            Curves(
                title="Total variation",
                note="roughness",
                alt="Total variation, step by step.",
                lines=(Line("variation", "variation", "gradient"),),
            ),
        ),
    ),
    widths=(2, 0.8, 1),
)

SCENE = Scene(
    key="transfer",
    name="Style transfer",
    experiment="style_transfer",
    stage=STAGE,
    presets=(
        Preset(name="Fast"),
        Preset(name="Glass", settings={"style": "glass"}),
        Preset(name="Only style", settings={"start": "noise", "style_weight": 10000.0}),
    ),
    code=(content_loss, gram, style_loss, total_variation, PixelDescent.step, StyleTransfer.look),
    speed=None,
    own_data=(
        OWN,
        OwnData(
            setting="style_photo",
            types=TYPES,
            help="A painting, a fabric, anything with a manner of its own; at most 20 MB.",
            read=keep_photo,
            label="Your own style",
            megabytes=MOST_MEGABYTES,
        ),
    ),
)
