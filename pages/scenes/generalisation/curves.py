"""What the plots of fits have in common."""

from typing import Any

from core.fits.chirp import OUTSIDE
from dashboard.stage import Rule, Trace

TRUTH = (
    Trace("x_outside", "outside", "", "soft"),
    Trace("x_inside", "inside", "", "ink"),
)
AXES: dict[str, Any] = {
    "rules": (Rule(1.0, "no data beyond", axis="x"),),
    "x_range": (0.0, OUTSIDE),
    "y_range": (-2.3, 2.3),
    "x_title": "x",
}
