"""A transformer, an LSTM and an RNN learn to foretell the same text."""

from core.experiments.sequences.language_training import LanguageTraining
from core.nets.language import Recurrent
from core.nets.transformer import Attention, Block, Decoder
from core.probes.language import surprise
from core.text.counting import bigram
from dashboard.lesson import HandOver, Preset, Scene
from dashboard.stage import Bars, Curves, Images, Line, Stage, Tokens
from pages.scenes.language_model.pieces import OWN_TEXT

STAGE = Stage(
    columns=(
        (
            Curves(
                title="Surprise per held-out piece",
                note="nats; dashed: counted",
                alt="Held-out loss of each net, step by step, and that of counting.",
                lines=(
                    Line("transformer.held_out", "transformer", "model"),
                    Line("lstm.held_out", "LSTM", "data"),
                    Line("rnn.held_out", "RNN", "c3"),
                    Line("singles", "singles", "soft", dashed=True),
                    Line("pairs", "pairs", "soft", dashed=True),
                ),
                y_range=(3.5, 8.0),
            ),
            Curves(
                title="Gradient norms",
                note="before clipping",
                alt="The norm of each net's gradient on the batch, step by step.",
                lines=(
                    Line("transformer.gradient", "transformer", "model"),
                    Line("lstm.gradient", "LSTM", "data"),
                    Line("rnn.gradient", "RNN", "c3"),
                ),
                log_y=True,
            ),
        ),
        (
            Tokens(
                title="Surprised by",
                note="the first net, on held-out text",
                alt="A held-out passage, each piece shaded by how little it was expected.",
                tokens="passage",
                weights="surprise",
            ),
            Images(
                title="Who listens to whom",
                note="a map per head; rows ask",
                alt="The attention weights of each head on the passage.",
                images="heads",
                columns=4,
            ),
            Bars(
                title="What it expects after the passage",
                alt="The eight likeliest next pieces and their probabilities.",
                values="chances",
                names="expected",
                colors="model",
                unit="%",
                value_range=(0.0, 1.0),
            ),
        ),
        (
            Tokens(
                title="The transformer writes",
                note="at temperature 0.8",
                alt="What the transformer wrote at the last evaluation.",
                tokens="transformer",
            ),
            Tokens(
                title="The LSTM writes",
                alt="What the LSTM wrote at the last evaluation.",
                tokens="lstm",
            ),
            Tokens(
                title="The RNN writes",
                alt="What the RNN wrote at the last evaluation.",
                tokens="rnn",
            ),
        ),
    ),
    widths=(1.04, 0.98, 0.88),
)

SCENE = Scene(
    key="train",
    name="Learning to foretell",
    experiment="language_training",
    stage=STAGE,
    presets=(
        Preset(name="Fast"),
        Preset(
            name="Course",
            settings={
                "pieces": 2048,
                "share": 1,
                "context": 128,
                "dim": 256,
                "layers": 4,
                "mlp": 512,
            }
            | {"batch_size": 64, "learning_rate": 3e-4, "steps": 2000, "nets": ("transformer",)},
        ),
        Preset(name="Break it", settings={"learning_rate": 5.0, "clip": 1000}),
    ),
    code=(LanguageTraining.step, Decoder, Block, Attention, Recurrent, surprise, bigram),
    speed=None,
    own_data=(OWN_TEXT,),
    hand_over=HandOver(label="Write with what this has learnt", scene="write", setting="weights"),
)
