"""The panel of a computation graph: what it is made of, in Python; `js/graph.js` draws it.

Labels are LaTeX here and MathML in the browser, which sets them on the canvas itself, so that
a saved PNG or SVG shows the formulae as the screen does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from typing import Any

from latex2mathml.converter import convert

from dashboard.stage.panel import Panel

# What js/formula.js can set.
_TAGS = {
    "math", "mrow", "mstyle", "mpadded", "mi", "mn", "mo", "mtext", "mspace", "msub", "msup",
    "msubsup", "munder", "mover", "munderover", "mfrac", "msqrt",
}  # fmt: skip
Place = tuple[float, float]  # column from the left, row from the top


@dataclass(frozen=True, kw_only=True)
class Node:
    """A quantity. `value` and `gradient` name arrays of any shape, of one shape where both are.

    Such an array keeps its shape throughout a run: NaN stands where there is nothing yet.
    """

    key: str
    label: str  # LaTeX
    value: str | None = None
    gradient: str | None = None
    at: Place | None = None  # by the edges, if None for all nodes


@dataclass(frozen=True, kw_only=True)
class Edge:
    """One quantity enters the formula of another. `local` names the local derivative's array."""

    start: str
    end: str
    label: str = ""  # LaTeX
    local: str | None = None
    label_at: float = 0.5  # part of the way from start to end


@dataclass(frozen=True, kw_only=True)
class Graph(Panel):
    """A computation graph that lights up node by node, forward and then back.

    `progress` (N,) says of each node, in the order declared: 0 nothing yet, 1 the value is
    there, 2 the gradient as well. `active` (1,) or (2,) holds the index of the node that is
    computed now, and of the edge it is computed along; -1 is none. `flow` (E,) says of each
    edge: 0 not used yet, 1 used forward, 2 used back; without it this follows from `progress`.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    progress: str
    active: str | None = None
    flow: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The declaration as the browser reads it: MathML for LaTeX, a place for every node."""
        places = self._places()
        nodes = [
            asdict(node) | {"label": _mathml(node.label), "at": places[node.key]}
            for node in self.nodes
        ]
        edges = [
            asdict(edge) | {"label": _mathml(edge.label) if edge.label else ""}
            for edge in self.edges
        ]
        return super().to_json() | {"nodes": nodes, "edges": edges}

    def _check(self) -> None:
        keys = [node.key for node in self.nodes]
        self._require(bool(keys), "needs at least one node")
        self._require(len(set(keys)) == len(keys), "needs keys that differ for its nodes")
        for edge in self.edges:
            for end in (edge.start, edge.end):
                self._require(end in keys, f"has no node “{end}” for its edge")
            self._require(0 <= edge.label_at <= 1, "needs `label_at` from 0 to 1")
        placed = [node.at is not None for node in self.nodes]
        self._require(all(placed) or not any(placed), "needs a place for all nodes, or for none")
        for label in (*(n.label for n in self.nodes), *(e.label for e in self.edges if e.label)):
            self._require(_is_set(label), f"cannot set the LaTeX “{label}”")
        try:
            self._places()
        except CycleError:
            self._require(False, "needs edges that lead in no circle")

    def _places(self) -> Mapping[str, Place]:
        """Columns by the longest way to a node; rows in the order declared, about the middle."""
        sources = {
            node.key: [e.start for e in self.edges if e.end == node.key] for node in self.nodes
        }
        order = list(TopologicalSorter(sources).static_order())
        if given := {node.key: node.at for node in self.nodes if node.at is not None}:
            return given
        column: dict[str, int] = {}
        for key in order:
            column[key] = 1 + max((column[source] for source in sources[key]), default=-1)
        for key in order:  # what enters late stands beside where it enters
            used = [column[edge.end] for edge in self.edges if edge.start == key]
            if not sources[key] and used:
                column[key] = min(used) - 1
        stacks = [[k for k in sources if column[k] == c] for c in range(max(column.values()) + 1)]
        most = max(map(len, stacks))
        return {
            key: (float(x), i + (most - len(stack)) / 2)
            for x, stack in enumerate(stacks)
            for i, key in enumerate(stack)
        }


@cache
def _mathml(latex: str) -> str:
    return convert(latex)


def _is_set(latex: str) -> bool:
    """Whether all of it is understood: the converter passes on commands it does not know."""
    try:
        mathml = _mathml(latex)
    except Exception:  # the converter raises many kinds, IndexError among them
        return False
    return "\\" not in mathml and set(re.findall(r"<(\w+)", mathml)) <= _TAGS
