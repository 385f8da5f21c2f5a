"""The optimisers race from one start."""

from core import optim
from core.experiments import find
from core.optim import LABELS
from core.surfaces import spiral
from dashboard.lesson import Preset, Scene
from dashboard.stage import Color, Contours, Curves, Line, Path, Stage, Surface

COLORS: dict[optim.OptimiserName, Color] = {
    "sgd": "ink",
    "momentum": "c1",
    "nesterov": "c2",
    "rmsprop": "c3",
    "adam": "c4",
    "adamw": "c5",
}
PATHS = tuple(Path(f"{n}.x", f"{n}.y", LABELS[n], color) for n, color in COLORS.items())
HEIGHTS = tuple(Line(f"{n}.f", LABELS[n], color) for n, color in COLORS.items())
SLOPES = tuple(Line(f"{n}.gradient", LABELS[n], color) for n, color in COLORS.items())

STAGE = Stage(
    columns=(
        (
            Contours(
                title="Paths",
                note="click to choose the start",
                alt="Paths of the optimisers over the contours of the surface.",
                grid="surface",
                extent="extent",
                paths=PATHS,
                marks="minima",
                arrows="arrows",
                pick=True,
            ),
        ),
        (
            Surface(
                title="Surface",
                note="drag to turn",
                alt="The same paths on the surface in space.",
                grid="surface",
                extent="extent",
                paths=PATHS,
            ),
        ),
        (
            Curves(
                title="Height f",
                alt="Value of the surface at each optimiser's place, step by step.",
                lines=HEIGHTS,
                log_y=True,
            ),
            Curves(
                title="Slope |∇f|",
                alt="Norm of the gradient at each optimiser's place, step by step.",
                lines=SLOPES,
                log_y=True,
            ),
        ),
    ),
    widths=(1.1, 1, 0.9),
)

SCENE = Scene(
    key="race",
    name="Race",
    experiment="gradient_descent",
    stage=STAGE,
    presets=(
        Preset(name="Course", settings={"optimisers": ("sgd",)}),
        Preset(name="Race"),
        Preset(name="Break it", settings={"optimisers": ("sgd",), "learning_rate": 1.0}),
    ),
    code=(
        find("gradient_descent").step,
        spiral.gradient,
        *(optim.OPTIMISERS[name] for name in ("sgd", "momentum", "rmsprop", "adam")),
    ),
    picks=("start_x", "start_y"),
)
