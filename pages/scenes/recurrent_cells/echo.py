"""A recurrent cell learns to echo letters, seen along time."""

from core.data.echo import echoes
from core.experiments.sequences.recurrent_echo import RecurrentEcho
from core.nets.cells import GRU, LSTM, RNN, AttentionRNN, Gated, unroll
from core.probes.memory import jacobians
from dashboard.lesson import Preset, Scene
from dashboard.stage import Curves, Line, Plot, Rule, Stage, Trace, Unrolled

STAGE = Stage(
    columns=(
        (
            Unrolled(
                title="One sequence, unrolled in time",
                note="arrows: how much gradient comes back from the last state",
                alt="Letters that are heard, hidden states, gates, and letters that are said.",
                states="states",
                hears="hears",
                says="says",
                wanted="wanted",
                gates="gates",
                gate_names="gate_names",
                strength="strength",
            ),
        ),
        (
            Curves(
                title="Echoed rightly",
                note="held-out letters",
                alt="The share of letters that are echoed rightly, step by step.",
                lines=(Line("accuracy", "", "right"),),
                y_range=(0.0, 1.0),
            ),
            Plot(
                title="‖∂h_{t}/∂h_{s}‖ by distance t − s",
                note="dashed: before training",
                alt="The norm of the Jacobian of the last state by earlier ones, by distance.",
                lines=(
                    Trace("distance", "reach_start", "", "soft", dashed=True),
                    Trace("distance", "reach", "by h", "gradient"),
                    Trace("distance", "cell_reach", "by c", "model"),
                ),
                rules=(Rule("delay", "the echo", axis="x"),),
                log_y=True,
                y_range=(1e-6, 1e2),
                x_title="steps back",
            ),
            Curves(
                title="Gradient norm",
                note="of the batch, before clipping",
                alt="The norm of the gradient of the loss by all weights, step by step.",
                lines=(Line("norm", "", "gradient"),),
                log_y=True,
            ),
        ),
    ),
    widths=(1.55, 0.9),
)

SCENE = Scene(
    key="echo",
    name="Echo",
    experiment="recurrent_echo",
    stage=STAGE,
    presets=(
        Preset(name="Fast"),
        Preset(
            name="Course",
            settings={"cell": "gru", "variable": True, "width": 64, "batches": 2_000},
        ),
        Preset(name="Break it", settings={"delay": 12, "scale": 0.1}),
    ),
    code=(RecurrentEcho.step, RNN, LSTM, GRU, Gated, AttentionRNN, unroll, jacobians, echoes),
    speed=None,
)
