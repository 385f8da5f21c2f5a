"""A vocabulary grows merge by merge, and a passage is cut by it."""

from core.data.text import keep_text
from core.experiments.sequences.byte_pairs import BytePairs
from core.text import bpe
from core.text.merging import Merging, join, segment
from dashboard.lesson import OwnData, Preset, Scene
from dashboard.stage import Bars, Curves, Line, Plot, Stage, Tokens, Trace

OWN_TEXT = OwnData(
    setting="text",
    types=("txt", "md"),
    help="Plain text in UTF-8, at least 5,000 characters; every tenth stretch of it is held out.",
    read=keep_text,
    label="Your own text",
)

STAGE = Stage(
    columns=(
        (
            Tokens(
                title="The passage in pieces",
                note="framed: joined just now; · is a blank",
                alt="The passage, cut into the pieces learnt so far.",
                tokens="passage",
                chosen="fresh",
            ),
            Tokens(
                title="Learnt last",
                note="newest first",
                alt="The pieces that the last merges made, the newest first.",
                tokens="learnt",
            ),
        ),
        (
            Bars(
                title="Who stands together most",
                note="the first is next",
                alt="The ten most frequent pairs of neighbouring pieces and their counts.",
                values="counts",
                names="pairs",
                colors="data",
            ),
        ),
        (
            Plot(
                title="How often it stood there",
                alt="For each merge how often its pair was seen in the text.",
                lines=(Trace("merge", "seen", "", "data"),),
                log_x=True,
                log_y=True,
                x_title="merge",
            ),
            Curves(
                title="Pieces per word",
                note="held-out text",
                alt="How many pieces a word of held-out text has on average, merge by merge.",
                lines=(Line("per_word", "pieces", "model"),),
                x_title="merge",
            ),
        ),
    ),
    widths=(1.2, 0.9, 0.9),
)

SCENE = Scene(
    key="pieces",
    name="Pieces of words",
    experiment="byte_pairs",
    stage=STAGE,
    presets=(
        Preset(name="Fast"),
        Preset(name="Course", settings={"pieces": 2048, "share": 1}),
        Preset(
            name="Break it",
            settings={"passage": "Ein Sprachmodell liest 😀, 日本語 und Straßenbahnhaltestelle."},
        ),
    ),
    code=(BytePairs.step, Merging, join, segment, bpe.train, bpe.untrained),
    speed=10,
    own_data=(OWN_TEXT,),
)
