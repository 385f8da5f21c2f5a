"""A transformer learns to translate from examples."""

from core.experiments.sequences.translate_training import TranslateTraining
from core.nets.transformer import Block, Decoder, Encoder, attend, padding
from core.translation.nets import OnlyRead, OnlyWrite, ReadAndWrite
from core.translation.pig_latin import of_word
from dashboard.lesson import HandOver, Preset, Scene
from dashboard.stage import Bars, Curves, Images, Line, Stage, Tokens

STAGE = Stage(
    columns=(
        (
            Curves(
                title="Loss",
                note="nats per letter",
                alt="Cross-entropy per letter of the batch and of validation texts.",
                lines=(
                    Line("loss", "batch", "data"),
                    Line("validation_loss", "validation", "model"),
                ),
                log_y=True,
            ),
            Curves(
                title="Written to the letter",
                note="share of validation texts",
                alt="Share of validation texts without a wrong letter, in a batch and alone.",
                lines=(
                    Line("right", "padded batch", "model"),
                    Line("right_alone", "alone", "data", dashed=True),
                ),
                y_range=(0.0, 1.0),
            ),
        ),
        (
            Tokens(
                title="What it writes now",
                note="framed: right to the letter",
                alt="Six validation texts and what the net makes of them.",
                tokens="said",
                chosen="good",
            ),
            Bars(
                title="By length",
                note="words; share written to the letter",
                alt="For each number of words the share of validation texts without a mistake.",
                values="by_words",
                names="counts",
                upright=True,
                colors="model",
                value_range=(0.0, 1.0),
                unit="%",
            ),
        ),
        (
            Images(
                title="Where letters look",
                note="rows write, columns are read",
                alt="Attention of each layer and head, from letters written to letters read.",
                images="maps",
                columns=2,
                captions="names",
            ),
        ),
    ),
    widths=(0.95, 1.0, 1.0),
)

SCENE = Scene(
    key="train",
    name="Learn",
    experiment="translate_training",
    stage=STAGE,
    presets=(
        Preset(name="Fast"),
        Preset(
            name="Course",
            settings={"words": 12, "steps": 7_000, "characters": 3_000, "learning_rate": 0.002}
            | {"grow": 0.25},
        ),
        Preset(name="Sort", settings={"task": "sorting", "words": 4}),
        Preset(name="Break it", settings={"masks": False, "words": 3}),
    ),
    code=(
        TranslateTraining.step,
        of_word,
        ReadAndWrite,
        OnlyWrite,
        OnlyRead,
        Encoder,
        Decoder,
        Block,
        attend,
        padding,
    ),
    speed=None,
    hand_over=HandOver(label="Watch this net write", scene="write", setting="weights"),
)
