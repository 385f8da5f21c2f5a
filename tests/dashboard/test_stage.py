"""Declarations of panels, and the bundle that draws them."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path as File
from typing import Any

import pytest

from dashboard.export import replay_html
from dashboard.stage import (
    Atlas,
    Bars,
    Board,
    Body,
    Contours,
    Curves,
    Disc,
    Edge,
    Graph,
    Grid,
    Handles,
    Heatmap,
    Images,
    Line,
    Matrix,
    Node,
    Outline,
    Panel,
    Path,
    Plot,
    Points,
    Route,
    Rule,
    Scatter,
    Stage,
    StageError,
    Surface,
    Tokens,
    Trace,
    Unrolled,
    Vectors,
    bundle,
)

MODULES = sorted((File(bundle.__file__).parent / "js").glob("*.js"))
NAMES = re.compile(r"^(?:export )?(?:async )?(?:class|const|let|function\*?) (\w+)", re.MULTILINE)
LINE = Line("loss", "training", "data")
TRACE = Trace("x", "y", "fit", "model")
NAMED: dict[str, Any] = {"title": "A title", "alt": "What is drawn."}


def graph(*edges: tuple[str, str], nodes: str = "xwzl", **more: Any) -> Graph:
    """A graph of nodes with one letter each."""
    return Graph(
        **NAMED,
        nodes=tuple(Node(key=key, label=key, **more) for key in nodes),
        edges=tuple(Edge(start=start, end=end) for start, end in edges),
        progress="p",
    )


def labelled(label: str, at: tuple[float, float] | None = None) -> Graph:
    nodes = (Node(key="a", label=label, at=at), Node(key="b", label="b"))
    return Graph(**NAMED, nodes=nodes, edges=(), progress="p")


def board(disc: Disc) -> Board:
    return Board(**NAMED, extent=(0, 1, 0, 1), discs=(disc,))


PANELS: list[Panel] = [
    Curves(**NAMED, lines=(LINE,), log_y=True, y_range=(0.1, 2)),
    Points(**NAMED, points="x", labels="y", classes=("a", "b"), extent=(-1, 1, -2, 2)),
    Contours(**NAMED, grid="z", extent="e", paths=(Path("x", "y", "SGD", "model"),), pick=True),
    Surface(**NAMED, grid="z", extent="e"),
    Atlas(**NAMED, image="i", extent="e", places="p", x_title="z1", settings=("a", "b")),
    Heatmap(**NAMED, values="v", scale="signed"),
    Heatmap(**NAMED, values="v", value_range="r"),
    Heatmap(**NAMED, values="v", rows=("a", "b")),
    Heatmap(**NAMED, values="v", extent="e", log_x=True, framed="best"),
    Grid(**NAMED, values="v", scale="grey", outlines=(Outline("b", "model"),), names=("a",)),
    Images(**NAMED, images="i", columns=4, captions="c"),
    Bars(**NAMED, values="v", names=("a", "b"), colors="classes", target=0.9, unit="%"),
    Bars(**NAMED, values="v", names="n", upright=True),
    Board(
        **NAMED,
        extent=(0, 512, 0, 512),
        bodies=(Body("t", "the T", "ink"), Body("goal", "goal", "right", hollow=True)),
        routes=(Route("plans", "plan", "model", dots=True), Route("trail", "", "soft", thin=True)),
        discs=(Disc("pusher", "pusher", "accent", 15),),
        settings=("x", "y"),
    ),
    Matrix(**NAMED, values="v", names="n"),
    Tokens(**NAMED, tokens="t", weights="w", chosen="c"),
    Unrolled(
        **NAMED,
        states="h",
        hears="x",
        says="y",
        wanted="z",
        gates="g",
        gate_names="n",
        strength="s",
    ),
    Vectors(**NAMED, sets=(Handles("p", ("a",), "model", "w", "keys"),), extent=(-1, 1, -1, 1)),
    Plot(
        **NAMED,
        lines=(Trace("x", "y", "fit", "model", band=("low", "high")),),
        scatters=(Scatter("points", "data", "data", faint=True),),
        rules=(Rule(1.5, "aim"), Rule("edge", "edge", axis="x")),
        log_x=True,
        x_range=(0.1, 2),
    ),
    graph(("x", "z"), ("z", "l")),
]

REFUSED: list[tuple[str, Callable[[], object]]] = [
    ("needs a title", lambda: Matrix(title=" ", alt="a", values="v", names="n")),
    ("needs an `alt`", lambda: Matrix(title="t", alt="", values="v", names="n")),
    ("at least one line", lambda: Curves(**NAMED, lines=())),
    ("no colour “pink”", lambda: Curves(**NAMED, lines=(Line("a", "a", "pink"),))),
    ("labels that differ", lambda: Curves(**NAMED, lines=(LINE, LINE))),
    ("from low to high", lambda: Curves(**NAMED, lines=(LINE,), y_range=(1, 0))),
    ("above zero", lambda: Curves(**NAMED, lines=(LINE,), log_y=True, y_range=(0, 1))),
    ("one line or scatter", lambda: Plot(**NAMED, rules=(Rule(1.0, "a"),))),
    ("no colour “pink”", lambda: Plot(**NAMED, scatters=(Scatter("a", "a", "pink"),))),
    ("labels that differ", lambda: Plot(**NAMED, lines=(TRACE,), rules=(Rule(0, "fit"),))),
    ("`x_range` above zero", lambda: Plot(**NAMED, lines=(TRACE,), log_x=True, x_range=(0, 1))),
    ("`y_range` from low", lambda: Plot(**NAMED, lines=(TRACE,), y_range=(1, 1))),
    ("1 to 10 classes", lambda: Points(**NAMED, points="x", classes=tuple("abcdefghijk"))),
    ("needs an `extent`", lambda: Points(**NAMED, points="x", background="b")),
    ("from low to high", lambda: Points(**NAMED, points="x", extent=(0, 1, 2, 2))),
    ("above zero", lambda: Points(**NAMED, points="x", size=0)),
    ("no scale “warm”", lambda: Heatmap(**NAMED, values="v", scale="warm")),
    ("or neither", lambda: Heatmap(**NAMED, values="v", scale="classes")),
    ("or neither", lambda: Heatmap(**NAMED, values="v", classes=("a",))),
    ("for rows or an", lambda: Heatmap(**NAMED, values="v", rows="n", extent="e")),
    ("for log axes and frames", lambda: Heatmap(**NAMED, values="v", framed="best")),
    ("no scale “warm”", lambda: Grid(**NAMED, values="v", scale="warm")),
    ("no colour “pink”", lambda: Grid(**NAMED, values="v", outlines=(Outline("b", "pink"),))),
    ("from low to high", lambda: Grid(**NAMED, values="v", value_range=(1, 0))),
    ("one set of points", lambda: Vectors(**NAMED, sets=(), extent=(-1, 1, -1, 1))),
    ("one body, way or disc", lambda: Board(**NAMED, extent=(0, 1, 0, 1))),
    ("no colour “pink”", lambda: board(Disc("p", "p", "pink", 1))),
    ("`radius` above zero", lambda: board(Disc("p", "p", "ink", 0))),
    ("one column", lambda: Images(**NAMED, images="i", columns=0)),
    ("no colour", lambda: Bars(**NAMED, values="v", names="n", colors="red")),
    ("at least one node", lambda: graph(nodes="")),
    ("keys that differ", lambda: graph(nodes="xx")),
    ("no node “y”", lambda: graph(("x", "y"))),
    ("in no circle", lambda: graph(("x", "z"), ("z", "x"))),
    ("LaTeX “\\nonsense x”", lambda: labelled(r"\nonsense x")),
    ("LaTeX “x_”", lambda: labelled("x_")),
    ("LaTeX “\\begin", lambda: labelled(r"\begin{matrix}a\end{matrix}")),
    ("for all nodes, or for none", lambda: labelled("x", at=(0.0, 0.0))),
    ("in every column", lambda: Stage(columns=())),
    ("in every column", lambda: Stage(columns=((),))),
    ("one width", lambda: Stage(columns=((PANELS[0],),), widths=(1, 2))),
    ("titles, or keys", lambda: Stage(columns=((PANELS[0], PANELS[1]),))),
]


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: type(panel).__name__)
def test_a_panel_crosses_to_the_browser_whole(panel: Panel) -> None:
    declared = json.loads(json.dumps(panel.to_json()))
    assert declared["kind"] == type(panel).__name__.lower()
    assert declared["key"] == "A title"
    assert declared["alt"] == "What is drawn."
    assert set(declared) == {"kind", *vars(panel)}


def test_a_graph_crosses_with_formulae_and_places() -> None:
    declared = graph(("x", "z"), ("w", "z"), ("z", "l"), ("b", "l"), nodes="xwbzl").to_json()
    assert declared["nodes"][0]["label"].startswith("<math ")
    assert {node["key"]: node["at"] for node in declared["nodes"]} == {
        "x": (0, 0),
        "w": (0, 1),
        "b": (1, 0),  # beside what it enters
        "z": (1, 1),
        "l": (2, 0.5),
    }
    placed = graph(nodes="a", at=(3.0, 1.5)).to_json()
    assert placed["nodes"][0]["at"] == (3.0, 1.5)


def test_a_stage_keeps_its_layout() -> None:
    first, second, third = (Matrix(title=t, alt=t, values="v", names="n") for t in "abc")
    declared = Stage(columns=((first,), (second, third)), widths=(1, 0.8)).to_json()
    assert [[panel["title"] for panel in column] for column in declared["columns"]] == [
        ["a"],
        ["b", "c"],
    ]
    assert declared["widths"] == [1, 0.8]
    assert Stage(columns=((first,), (second,))).to_json()["widths"] == [1, 1]


@pytest.mark.parametrize(("cure", "declare"), REFUSED)
def test_what_cannot_be_drawn_is_refused(cure: str, declare: Callable[[], object]) -> None:
    with pytest.raises(StageError, match=re.escape(cure)):
        declare()


def test_the_bundle_is_one_module_with_one_export() -> None:
    source = bundle.bundle()
    assert re.findall(r"^(?:import|export)\b.*", source, re.MULTILINE) == ["export { mount };"]
    assert source.endswith("export { mount };\n")
    for module in MODULES:
        for name in NAMES.findall(module.read_text("utf-8")):
            assert re.search(rf"^(?:async )?(?:class|const|let|function\*?) {name}\b", source, re.M)


def test_top_level_names_differ_between_modules() -> None:
    names = Counter(name for module in MODULES for name in NAMES.findall(module.read_text("utf-8")))
    assert [name for name, count in names.items() if count > 1] == []


def test_the_version_is_that_of_the_bundle() -> None:
    assert re.fullmatch(r"[0-9a-f]{12}", bundle.version())


def test_a_replay_carries_plotly_only_where_it_is_needed() -> None:
    flat = Stage(columns=((PANELS[0],),)).to_json()
    solid = Stage(columns=((PANELS[3],),)).to_json()
    assert len(replay_html("t", "q", flat, [])) < 300_000
    assert "Plotly" in replay_html("t", "q", solid, [])[:5_000_000]
    assert len(replay_html("t", "q", solid, [])) > 4_000_000
