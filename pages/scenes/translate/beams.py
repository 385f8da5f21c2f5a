"""Beam search beside the greedy text."""

from core.decoding import extend
from core.experiments.sequences.translate_beams import TranslateBeams
from dashboard.lesson import Preset, Scene
from dashboard.stage import Bars, Curves, Line, Stage, Tokens

STAGE = Stage(
    columns=(
        (
            Tokens(
                title="The beam",
                note="best first; framed: right so far; ■ ended",
                alt="The texts of the beam, best first, those that are right so far framed.",
                tokens="texts",
                weights="shares",
                chosen="right",
            ),
        ),
        (
            Bars(
                title="Share of each text",
                note="of the beam's probability",
                alt="How the probability of the beam is shared among its texts.",
                values="shares",
                names="places",
                colors="model",
                value_range=(0.0, 1.0),
                unit="%",
            ),
            Curves(
                title="Log-probability",
                note="of the whole text so far, nats",
                alt="Log-probability of the best and the last text of the beam, and of the greedy.",
                lines=(
                    Line("best", "best", "model"),
                    Line("last", "last", "soft"),
                    Line("greedy", "greedy", "data", dashed=True),
                ),
                x_title="letter",
            ),
        ),
    ),
    widths=(1.2, 1.0),
)

SCENE = Scene(
    key="beams",
    name="Beam search",
    experiment="translate_beams",
    stage=STAGE,
    presets=(
        Preset(name="Four"),
        Preset(name="Greedy", settings={"width": 1}),
        Preset(name="Unsure", settings={"width": 8, "temperature": 4.0}),
    ),
    code=(extend, TranslateBeams.step, TranslateBeams.follow_greedy),
    speed=2,
)
