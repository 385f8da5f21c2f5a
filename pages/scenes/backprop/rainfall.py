"""Rainfall learnt by a net in NumPy, beside its twin in PyTorch."""

from core.backprop.twins import Twins
from core.data.rainfall import keep_places
from core.nets import layers
from dashboard.lesson import OwnData, Preset, Scene
from dashboard.stage import Curves, Heatmap, Line, Plot, Scatter, Stage, Trace


def rain_map(values: str, title: str, note: str, alt: str) -> Heatmap:
    """The target over the plane of the two inputs."""
    return Heatmap(
        title=title,
        note=note,
        alt=alt,
        values=values,
        extent="extent",
        value_range="range",
        x_title="x₁: longitude, degrees",
        y_title="x₂: latitude, degrees",
    )


STAGE = Stage(
    columns=(
        (
            rain_map(
                "measured",
                "Measured",
                "mm; means of the training stations",
                "The target at the training points, on a map.",
            ),
            rain_map(
                "learnt",
                "Learnt",
                "mm; by the NumPy net, near stations",
                "What the net predicts, on the same map.",
            ),
        ),
        (
            Plot(
                title="Held-out points",
                note="in mm",
                alt="Prediction against measurement at points the net was not trained on.",
                lines=(Trace("line", "line", "equal", "soft", dashed=True),),
                scatters=(Scatter("held_out", "", "model"),),
                x_title="measured",
                y_title="predicted",
            ),
            Curves(
                title="Squared error",
                note="in variances",
                alt="Training loss, and held-out errors of the net and of its twin, step by step.",
                lines=(
                    Line("loss", "training", "data"),
                    Line("validation", "NumPy", "model"),
                    Line("twin", "PyTorch", "ink", dashed=True),
                ),
                log_y=True,
            ),
        ),
        (
            Curves(
                title="Gradients |∂L/∂W|",
                alt="Norm of the gradient by each layer's weight, the mean over the step.",
                lines=(
                    Line("gradient1", "layer 1", "c0"),
                    Line("gradient2", "layer 2", "c1"),
                    Line("gradient3", "layer 3", "c2"),
                ),
                log_y=True,
            ),
            Curves(
                title="The twins differ by",
                note="rounding",
                alt="Largest difference of what net and twin predict, in standard deviations.",
                lines=(Line("apart", "difference", "wrong"),),
                log_y=True,
            ),
        ),
    ),
    widths=(2, 1, 1),
)

SCENE = Scene(
    key="rainfall",
    name="Rainfall",
    experiment="rainfall",
    stage=STAGE,
    presets=(
        Preset(name="Course"),
        Preset(name="Fast", settings={"epochs": 100}),
        Preset(name="Break it", settings={"bug": "A", "epochs": 100}),
    ),
    code=(
        Twins.train,
        Twins.train_twin,
        layers.Linear,
        layers.ReLU,
        layers.MSE,
        layers.SGD,
    ),
    speed=None,
    own_data=(
        OwnData(
            setting="data",
            types=("csv", "npz", "pt"),
            help="Two inputs and a target: an `.npz` or `.pt` with `x_train` (N, 2),"
            " `y_train`, `x_val`, `y_val` and, if you like, `x_test`; or a CSV of x1, x2, y"
            " and train, val or test; at most 5,000 points each. *Export* then gives the"
            " predictions.",
            read=keep_places,
        ),
    ),
)
