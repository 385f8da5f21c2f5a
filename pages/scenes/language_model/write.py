"""A trained language model writes piece by piece."""

from core.decoding import next_probabilities, sample, temper, top_k, top_p
from core.experiments.sequences.language_writing import LanguageWriting
from core.text import bpe
from dashboard.lesson import Preset, Scene
from dashboard.stage import Bars, Curves, Heatmap, Line, Stage, Tokens

STAGE = Stage(
    columns=(
        (
            Tokens(
                title="The text",
                note="in whole words",
                alt="What has been written so far, the beginning included.",
                tokens="written",
            ),
            Tokens(
                title="Whom the last piece listens to",
                note="the chosen head",
                alt="The last pieces, shaded by the attention that the newest pays them.",
                tokens="pieces",
                weights="heard",
            ),
        ),
        (
            Bars(
                title="What may be next",
                note="marks: the net's own",
                alt="The likeliest next pieces: chances after the cuts, and those of the net.",
                values="after",
                names="names",
                target="before",
                colors="model",
                value_range=(0.0, 1.0),
                unit="%",
            ),
        ),
        (
            Heatmap(
                title="Attention",
                note="rows ask, columns are heard",
                alt="Attention weights of the chosen head among the last 24 pieces.",
                values="attention",
                value_range=(0.0, 1.0),
            ),
            Curves(
                title="Surprise and doubt",
                note="nats",
                alt="−log p of each piece written, and the entropy of the net's next chances.",
                lines=(
                    Line("surprise", "surprise", "data"),
                    Line("entropy", "doubt", "model"),
                ),
                x_title="piece",
            ),
        ),
    ),
    widths=(1.1, 0.9, 0.9),
)

SCENE = Scene(
    key="write",
    name="Writing",
    experiment="language_writing",
    stage=STAGE,
    presets=(
        Preset(name="Fast"),
        Preset(name="Greedy", settings={"temperature": 0.0}),
        Preset(name="Break it", settings={"temperature": 2.0, "top_p": 1.0}),
    ),
    code=(
        LanguageWriting.step,
        LanguageWriting.shares,
        next_probabilities,
        temper,
        top_k,
        top_p,
        sample,
        bpe.encode,
        bpe.decode,
    ),
    speed=3,
)
