"""Batch norm worked out by hand, node by node: u = (z − μ) / √(σ² + ε), y = γ u + β.

Ioffe and Szegedy (2015), arXiv:1502.03167, section 3. The layer in `core.nets.layers.batch_norm`
is what remains when these steps are put together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from jaxtyping import Float

Array = Float[np.ndarray, "..."]
Edge = tuple[str, str]  # a quantity, and one whose formula it enters
Mode = Literal["train", "eval"]
Loss = Literal["weighted", "sum", "squares"]

NODES = ("z", "mu", "var", "running_mean", "running_var", "u", "gamma", "beta", "y", "loss")
EDGES: tuple[Edge, ...] = (
    ("z", "mu"),
    ("z", "var"),
    ("mu", "var"),
    ("mu", "running_mean"),
    ("var", "running_var"),
    ("z", "u"),
    ("mu", "u"),
    ("var", "u"),
    ("running_mean", "u"),
    ("running_var", "u"),
    ("u", "y"),
    ("gamma", "y"),
    ("beta", "y"),
    ("y", "loss"),
)

# The same, for readers.
SIGNS = {
    "z": "z",
    "mu": "μ",
    "var": "σ²",
    "running_mean": "μ̄",
    "running_var": "σ̄²",
    "u": "u",
    "gamma": "γ",
    "beta": "β",
    "y": "y",
    "loss": "L",
}
FORMULAS = {
    "mu": "Σ z / m",
    "var": "Σ (z − μ)² / m",
    "u": "(z − μ) / √(σ² + ε)",
    "y": "γ u + β",
    "running_mean": "(1 − α) μ̄ + α μ",
    "running_var": "(1 − α) σ̄² + α σ² m / (m − 1)",
}
EVAL_FORMULAS = {"u": "(z − μ̄) / √(σ̄² + ε)"}
LOSS_FORMULAS = {"weighted": "Σ c y", "sum": "Σ y", "squares": "½ Σ y²"}


@dataclass(kw_only=True)
class Tape:
    """What is known so far. z, u and y are (m, d); L a number; all others one per feature, (d,)."""

    epsilon: float
    momentum: float
    weights: Array  # c of the weighted loss, (m, d)
    values: dict[str, Array]
    local: dict[Edge, Array] = field(default_factory=dict)  # derivatives along the edges
    gradients: dict[str, Array] = field(default_factory=dict)  # of L by each quantity, so far

    def __getitem__(self, name: str) -> Array:
        return self.values[name]


# Forward: what each quantity is, in the order in which they can be computed.
TRAIN: Mapping[str, Callable[[Tape], Array]] = {
    "mu": lambda t: t["z"].mean(axis=0),
    "var": lambda t: ((t["z"] - t["mu"]) ** 2).mean(axis=0),
    "u": lambda t: (t["z"] - t["mu"]) / np.sqrt(t["var"] + t.epsilon),
    "y": lambda t: t["gamma"] * t["u"] + t["beta"],
    "running_mean": lambda t: (1 - t.momentum) * t["running_mean"] + t.momentum * t["mu"],
    "running_var": lambda t: (
        (1 - t.momentum) * t["running_var"]
        + t.momentum * t["var"] * len(t["z"]) / (len(t["z"]) - 1)
    ),
}
EVAL: Mapping[str, Callable[[Tape], Array]] = {
    "u": lambda t: (t["z"] - t["running_mean"]) / np.sqrt(t["running_var"] + t.epsilon),
    "y": lambda t: t["gamma"] * t["u"] + t["beta"],
}
LOSSES: Mapping[Loss, Callable[[Tape], Array]] = {
    "weighted": lambda t: (t.weights * t["y"]).sum(),
    "sum": lambda t: t["y"].sum(),
    "squares": lambda t: (t["y"] ** 2).sum() / 2,
}

# Back: the derivative of each quantity by each that enters its formula, the others held still.
SLOPES: Mapping[Loss, Callable[[Tape], Array]] = {
    "weighted": lambda t: t.weights,
    "sum": lambda t: np.ones_like(t["y"]),
    "squares": lambda t: t["y"],
}
LOCAL: Mapping[Edge, Callable[[Tape], Array]] = {
    ("beta", "y"): lambda t: np.ones_like(t["beta"]),
    ("gamma", "y"): lambda t: t["u"],
    ("u", "y"): lambda t: t["gamma"],
    ("var", "u"): lambda t: -(t["z"] - t["mu"]) * (t["var"] + t.epsilon) ** -1.5 / 2,
    ("mu", "u"): lambda t: -((t["var"] + t.epsilon) ** -0.5),
    ("mu", "var"): lambda t: -2 * (t["z"] - t["mu"]).mean(axis=0),
    ("z", "u"): lambda t: (t["var"] + t.epsilon) ** -0.5,
    ("z", "var"): lambda t: 2 * (t["z"] - t["mu"]) / len(t["z"]),
    ("z", "mu"): lambda t: np.full_like(t["z"], 1 / len(t["z"])),
}
LOCAL_EVAL: Mapping[Edge, Callable[[Tape], Array]] = {
    **{edge: LOCAL[edge] for edge in (("beta", "y"), ("gamma", "y"), ("u", "y"))},
    ("z", "u"): lambda t: (t["running_var"] + t.epsilon) ** -0.5,
}


def chain(tape: Tape, edge: Edge) -> None:
    """The chain rule along one edge: ∂L/∂start += ∂L/∂end · ∂end/∂start.

    Summed over the batch where `start` is one number for all its rows.
    """
    start, end = edge
    share = tape.gradients[end] * tape.local[edge]
    before = tape.gradients.get(start, np.zeros_like(tape[start]))
    tape.gradients[start] = before + (share.sum(axis=0) if share.ndim > before.ndim else share)


class Derivation:
    """The steps of one batch: every value forward, ∂L/∂L = 1, then edge by edge back."""

    def __init__(self, mode: Mode, loss: Loss) -> None:
        train = mode == "train"
        self.forward = {**(TRAIN if train else EVAL), "loss": LOSSES[loss]}
        self.local = {("y", "loss"): SLOPES[loss], **(LOCAL if train else LOCAL_EVAL)}
        self.formulas = FORMULAS | ({} if train else EVAL_FORMULAS) | {"loss": LOSS_FORMULAS[loss]}
        self.names = tuple(self.forward)
        self.path = tuple(self.local)  # the edges that gradients come back along, in this order
        self.total = len(self.names) + 1 + len(self.path)
        self.used = {*self.path, *(e for e in EDGES if e[train].startswith("running"))}

    def __call__(self, tape: Tape, steps: int) -> Tape:
        """Write on `tape` what the first steps compute."""
        for name in self.names[:steps]:
            tape.values[name] = np.asarray(self.forward[name](tape))
            for edge in self.path:
                if edge[1] == name:
                    tape.local[edge] = np.asarray(self.local[edge](tape))
        if steps > len(self.names):
            tape.gradients["loss"] = np.ones(())
        for edge in self.path[: self._backward(steps)]:
            chain(tape, edge)
        return tape

    def now(self, steps: int) -> tuple[str | None, Edge | None]:
        """The node that the last of so many steps computed, and the edge it came back along."""
        if back := self._backward(steps):
            edge = self.path[back - 1]
            return edge[0], edge
        return (self.names[min(steps, len(self.names)) - 1] if steps else None), None

    def flow(self, steps: int) -> list[int]:
        """Of each edge: 0 not used yet, 1 used forward, 2 used back."""
        known, back = self.names[:steps], self.path[: self._backward(steps)]
        return [2 if e in back else int(e in self.used and e[1] in known) for e in EDGES]

    def _backward(self, steps: int) -> int:
        return max(0, steps - len(self.names) - 1)
