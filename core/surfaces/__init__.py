"""Surfaces to descend, by name, each with its analytic gradient."""

from __future__ import annotations

from typing import Literal

from core.surfaces.beale import BEALE
from core.surfaces.himmelblau import HIMMELBLAU
from core.surfaces.own import own
from core.surfaces.quadratic import QUADRATIC
from core.surfaces.rosenbrock import ROSENBROCK
from core.surfaces.saddle import SADDLE
from core.surfaces.spiral import SPIRAL
from core.surfaces.surface import (
    Extent,
    Points,
    Surface,
    Values,
    drawn_height,
    floor,
    grid,
    including,
)

SurfaceName = Literal["spiral", "quadratic", "rosenbrock", "beale", "saddle", "himmelblau", "own"]

SURFACES: dict[SurfaceName, Surface] = {
    "spiral": SPIRAL,
    "quadratic": QUADRATIC,
    "rosenbrock": ROSENBROCK,
    "beale": BEALE,
    "saddle": SADDLE,
    "himmelblau": HIMMELBLAU,
}

LABELS: dict[SurfaceName, str] = {name: surface.label for name, surface in SURFACES.items()}
LABELS["own"] = "your own"

__all__ = [
    "LABELS",
    "SURFACES",
    "Extent",
    "Points",
    "Surface",
    "SurfaceName",
    "Values",
    "drawn_height",
    "floor",
    "grid",
    "including",
    "own",
]
