"""How far back a gradient reaches through untrained cells, by their initial scale."""

from core.experiments.sequences.recurrent_reach import RecurrentReach
from core.nets.cells import GRU, LSTM, RNN, AttentionRNN, Gated
from core.probes.memory import jacobians, reach
from dashboard.lesson import Preset, Scene
from dashboard.stage import Heatmap, Plot, Rule, Stage, Trace

STAGE = Stage(
    columns=(
        (
            Plot(
                title="‖∂h_{t}/∂h_{s}‖ by distance t − s",
                note="six cells at this scale",
                alt="The norm of the Jacobian of the last state by earlier ones, for six cells.",
                lines=(
                    Trace("distance", "rnn", "RNN", "c0"),
                    Trace("distance", "lstm", "LSTM", "c1"),
                    Trace("distance", "gru", "GRU", "c2"),
                    Trace("distance", "gated", "Gated", "c3"),
                    Trace("distance", "attention", "Attention(k)", "c4"),
                    Trace("distance", "attention_all", "Attention(∞)", "c5"),
                ),
                rules=(Rule(1.0, ""),),
                log_y=True,
                y_range=(1e-8, 1e8),
                x_title="steps back",
            ),
        ),
        (
            Heatmap(
                title="The chosen cell, scale by scale",
                note="powers of ten",
                alt="The same norm of the chosen cell as a map over initial scale and distance.",
                values="map",
                extent="extent",
                scale="signed",
                value_range="powers",
                x_title="initial scale",
                y_title="steps back",
            ),
            Plot(
                title="Parameters by k",
                note="of these many units",
                alt="How many parameters each cell has, by the number of states attended to.",
                lines=(
                    Trace("ks", "size.attention", "Attention(k)", "c4"),
                    Trace("ks", "size.attention_all", "tied, or ∞", "c5"),
                    Trace("ks", "size.rnn", "RNN", "c0", dashed=True),
                    Trace("ks", "size.gru", "GRU", "c2", dashed=True),
                    Trace("ks", "size.lstm", "LSTM", "c1", dashed=True),
                ),
                x_title="states attended to, k",
            ),
        ),
    ),
    widths=(1.1, 1.0),
)

SCENE = Scene(
    key="reach",
    name="Reach",
    experiment="recurrent_reach",
    stage=STAGE,
    presets=(
        Preset(name="Fast"),
        Preset(name="Long", settings={"length": 200, "scales": 100}),
        Preset(name="Break it", settings={"cell": "attention", "scale": 4.0}),
    ),
    code=(
        RecurrentReach.step,
        RecurrentReach.reach,
        jacobians,
        reach,
        RNN,
        LSTM,
        GRU,
        Gated,
        AttentionRNN,
    ),
    speed=None,
)
