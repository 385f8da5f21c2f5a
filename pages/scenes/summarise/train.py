"""An encoder-decoder learns to sum up docstrings."""

from core.data.docstrings import split
from core.data.summaries import keep_pairs
from core.experiments.sequences.summary_training import SummaryTraining
from core.nets.transformer import EncoderDecoder
from core.probes.summaries import summarise
from core.text.padded import masked_loss, pad
from dashboard.lesson import HandOver, OwnData, Preset, Scene
from dashboard.stage import Curves, Heatmap, Line, Stage, Tokens

OWN_PAIRS = OwnData(
    setting="data",
    types=("jsonl", "json", "txt"),
    help='JSON lines, {"article": "…", "summary": "…"}, at least 200; a tenth is held out. Of an'
    " article the first 64 pieces are read.",
    read=keep_pairs,
    label="Your own summaries",
    megabytes=20,
)

STAGE = Stage(
    columns=(
        (
            Tokens(
                title="A text it never learnt from",
                note="shaded: listened to",
                alt="A held-out text in pieces, shaded by how much the decoder listens to each.",
                tokens="pieces",
                weights="heard",
            ),
            Tokens(
                title="Its author's summary",
                alt="The summary that belongs to the text.",
                tokens="truth",
            ),
            Tokens(
                title="The net's summary",
                note="likeliest pieces",
                alt="What the net wrote of the text at the last evaluation.",
                tokens="says",
            ),
        ),
        (
            Curves(
                title="Surprise per piece",
                note="nats, padding masked",
                alt="Loss on batches and on held-out pairs, step by step.",
                lines=(
                    Line("held_out", "held out", "model"),
                    Line("training", "batch", "data"),
                ),
            ),
            Heatmap(
                title="Where the decoder looks",
                note="last layer, mean of heads",
                alt="Attention of each piece written to each piece read.",
                values="attention",
                x_title="piece read",
                y_title="piece written",
                value_range=(0.0, 0.5),
            ),
        ),
    ),
    widths=(1.2, 0.8),
)

SCENE = Scene(
    key="train",
    name="Summing up",
    experiment="summary_training",
    stage=STAGE,
    presets=(
        Preset(name="Fast"),
        Preset(name="Course", settings={"steps": 5000, "dim": 256, "layers": 3, "heads": 8}),
        Preset(name="Break it", settings={"learning_rate": 5.0}),
    ),
    code=(SummaryTraining.step, EncoderDecoder, masked_loss, pad, summarise, split),
    speed=None,
    own_data=(OWN_PAIRS,),
    hand_over=HandOver(
        label="Let this net teach a small one", scene="distil", setting="weights", carry=("data",)
    ),
)
