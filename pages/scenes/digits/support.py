"""Support vector machines on raw pixels and on Gabor responses, over a grid of C and γ."""

from core.features.digits import reduce, scale
from core.features.gabor import gabor, responses
from core.features.pca import PCA
from core.svm import fit_svm
from dashboard.lesson import Preset, Scene
from dashboard.stage import Bars, Heatmap, Images, Stage
from pages.scenes.digits.mistakes import mistakes


def accuracy_map(features: str, title: str, note: str) -> Heatmap:
    """Every pair of C and γ, with a frame about the best."""
    return Heatmap(
        title=title,
        note=note,
        alt="Share of held-out digits that are got right, for each C and γ; the best is framed.",
        values=features,
        extent="extent",
        x_title="C",
        y_title="γ",
        log_x=True,
        log_y=True,
        value_range=(0.5, 1.0),
        framed=f"{features}_best",
    )


STAGE = Stage(
    columns=(
        (
            accuracy_map("raw", "Raw pixels", "right on held-out digits"),
            accuracy_map("gabor", "Gabor + PCA", "framed: the best so far"),
        ),
        (
            Images(
                title="Filters",
                note="made by hand",
                alt="The Gabor filters, real part: a row for each orientation.",
                images="filters",
                columns=9,
            ),
            Images(
                title="What they answer",
                note="to the digit shown",
                alt="The strength of each filter's response around each pixel of the digit.",
                images="responses",
                columns=9,
            ),
            Bars(
                title="Support vectors",
                note="of the training digits, best pair",
                alt="Share of the training digits that the best machines rest on.",
                values="support",
                names=("raw", "Gabor"),
                value_range=(0.0, 1.0),
                unit="%",
            ),
        ),
        mistakes("of the best machine so far"),
    ),
    widths=(1, 1.1, 0.9),
)

SCENE = Scene(
    key="support",
    name="Support vectors",
    experiment="digits_svm",
    stage=STAGE,
    presets=(
        Preset(name="Course"),
        Preset(
            name="One filter",
            settings={"orientations": 1, "frequencies": 1, "bandwidths": 1},
        ),
        Preset(name="Break it", settings={"lowest_gamma": 30.0, "side": 3}),
    ),
    code=(fit_svm, gabor, responses, PCA.fit, reduce, scale),
    speed=None,
)
