"""All that a page needs to declare its stage."""

from dashboard.stage.board import Board, Body, Disc, Route
from dashboard.stage.graph import Edge, Graph, Node
from dashboard.stage.marks import Color, Handles, Line, Outline, Path, Rule, Scatter, Trace
from dashboard.stage.panel import Panel, StageError
from dashboard.stage.panels import (
    Atlas,
    Bars,
    Contours,
    Curves,
    Grid,
    Heatmap,
    Images,
    Matrix,
    Pad,
    Plot,
    Points,
    Surface,
    Tokens,
    Vectors,
)
from dashboard.stage.stage import Stage
from dashboard.stage.unrolled import Unrolled

__all__ = [
    "Atlas",
    "Bars",
    "Board",
    "Body",
    "Color",
    "Contours",
    "Curves",
    "Disc",
    "Edge",
    "Graph",
    "Grid",
    "Handles",
    "Heatmap",
    "Images",
    "Line",
    "Matrix",
    "Node",
    "Outline",
    "Pad",
    "Panel",
    "Path",
    "Plot",
    "Points",
    "Route",
    "Rule",
    "Scatter",
    "Stage",
    "StageError",
    "Surface",
    "Tokens",
    "Trace",
    "Unrolled",
    "Vectors",
]
