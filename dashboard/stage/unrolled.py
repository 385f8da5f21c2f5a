"""The panel of a recurrent net along time; `js/unrolled.js` draws it."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.stage.panel import Names, Panel


@dataclass(frozen=True, kw_only=True)
class Unrolled(Panel):
    """A recurrent net along time: at each step it hears, hands a state on, and says something.

    `hears`, `says` and `wanted` are text arrays (T,); nothing is wanted where the text is empty.
    `states` (units, T) are columns of signed colours, the gates (G, T) bars from 0 to 1 with names
    `gate_names`. `strength` (T,) are norms: the arrow back to a state is as thick as its logarithm,
    full at 1 and none at 1e-4.
    """

    states: str
    hears: str
    says: str
    wanted: str
    gates: str
    gate_names: Names
    strength: str
