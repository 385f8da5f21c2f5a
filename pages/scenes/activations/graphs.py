"""What several scenes draw of every function: its graph, its slope, where it stands."""

from core.functions import activations
from dashboard.stage import Color, Line, Plot, Rule, Scatter, Trace

Named = dict[str, tuple[str, Color]]  # of each function: its label and colour

ACTIVATIONS: Named = {
    "relu": (activations.LABELS["relu"], "c0"),
    "leaky_relu": (activations.LABELS["leaky_relu"], "c1"),
    "elu": (activations.LABELS["elu"], "c4"),
    "gelu": (activations.LABELS["gelu"], "c2"),
    "softplus": (activations.LABELS["softplus"], "c5"),
    "tanh": (activations.LABELS["tanh"], "c6"),
    "sigmoid": (activations.LABELS["sigmoid"], "c3"),
}


def graphs(of: Named) -> tuple[Trace, ...]:
    """Every function, and a piece of its tangent."""
    tangents = [
        Trace(f"{name}.tangent_x", f"{name}.tangent_y", "", "gradient", dashed=True) for name in of
    ]
    return (*lines("graph", of), *tangents)


def lines(what: str, of: Named) -> tuple[Trace, ...]:
    """An array of every function over the grid."""
    return tuple(Trace("grid", f"{name}.{what}", *looks) for name, looks in of.items())


def dots(what: str, of: Named) -> tuple[Scatter, ...]:
    """Where every function stands."""
    return tuple(Scatter(f"{name}.{what}", "", color) for name, (_, color) in of.items())


def columns(what: str, of: Named) -> tuple[Line, ...]:
    """A scalar of every function."""
    return tuple(Line(f"{name}.{what}", *looks) for name, looks in of.items())


def activation_plots(*rules: Rule) -> tuple[Plot, Plot]:
    """The activations above their slopes."""
    return (
        Plot(
            title="Output f(z)",
            note="dashed: tangents",
            alt="The activations, where a point is on each, and its tangent.",
            lines=graphs(ACTIVATIONS),
            scatters=dots("point", ACTIVATIONS),
            rules=rules,
            x_title="z",
            x_range=(-6, 6),
            y_range=(-2, 4),
        ),
        Plot(
            title="Slope f′(z)",
            note="what passes back",
            alt="The derivatives of the activations, and where the points are on them.",
            lines=lines("derivative", ACTIVATIONS),
            scatters=dots("slope", ACTIVATIONS),
            x_title="z",
            x_range=(-6, 6),
            y_range=(-0.25, 1.25),
        ),
    )
