"""The Jacobians of one net: what moves with what."""

from core.experiments import find
from core.nets import layers
from core.probes import jacobians
from dashboard.lesson import Preset, Scene
from dashboard.stage import Heatmap, Stage


def jacobian(
    values: str, title: str, note: str, x_title: str, y_title: str, reach: float = 1.0
) -> Heatmap:
    """A panel of one Jacobian: outputs down, inputs across."""
    return Heatmap(
        title=title,
        note=note,
        alt=f"The Jacobian {title}, a number for each pair of output and input.",
        values=values,
        scale="signed",
        value_range=(-reach, reach),
        x_title=x_title,
        y_title=y_title,
    )


STAGE = Stage(
    columns=(
        (
            jacobian("net", "∂s/∂x by backward", "a row per pass", "x", "s", 0.5),
            jacobian("differences", "∂s/∂x by differences", "a column per input", "x", "s", 0.5),
        ),
        (
            jacobian("linear1", "∂z/∂x", "W₁ᵀ", "x", "z"),
            jacobian("linear2", "∂s/∂h", "W₂ᵀ", "h", "s"),
        ),
        (
            jacobian("activation", "∂h/∂z", "f′ on the diagonal", "z", "h"),
            jacobian("weight", "∂z/∂W₁", "mostly zeros", "W₁", "z", 2.0),
        ),
    ),
    widths=(1.5, 1, 1),
)

SCENE = Scene(
    key="jacobian",
    name="Jacobian",
    experiment="jacobians",
    stage=STAGE,
    presets=(
        Preset(name="One row"),
        Preset(name="A batch", settings={"batch": 3}),
        Preset(name="Gates", settings={"activation": "relu"}),
    ),
    code=(
        jacobians.jacobian_row,
        jacobians.jacobian_column,
        find("jacobians").step,
        layers.Linear.backward,
    ),
    speed=2,
)
