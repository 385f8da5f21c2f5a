"""A net that learns from attacked pictures, beside its plain twin."""

from core.attacks import pgd
from core.experiments.vision.adversarial_training import AdversarialTraining
from dashboard.lesson import Preset, Scene
from dashboard.stage import Curves, Images, Line, Stage

STAGE = Stage(
    columns=(
        (
            Curves(
                title="Right, of validation pictures",
                note="dashed: attacked by PGD-10",
                alt="Accuracy of both nets on untouched and on attacked validation pictures.",
                lines=(
                    Line("plain.accuracy", "plain", "data"),
                    Line("plain.attacked", "plain, attacked", "data", dashed=True),
                    Line("robust.accuracy", "robust", "model"),
                    Line("robust.attacked", "robust, attacked", "model", dashed=True),
                ),
                y_range=(0.0, 1.0),
            ),
            Curves(
                title="Loss",
                note="each net on its own batch",
                alt="Cross-entropy of the plain net and, on attacked pictures, of the robust one.",
                lines=(
                    Line("plain.loss", "plain", "data"),
                    Line("robust.loss", "robust", "model"),
                ),
            ),
        ),
        (
            Images(
                title="Pictures, and what each pixel does to the loss",
                note="∂ℓ/∂x: plain net, robust net",
                alt="Six validation pictures, and ∂ℓ/∂x of the plain and of the robust net.",
                images="pictures",
                columns=6,
            ),
            Images(
                title="Filters of the first layer",
                note="above: plain net; below: robust net",
                alt="The 32 filters of the plain net's first layer, then those of the robust net.",
                images="filters",
                columns=16,
            ),
        ),
    ),
    widths=(1, 1.1),
)

SCENE = Scene(
    key="training",
    name="Training",
    experiment="adversarial_training",
    stage=STAGE,
    presets=(
        Preset(name="Fast"),
        Preset(name="PGD-7", settings={"attack_steps": 7}),
        Preset(
            name="Course",
            settings={
                "net": "five",
                "data": "whole",
                "epsilon": 9.0,
                "weight_decay": 1e-4,
                "epochs": 24,
                "mixed": True,
                "evaluate_every": 200,
            },
        ),
        Preset(name="Break it", settings={"epsilon": 24.0}),
    ),
    code=(AdversarialTraining.step, AdversarialTraining.attacked, pgd),
    speed=None,
)
