"""A U-Net learns which noise was added."""

from core.diffusion.classifier_free import without_some
from core.diffusion.q_sample import q_sample
from core.experiments.generative.images_training import ImagesTraining
from core.nets.unet import Residual, UNet
from dashboard.lesson import HandOver, Preset, Scene
from dashboard.stage import Curves, Images, Line, Stage

STAGE = Stage(
    columns=(
        (
            Images(
                title="x_{0}, x_{t} and x̂_{0}",
                note="held out; more noise to the right",
                alt="Ten held-out pictures; below each itself with noise, and what is guessed.",
                images="guesses",
                columns=10,
            ),
            Curves(
                title="Loss",
                note="squared error of ε̂",
                alt="Loss on the batch and on held-out pictures, step by step.",
                lines=(
                    Line("loss", "training", "data"),
                    Line("validation_loss", "validation", "ink", dashed=True),
                ),
                log_y=True,
                x_title="updates",
            ),
        ),
        (
            Images(
                title="Samples",
                note="from the same noise; a column for each label",
                alt="Samples of the last evaluation, a column for each label.",
                images="samples",
                columns=10,
            ),
        ),
        (
            Curves(
                title="By how late it is",
                note="held out",
                alt="Held-out loss of each quarter of the steps, from little noise to much.",
                lines=(
                    Line("quarter_1", "least noise", "c0"),
                    Line("quarter_2", "more", "c1"),
                    Line("quarter_3", "more still", "c2"),
                    Line("quarter_4", "most", "c3"),
                ),
                log_y=True,
                x_title="updates",
            ),
            Curves(
                title="Recognised",
                note="samples, by a judge",
                alt="The share of samples that a classifier takes for their label, step by step.",
                lines=(Line("recognised", "", "right"),),
                y_range=(0.0, 1.0),
                x_title="updates",
            ),
        ),
    ),
    widths=(1.1, 1.1, 0.8),
)

SCENE = Scene(
    key="train",
    name="Train",
    experiment="images_training",
    stage=STAGE,
    presets=(
        Preset(name="Fast"),
        Preset(
            name="Course",
            settings={
                "data": "digits",
                "net": "course",
                "timesteps": 1000,
                "updates": 20_000,
                "batch_size": 128,
                "learning_rate": 2e-4,
                "evaluate_every": 500,
            },
        ),
        Preset(name="Break it", settings={"learning_rate": 1.0}),
    ),
    code=(ImagesTraining.step, q_sample, without_some, UNet, Residual),
    speed=None,
    hand_over=HandOver(label="Draw with this net", scene="denoise", setting="weights"),
)
