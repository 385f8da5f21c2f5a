"""All that a page needs to declare its stage."""

from dashboard.stage.panels import (
    Bars,
    Color,
    Contours,
    Curves,
    Heatmap,
    Images,
    Line,
    Matrix,
    Panel,
    Path,
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
    "Heatmap",
    "Images",
    "Line",
    "Matrix",
    "Panel",
    "Path",
    "Points",
    "Stage",
    "StageError",
    "Surface",
    "Tokens",
]
