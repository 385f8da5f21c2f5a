"""Batch norm on one small batch, as a graph: forward node by node, then back."""

from core.data.typed import read_table
from core.nets import derivation
from core.nets.derivation import EDGES
from core.nets.layers.batch_norm import BatchNorm
from dashboard.lesson import OwnData, Preset, Scene
from dashboard.stage import Bars, Edge, Graph, Node, Stage, Tokens

PLACES = {
    "z": ("z", (0.0, 1.0)),
    "mu": (r"\mu", (1.0, 0.0)),
    "var": (r"\sigma^2", (1.0, 2.0)),
    "running_mean": (r"\bar{\mu}", (2.0, 0.0)),
    "running_var": (r"\bar{\sigma}^2", (2.0, 2.0)),
    "u": ("u", (3.0, 1.0)),
    "gamma": (r"\gamma", (5.0, 0.0)),
    "beta": (r"\beta", (5.0, 2.0)),
    "y": ("y", (4.0, 1.0)),
    "loss": ("L", (5.0, 1.0)),
}
CONSTANT = ("running_mean", "running_var")  # no gradient goes there
LABEL_AT = {("mu", "var"): 0.25, ("mu", "u"): 0.45, ("var", "u"): 0.45, ("z", "u"): 0.6}


def partial(edge: tuple[str, str]) -> str:
    """∂end/∂start in LaTeX; nothing for running means, through which no gradient goes."""
    start, end = (PLACES[name][0] for name in edge)
    plain = any(name in CONSTANT for name in edge)
    return "" if plain else rf"\frac{{\partial {end}}}{{\partial {start}}}"


STAGE = Stage(
    columns=(
        (
            Graph(
                title="Batch norm as a graph",
                note="blue: values; purple: gradients of L; point at a node or an edge for more",
                alt="The quantities of batch norm, from z over μ, σ² and u to y and the loss.",
                nodes=tuple(
                    Node(
                        key=name,
                        label=label,
                        at=at,
                        value=f"value.{name}",
                        gradient=None if name in CONSTANT else f"gradient.{name}",
                    )
                    for name, (label, at) in PLACES.items()
                ),
                edges=tuple(
                    Edge(
                        start=edge[0],
                        end=edge[1],
                        label=partial(edge),
                        local=".".join(("local", *edge)),
                        label_at=LABEL_AT.get(edge, 0.5),
                    )
                    for edge in EDGES
                ),
                progress="progress",
                active="active",
                flow="flow",
            ),
        ),
        (
            Tokens(
                title="Along the edges",
                note="marked: in use",
                alt="The local derivatives that are known, with their numbers.",
                tokens="factors",
                chosen="factor",
            ),
            Bars(
                title="∂L/∂z so far",
                note="marked: in the end",
                alt="The gradient of each example of the batch as the paths to it add up.",
                values="dz",
                names="rows",
                colors="gradient",
                target="aim",
            ),
        ),
    ),
    widths=(2.9, 1),
)

SCENE = Scene(
    key="derivation",
    name="Derivation",
    experiment="batch_norm",
    stage=STAGE,
    presets=(
        Preset(name="Course"),
        Preset(name="Evaluation", settings={"mode": "eval"}),
        Preset(name="Break it", settings={"batch": "3; 3; 3; 3.01"}),
    ),
    code=(derivation.chain, derivation.Derivation.__call__, BatchNorm),
    speed=1,
    own_data=(
        OwnData(
            setting="batch",
            types=("csv",),
            help="A CSV of 2 to 8 rows, the examples, and 1 to 4 columns, the features.",
            read=read_table,
        ),
    ),
)
