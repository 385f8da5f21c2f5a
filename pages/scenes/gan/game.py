"""Generator against discriminator."""

from core.adversaries.coverage import cover
from core.adversaries.losses import discriminator_loss, generator_loss, push
from core.experiments.generative.gan_training import GanTraining
from core.nets.gan import Discriminator, Generator
from dashboard.lesson import Preset, Scene
from dashboard.stage import Bars, Curves, Images, Line, Plot, Scatter, Stage, Trace

DIGITS = tuple("0123456789")

STAGE = Stage(
    columns=(
        (
            Images(
                title="Drawn",
                note="from the same z all the time",
                alt="36 pictures that the generator draws now.",
                images="drawn",
                columns=6,
            ),
        ),
        (
            Curves(
                title="Losses",
                note="2 ln 2: D can tell nothing apart",
                alt="Loss of the discriminator and of the generator, step by step.",
                lines=(
                    Line("D.loss", "D", "data"),
                    Line("G.loss", "G", "model"),
                    Line("2 ln 2", "2 ln 2", "soft", dashed=True),
                ),
            ),
            Curves(
                title="Gradient that reaches G",
                note="per picture",
                alt="Mean norm of the gradient at the drawn pictures, under both losses.",
                lines=(
                    Line("reach.non_saturating", "non-saturating", "gradient"),
                    Line("reach.minimax", "minimax", "wrong"),
                ),
                log_y=True,
            ),
            Curves(
                title="What D believes",
                note="probability of “real”",
                alt="Mean of D over real and over drawn pictures, step by step.",
                lines=(
                    Line("real", "of real ones", "data"),
                    Line("drawn", "of drawn ones", "model"),
                    Line("half", "", "soft", dashed=True),
                ),
                y_range=(0.0, 1.0),
            ),
        ),
        (
            Images(
                title="Real",
                note="as D sees them",
                alt="Twelve street numbers of the data.",
                images="real",
                columns=6,
            ),
            Bars(
                title="Digits drawn",
                note="of those read; line: 10 %",
                alt="The share of each digit among drawn pictures that a classifier surely reads.",
                values="shares",
                names=DIGITS,
                colors="model",
                target=0.1,
                value_range=(0.0, 0.3),
                unit="%",
            ),
            Plot(
                title="How hard a loss pushes",
                note="points: batch",
                alt="The slope of both losses over D(G(z)), and where the last batch stands.",
                lines=(
                    Trace("belief", "non_saturating", "non-saturating", "gradient"),
                    Trace("belief", "minimax", "minimax", "wrong"),
                ),
                scatters=(Scatter("pushes", "", "model"),),
                x_range=(0.0, 1.0),
                y_range=(0.0, 1.05),
                x_title="D(G(z))",
            ),
        ),
    ),
    widths=(1.15, 1, 0.85),
)

SCENE = Scene(
    key="game",
    name="The game",
    experiment="gan_training",
    stage=STAGE,
    presets=(
        Preset(name="Fast"),
        Preset(
            name="Course",
            settings={"side": 32, "width": 64, "latents": 100, "updates": 20_000}
            | {"learning_rate": 2e-4},
        ),
        Preset(name="Break it", settings={"loss": "minimax", "d_steps": 5, "ratio": 5.0}),
    ),
    code=(
        GanTraining.step,
        GanTraining.discriminate,
        GanTraining.generate,
        discriminator_loss,
        generator_loss,
        push,
        Generator,
        Discriminator,
        cover,
    ),
    speed=None,
)
