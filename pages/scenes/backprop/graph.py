"""The net as a graph: values go forward, gradients come back."""

from core.backprop.two_layers import EDGES
from core.experiments.foundations.backprop_graph import BackpropGraph
from core.nets import layers
from dashboard.lesson import Preset, Scene
from dashboard.stage import Curves, Edge, Graph, Line, Node, Points, Stage

PLACES = {
    "x": ("x", (0.0, 1.0)),
    "W1": ("W_1", (1.0, 0.0)),
    "b1": ("b_1", (1.0, 2.0)),
    "z": ("z", (1.0, 1.0)),
    "h": ("h", (2.0, 1.0)),
    "W2": ("W_2", (3.0, 0.0)),
    "b2": ("b_2", (3.0, 2.0)),
    "s": ("s", (3.0, 1.0)),
    "t": ("t", (4.0, 2.0)),
    "L": ("L", (4.0, 1.0)),
}

STAGE = Stage(
    columns=(
        (
            Graph(
                title="The net as a graph",
                note="blue: values; purple: gradients of L; point at a node for its shape",
                alt="Inputs, parameters, hidden units, scores and loss of a 2-layer net.",
                nodes=tuple(
                    Node(
                        key=name,
                        label=label,
                        at=at,
                        value=name,
                        gradient=None if name == "t" else f"d{name}",
                    )
                    for name, (label, at) in PLACES.items()
                ),
                edges=tuple(Edge(start=start, end=end) for start, end in EDGES),
                progress="progress",
                active="active",
            ),
        ),
        (
            Points(
                title="What the net says",
                note="XOR",
                alt="The four corners, and the class the net gives to every place around them.",
                points="corners",
                labels="classes",
                classes=("same", "differ"),
                background="regions",
                extent=(-2, 2, -2, 2),
                size=14,
            ),
            Curves(
                title="Loss L",
                alt="The loss over the four corners, step by step.",
                lines=(Line("loss", "loss", "model"),),
                log_y=True,
            ),
        ),
    ),
    widths=(2.6, 1),
)

SCENE = Scene(
    key="graph",
    name="Graph",
    experiment="backprop_graph",
    stage=STAGE,
    presets=(
        Preset(name="Step by step"),
        Preset(name="Train", settings={"pace": "iteration"}),
        Preset(
            name="Break it",
            settings={"pace": "iteration", "loss": "mse", "learning_rate": 3.0},
        ),
    ),
    code=(
        BackpropGraph.forward_backward,
        BackpropGraph.update,
        layers.Linear,
        layers.Tanh,
        layers.SoftmaxCrossEntropy,
        layers.SGD,
    ),
    speed=2,
)
