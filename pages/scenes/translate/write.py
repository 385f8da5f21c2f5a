"""A trained transformer writes letter by letter."""

from core.decoding import next_probabilities
from core.experiments.sequences.translate_writing import TranslateWriting
from core.nets.transformer import Attention
from core.translation.pig_latin import dressed, read_sentence
from core.translation.writing import Decoding
from dashboard.lesson import HandOver, Preset, Scene
from dashboard.stage import Bars, Curves, Heatmap, Images, Line, Stage, Tokens

LONG = "she sells sea shells by the quiet shore every bright summer morning"

STAGE = Stage(
    columns=(
        (
            Tokens(
                title="What it reads",
                note="shaded: where it looked",
                alt="The letters read, shaded by the cross-attention of the newest letter.",
                tokens="read",
                weights="read_weights",
            ),
            Tokens(
                title="What it had written",
                note="shaded: where it looked",
                alt="The letters before the newest, shaded by its attention to them.",
                tokens="begun",
                weights="begun_weights",
            ),
            Bars(
                title="The newest letter",
                note="the likeliest six",
                alt="The probabilities of the six likeliest characters for the newest letter.",
                values="best",
                names="best_names",
                colors="model",
                value_range=(0.0, 1.0),
                unit="%",
            ),
        ),
        (
            Heatmap(
                title="Attention",
                note="chosen layer and head; a row per letter, the last 24",
                alt="How much each letter of the rows listened to each letter of the columns.",
                values="map",
                value_range=(0.0, 1.0),
                names="columns",
                rows="rows",
            ),
        ),
        (
            Images(
                title="All heads",
                note="layer.head; the whole text",
                alt="The same attention in each layer and head, over the whole text.",
                images="small",
                columns=2,
                captions="heads",
            ),
            Curves(
                title="Work",
                note="vectors per letter",
                alt="Vectors computed for each letter, and how many it would be without a cache.",
                lines=(
                    Line("without", "no cache", "soft", dashed=True),
                    Line("computed", "now", "model"),
                ),
                x_title="letter",
            ),
        ),
    ),
    widths=(1.05, 1.35, 0.95),
)

SCENE = Scene(
    key="write",
    name="Write",
    experiment="translate_writing",
    stage=STAGE,
    presets=(
        Preset(name="A fox"),
        Preset(name="Long", settings={"sentence": LONG}),
        Preset(name="Dice", settings={"choose": "sample", "temperature": 2.5}),
        Preset(name="Break it", settings={"masks": False, "filling": 30}),
    ),
    code=(
        TranslateWriting.step,
        Decoding,
        Attention,
        next_probabilities,
        read_sentence,
        dressed,
    ),
    speed=5,
    hand_over=HandOver(
        label="Several texts at a time", scene="beams", setting="weights", carry=("sentence",)
    ),
)
