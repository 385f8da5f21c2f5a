"""One query, five keys and values: all can be dragged."""

from core.experiments.sequences.attention_lookup import AttentionLookup
from core.nets.transformer import attend
from dashboard.lesson import Preset, Scene
from dashboard.stage import Bars, Curves, Handles, Line, Stage, Vectors

EXTENT = (-2.0, 2.0, -2.0, 2.0)

STAGE = Stage(
    columns=(
        (
            Vectors(
                title="Query and keys",
                note="drag them; thick: much heard",
                alt="The query and five keys as arrows from the origin, as thick as their weights.",
                sets=(
                    Handles("keys", "key_names", "classes", weights="weights", setting="keys"),
                    Handles("query", ("q",), "ink", setting="query_at"),
                ),
                extent=EXTENT,
            ),
        ),
        (
            Vectors(
                title="Values and what is heard",
                note="drag; h: weighted mean",
                alt="Five values as arrows from the origin, as thick as their weights, and their"
                " weighted mean.",
                sets=(
                    Handles(
                        "values", "value_names", "classes", weights="weights", setting="values"
                    ),
                    Handles("heard", ("h",), "ink"),
                ),
                extent=EXTENT,
                path="path",
            ),
        ),
        (
            Bars(
                title="Weights",
                note="softmax of β q·k",
                alt="The attention weight of each key.",
                values="weights",
                names="key_names",
                colors="classes",
                value_range=(0.0, 1.0),
                unit="%",
            ),
            Curves(
                title="While the query turns",
                note="weight per key",
                alt="The weights of the keys over one turn of the query.",
                lines=(
                    Line("w1", "k1", "c0"),
                    Line("w2", "k2", "c1"),
                    Line("w3", "k3", "c2"),
                    Line("w4", "k4", "c3"),
                    Line("w5", "k5", "c4"),
                ),
                y_range=(0.0, 1.0),
            ),
        ),
    ),
    widths=(1.15, 1.15, 0.9),
)

SCENE = Scene(
    key="lookup",
    name="Ask",
    experiment="attention_lookup",
    stage=STAGE,
    presets=(
        Preset(name="Mix"),
        Preset(name="Copy", settings={"beta": 50.0}),
        Preset(name="Average", settings={"beta": 0.0}),
        Preset(name="Break it", settings={"length": 3.0, "beta": 4.0}),
    ),
    code=(attend, AttentionLookup.look, AttentionLookup.keys),
    speed=10,
)
