"""A net learns to read; its table of energies takes shape."""

from core.data.words import picture, random_words
from core.experiments.generative.word_training import WordTraining
from core.nets.reader import Reader
from core.reading.losses import cross_entropy_loss, likelihood_loss, margin_loss
from core.reading.paths import free_energy
from dashboard.lesson import HandOver, Preset, Scene
from dashboard.stage import Curves, Grid, Images, Line, Outline, Stage

STAGE = Stage(
    columns=(
        (
            Grid(
                title="Energies",
                note="green: the word's best path, orange: the best of all",
                alt="A table of energies, a row for each letter and the gap, a column per window.",
                values="energies",
                names="letters",
                outlines=(Outline("reading", "model"), Outline("path", "right")),
            ),
        ),
        (
            Images(
                title="The word",
                note="type another, at any time",
                alt="The picture of the chosen word.",
                images="image",
                columns=1,
            ),
            Images(
                title="New words",
                note="and what it reads",
                alt="Eight pictures of words that are in no batch, and what the net reads.",
                images="news",
                columns=2,
                captions="says",
            ),
        ),
        (
            Curves(
                title="Read without a mistake",
                note="pictures it never saw",
                alt="Shares of new letters, held-out pairs and English words read rightly.",
                lines=(
                    Line("letters", "letters", "c0"),
                    Line("pairs", "pairs", "c1"),
                    Line("words", "words", "c2"),
                ),
                y_range=(0.0, 1.0),
            ),
            Curves(
                title="Loss",
                note="per window",
                alt="The loss of each batch.",
                lines=(Line("loss", "loss", "gradient"),),
                log_y=True,
            ),
        ),
    ),
    widths=(1.15, 0.75, 0.9),
)

SCENE = Scene(
    key="learn",
    name="Learn",
    experiment="word_training",
    stage=STAGE,
    presets=(
        Preset(name="Fast"),
        Preset(
            name="Course",
            settings={"loss": "cross_entropy", "longest": 1, "batches": 2_000},
        ),
        Preset(
            name="Long",
            settings={"batches": 4_000, "batch_size": 64, "longest": 5, "case": "both"}
            | {"unsteady": 0.8, "learning_rate": 0.005},
        ),
        Preset(name="Break it", settings={"loss": "margin", "margin": 0.0}),
    ),
    code=(
        WordTraining.step,
        likelihood_loss,
        margin_loss,
        cross_entropy_loss,
        free_energy,
        Reader,
        random_words,
        picture,
    ),
    speed=None,
    hand_over=HandOver(label="Let this net read", scene="read", setting="weights"),
)
