"""A network learns which noise was added."""

from core.diffusion.q_sample import q_sample
from core.experiments import find
from dashboard.lesson import HandOver, Preset, Scene
from dashboard.stage import Curves, Line, Points, Stage
from pages.scenes.diffusion_2d.points import COVERAGE, OWN, VIEW

STAGE = Stage(
    columns=(
        (
            Points(
                title="x̂_{0}",
                note="guesses under the last training points",
                alt="The network's guess of the clean point under each training point.",
                points="pred_xstart",
                labels="labels",
                classes="names",
                behind="data",
                extent=VIEW,
            ),
        ),
        (
            Points(
                title="Samples",
                note="drawn from noise now and then",
                alt="1,000 samples of the last evaluation over the data.",
                points="samples",
                labels="sample_labels",
                classes="names",
                behind="data",
                extent=VIEW,
            ),
        ),
        (
            Curves(
                title="Loss",
                note="squared error of ε",
                alt="Training and validation loss, step by step.",
                log_y=True,
                lines=(
                    Line("loss", "training", "data"),
                    Line("validation_loss", "validation", "ink", dashed=True),
                ),
            ),
            Curves(
                title="NLL",
                note="of the data",
                alt="Negative log-likelihood of the data under the samples' density, in nats.",
                lines=(Line("nll", "NLL", "model"),),
                log_y=True,
            ),
            COVERAGE,
        ),
    ),
    widths=(1, 1, 0.62),
)

SCENE = Scene(
    key="train",
    name="Train",
    experiment="diffusion_2d_training",
    stage=STAGE,
    presets=(
        Preset(name="Fast"),
        Preset(
            name="Course",
            settings={
                "batch_size": 10_000,
                "epochs": 300,
                "decay": "step",
                "classifier": True,
            },
        ),
        Preset(name="Break it", settings={"learning_rate": 0.5}),
    ),
    code=(find("diffusion_2d_training").step, q_sample),
    speed=None,
    own_data=(OWN,),
    hand_over=HandOver(
        label="Draw points with this network",
        scene="denoise",
        setting="weights",
        carry=("data",),
    ),
)
