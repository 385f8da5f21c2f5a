"""An LSTM learns the temporal order of two marks: loss, gradient norm and steps, aligned."""

from core.data.temporal_order import orders
from core.experiments.sequences.loss_spikes import LossSpikes
from core.nets.cells import LSTM
from core.probes.spikes import Spikes
from dashboard.lesson import Preset, Scene
from dashboard.stage import Curves, Line, Matrix, Stage, Unrolled

STAGE = Stage(
    columns=(
        (
            Curves(
                title="Gradient norm",
                note="before clipping",
                alt="The norm of the gradient of the loss by all weights, step by step.",
                lines=(Line("norm", "", "gradient"),),
                log_y=True,
            ),
            Curves(
                title="Loss",
                note="of the batch",
                alt="The cross-entropy of each batch, step by step.",
                lines=(Line("loss", "", "data"),),
                log_y=True,
            ),
            Curves(
                title="Longest move of a weight",
                note="in units of η",
                alt="The largest change of any weight at each step, divided by the learning rate.",
                lines=(Line("move", "", "model"),),
                y_range=(0.0, 10.0),
            ),
        ),
        (
            Unrolled(
                title="One sequence",
                note="arrows: gradient from the end",
                alt="Symbols that are heard, the LSTM's memory c, its gates, the class it says.",
                states="states",
                hears="hears",
                says="says",
                wanted="wanted",
                gates="gates",
                gate_names=LSTM.gates,
                strength="strength",
            ),
        ),
        (
            Curves(
                title="Right",
                note="of 400 held-out sequences",
                alt="The share of held-out sequences that are classified rightly.",
                lines=(Line("accuracy", "", "right"),),
                y_range=(0.0, 1.0),
            ),
            Matrix(
                title="What is taken for what",
                alt="How many held-out sequences of each class are taken for each.",
                values="counts",
                names=("Q", "R", "S", "U"),
            ),
        ),
    ),
    widths=(0.9, 1.25, 0.75),
)

SCENE = Scene(
    key="train",
    name="Train",
    experiment="loss_spikes",
    stage=STAGE,
    presets=(
        Preset(name="Fast"),
        Preset(name="Course", settings={"level": "published", "learning_rate": 0.001}),
        Preset(
            name="Cured",
            settings={"level": "published", "batches": 1_000, "learning_rate": 0.005}
            | {"grow": True, "schedule": "cosine"},
        ),
        Preset(name="Break it", settings={"learning_rate": 0.1}),
    ),
    code=(LossSpikes.step, LossSpikes.rate, Spikes, LSTM, orders),
    speed=None,
)
