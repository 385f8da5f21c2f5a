"""What attention knows of order: shuffles, positions, causal masks."""

from core.experiments.sequences.attention_order import AttentionOrder
from core.nets.transformer import Attention, causal
from dashboard.lesson import Preset, Scene
from dashboard.stage import Curves, Heatmap, Images, Line, Stage

STAGE = Stage(
    columns=(
        (
            Heatmap(
                title="Who listens to whom",
                note="mean of heads; rows ask",
                alt="Attention weights between the words, a row for each word that asks.",
                values="mean",
                names="names",
            ),
            Images(
                title="Heads",
                alt="Attention weights of each head.",
                images="weights",
                columns=5,
                captions="heads",
            ),
        ),
        (
            Heatmap(
                title="Who has an influence",
                note="column: word changed; rows: what others are told",
                alt="How much a change of each word changes what each word is told.",
                values="influence",
                names="names",
            ),
            Curves(
                title="Differences",
                note="in what words are told",
                alt="Differences made by a shuffle, and by a changed word before and after it.",
                lines=(
                    Line("shuffled", "shuffled", "wrong"),
                    Line("before", "before the word", "data"),
                    Line("after", "from it on", "model"),
                ),
                x_title="word changed",
            ),
        ),
    ),
)

SCENE = Scene(
    key="order",
    name="Order",
    experiment="attention_order",
    stage=STAGE,
    presets=(
        Preset(name="A set"),
        Preset(name="A sequence", settings={"positions": True}),
        Preset(name="No future", settings={"positions": True, "causal": True}),
    ),
    code=(AttentionOrder.step, AttentionOrder.shuffled, AttentionOrder.listen, Attention, causal),
    speed=2,
)
