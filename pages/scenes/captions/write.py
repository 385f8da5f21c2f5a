"""A trained captioner writes word by word."""

from core.captions.gradients import by_word
from core.data.pictures import keep_photo
from core.decoding import extend, next_probabilities
from core.experiments.sequences.caption_writing import CaptionWriting
from core.nets.captioner import Captioner
from core.nets.cells import LSTM
from dashboard.lesson import OwnData, Preset, Scene
from dashboard.stage import Bars, Heatmap, Images, Stage, Tokens

STAGE = Stage(
    columns=(
        (
            Images(title="The picture", alt="The picture.", images="image", columns=1),
            Images(
                title="Why this word",
                note="lit by the gradient",
                alt="The picture, lit where its pixels matter for the last word.",
                images="light",
                columns=1,
            ),
        ),
        (
            Tokens(
                title="Written so far",
                note="shaded by how sure it was",
                alt="The words of the caption, shaded by their probability, the last one framed.",
                tokens="written",
                weights="sure",
                chosen="last",
            ),
            Tokens(
                title="Texts that are kept",
                note="best first; framed: true of the scene",
                alt="The texts that the search keeps, the likeliest first.",
                tokens="beams",
                chosen="right",
            ),
            Bars(
                title="What the picture did for each word",
                note="‖∂ log p / ∂ pixels‖",
                alt="The length of the gradient from each word to the pixels.",
                values="strength",
                names="written",
                upright=True,
                colors="gradient",
            ),
        ),
        (
            Bars(
                title="What could come next",
                alt="The ten likeliest next words and their probabilities.",
                values="next",
                names="names",
                colors="model",
                value_range=(0.0, 1.0),
                unit="%",
            ),
            Heatmap(
                title="The gate",
                note="one row per unit; an RNN has none",
                alt="The chosen gate of the LSTM at each word.",
                values="gate",
                value_range=(0.0, 1.0),
                x_title="word read",
            ),
        ),
    ),
    widths=(0.7, 1.15, 1.0),
)

SCENE = Scene(
    key="write",
    name="Word by word",
    experiment="caption_writing",
    stage=STAGE,
    presets=(
        Preset(name="Likeliest"),
        Preset(name="Drawn", settings={"way": "sample"}),
        Preset(name="Beams", settings={"way": "beam"}),
    ),
    code=(CaptionWriting.step, Captioner, LSTM, by_word, next_probabilities, extend),
    speed=2,
    own_data=(
        OwnData(
            setting="photo",
            types=("png", "jpg", "jpeg", "webp", "gif", "bmp"),
            help="The largest square in its middle is made 32 × 32 pixels. The shipped nets know"
            " circles, squares, triangles and crosses, and nothing else in the world.",
            read=keep_photo,
            label="Your own picture",
            megabytes=20,
        ),
    ),
)
