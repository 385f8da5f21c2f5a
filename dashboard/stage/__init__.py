"""All that a page needs to declare its stage."""

from dashboard.stage.graph import Edge, Graph, Node
from dashboard.stage.marks import Color, Line, Path, Rule, Scatter, Trace
from dashboard.stage.panels import (
    Bars,
    Contours,
    Curves,
    Heatmap,
    Images,
    Matrix,
    Panel,
    Plot,
    Points,
    StageError,
    Surface,
    Tokens,
)
from dashboard.stage.stage import Stage

__all__ = [
    "Bars",
    "Color",
    "Contours",
    "Curves",
    "Edge",
    "Graph",
    "Heatmap",
    "Images",
    "Line",
    "Matrix",
    "Node",
    "Panel",
    "Path",
    "Plot",
    "Points",
    "Rule",
    "Scatter",
    "Stage",
    "StageError",
    "Surface",
    "Tokens",
    "Trace",
]
