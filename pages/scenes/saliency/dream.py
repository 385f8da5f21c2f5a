"""DeepDream on a photo."""

from core.experiments.vision.deep_dream import DeepDream
from core.saliency.deep_dream import dream_step, octave_sizes
from dashboard.lesson import Preset, Scene
from dashboard.stage import Curves, Images, Line, Stage
from pages.scenes.saliency import OWN

STAGE = Stage(
    columns=(
        (
            Images(
                title="The dream",
                note="small first, then larger: octaves",
                alt="The photo as the layer has changed it.",
                images="dream",
                columns=1,
            ),
        ),
        (
            Images(title="The photo", alt="The photo as it was.", images="before", columns=1),
            Curves(
                title="What the layer sees",
                note="mean square of its maps",
                alt="Mean square of the layer's maps, step by step.",
                lines=(Line("strength", "mean square", "model"),),
            ),
            Curves(
                title="Change of the photo",
                note="shades of 255",
                alt="Root mean square change of the photo, step by step.",
                lines=(Line("change", "change", "gradient"),),
            ),
        ),
    ),
    widths=(2, 1),
)

SCENE = Scene(
    key="dream",
    name="Dreams",
    experiment="deep_dream",
    stage=STAGE,
    presets=(
        Preset(name="Fast"),
        Preset(name="Edges", settings={"layer": 1}),
        Preset(name="One size", settings={"octaves": 1}),
    ),
    code=(dream_step, octave_sizes, DeepDream.step),
    speed=8,
    own_data=(OWN,),
)
