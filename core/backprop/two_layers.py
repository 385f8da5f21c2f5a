"""The computation graph of a net with one hidden layer, and the order in which it is gone through.

z = x W₁ + b₁,  h = f(z),  s = h W₂ + b₂,  L = loss(s, t)
"""

from __future__ import annotations

NODES = ("x", "W1", "b1", "z", "h", "W2", "b2", "s", "t", "L")
GIVEN = ("x", "W1", "b1", "W2", "b2", "t")
EDGES = (
    ("x", "z"), ("W1", "z"), ("b1", "z"), ("z", "h"),
    ("h", "s"), ("W2", "s"), ("b2", "s"), ("s", "L"), ("t", "L"),
)  # fmt: skip
PARAMETERS = {"W1": "0.weight", "b1": "0.bias", "W2": "2.weight", "b2": "2.bias"}  # of the net

FORWARD = ("z", "h", "s", "L")
BACKWARD = ("s", "W2", "b2", "h", "z", "W1", "b1", "x")
MOVES = (*FORWARD, *BACKWARD, "update", "repeat")

SAYS = {
    "z": "z = x W₁ + b₁",
    "h": "h = f(z), number by number",
    "s": "s = h W₂ + b₂",
    "L": "the loss compares s with the targets t",
    "ds": "∂L/∂s, from the loss",
    "dW2": "∂L/∂W₂ = hᵀ ∂L/∂s",
    "db2": "∂L/∂b₂ = the sum of ∂L/∂s over the batch",
    "dh": "∂L/∂h = ∂L/∂s W₂ᵀ",
    "dz": "∂L/∂z = ∂L/∂h · f′(z), number by number",
    "dW1": "∂L/∂W₁ = xᵀ ∂L/∂z",
    "db1": "∂L/∂b₁ = the sum of ∂L/∂z over the batch",
    "dx": "∂L/∂x = ∂L/∂z W₁ᵀ, which training does not need",
}


def progress(made: int) -> list[int]:
    """Of each node after so many moves of an iteration: 0, 1 with a value, 2 with a gradient."""
    values = {*GIVEN, *MOVES[:made][: len(FORWARD)]}
    slopes = {*MOVES[:made][len(FORWARD) :]} | ({"L"} if made > len(FORWARD) else set())
    return [(node in values) + (node in slopes) for node in NODES]


def active(made: int) -> tuple[int, int]:
    """The node and the edge of the last move; -1 where it concerns none."""
    if not 0 < made <= len(FORWARD) + len(BACKWARD):
        return -1, -1
    node, backward = MOVES[made - 1], made > len(FORWARD)
    return NODES.index(node), [edge[not backward] for edge in EDGES].index(node)
