"""One word is read: dynamic programming over its energies, window by window."""

from core.data.ink import keep_drawing, word_of
from core.data.pictures import keep_photo
from core.experiments.generative.word_reading import WordReading
from core.reading.paths import advance, align, decode
from dashboard.lesson import Drawn, OwnData, Preset, Scene
from dashboard.stage import Bars, Grid, Images, Outline, Pad, Stage

STAGE = Stage(
    columns=(
        (
            Images(
                title="The word",
                note="as the net sees it",
                alt="The picture of the word, 32 pixels high.",
                images="image",
                columns=1,
            ),
            Pad(
                title="Write one",
                note="it is read when you rest",
                alt="A sheet to write a word on with the pointer.",
                hint="Write a word here, letters apart.",
            ),
            Bars(
                title="Other words",
                note="energy above the best",
                alt="Energies of the best paths of other words, above that of the word read.",
                values="rivals",
                names="names",
                colors="model",
            ),
        ),
        (
            Grid(
                title="Energies e_{l,k}",
                note="blue: fits; boxes: the best path",
                alt="A table of energies, a row for each letter and the gap, a column per window.",
                values="energies",
                names="letters",
                outlines=(Outline("path", "ink"),),
            ),
        ),
        (
            Grid(
                title="Least energy so far",
                note="of a path that ends here",
                alt="For each letter and window the least energy of a path from the left.",
                values="reached",
                names="letters",
                value_range=(-40.0, 40.0),
                outlines=(Outline("now", "accent"), Outline("path", "ink")),
            ),
        ),
    ),
    widths=(0.8, 1, 1),
)

SCENE = Scene(
    key="read",
    name="Read",
    experiment="word_reading",
    stage=STAGE,
    presets=(
        Preset(name="Fast"),
        Preset(name="New font", settings={"font": "indie-flower", "word": "window"}),
        Preset(name="Break it", settings={"noise": 0.4}),
    ),
    code=(WordReading.step, advance, decode, align, word_of),
    speed=5,
    drawn=Drawn(setting="photo", read=keep_drawing),
    own_data=(
        OwnData(
            setting="photo",
            types=("png", "jpg", "jpeg", "webp", "gif", "bmp"),
            help="A picture of one word on plain paper, its letters not joined. Its ink is made 24"
            " pixels high.",
            read=keep_photo,
            label="Your own handwriting",
            megabytes=20,
        ),
    ),
)
