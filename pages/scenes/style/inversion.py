"""What a layer still knows of a photo."""

from core.experiments.vision.feature_inversion import FeatureInversion
from core.style.content import content_loss
from core.style.pixel_descent import PixelDescent
from core.style.total_variation import total_variation
from dashboard.lesson import Preset, Scene
from dashboard.stage import Curves, Images, Line, Stage
from pages.scenes.saliency import OWN

STAGE = Stage(
    columns=(
        (
            Images(
                title="What comes back",
                note="a picture with the same maps",
                alt="The picture that is sought, as it is now.",
                images="now",
                columns=1,
            ),
        ),
        (
            Images(title="The photo", alt="The photo.", images="photo", columns=1),
            Curves(
                title="Maps",
                note="missing: 1 is all of them",
                alt="Relative squared difference of the maps, step by step.",
                lines=(Line("maps", "maps", "data"),),
                log_y=True,
            ),
            Curves(
                title="Total variation",
                note="roughness",
                alt="Total variation, step by step.",
                lines=(Line("variation", "variation", "gradient"),),
            ),
            Curves(
                title="Off the photo",
                note="shades of 255, root mean square",
                alt="Root mean square distance from the photo, step by step.",
                lines=(Line("distance", "distance", "wrong"),),
            ),
        ),
    ),
    widths=(2, 1),
)

SCENE = Scene(
    key="inversion",
    name="Feature inversion",
    experiment="feature_inversion",
    stage=STAGE,
    presets=(
        Preset(name="Fast"),
        Preset(name="Deep", settings={"layer": 5}),
        Preset(name="Break it", settings={"layer": 5, "tv_weight": 0.0}),
    ),
    code=(content_loss, total_variation, FeatureInversion.measure, PixelDescent.step),
    speed=None,
    own_data=(OWN,),
)
