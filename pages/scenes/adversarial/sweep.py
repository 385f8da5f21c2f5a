"""Accuracy against ε."""

from core.attacks.sweep import under_fgsm, under_pgd
from core.experiments.vision.attack_sweep import AttackSweep
from dashboard.lesson import Preset, Scene
from dashboard.stage import Curves, Images, Line, Plot, Stage, Trace

STAGE = Stage(
    columns=(
        (
            Plot(
                title="Right, against ε",
                note="of 255, for the norm ∞; band: a standard error",
                alt="Shares of pictures still right against ε: two nets under two attacks.",
                lines=(
                    Trace(
                        "epsilon",
                        "cifar_small_fgsm",
                        "plain, FGSM",
                        "data",
                        dashed=True,
                        band=("cifar_small_fgsm_low", "cifar_small_fgsm_high"),
                    ),
                    Trace(
                        "epsilon",
                        "cifar_small_pgd",
                        "plain, PGD",
                        "data",
                        band=("cifar_small_pgd_low", "cifar_small_pgd_high"),
                    ),
                    Trace(
                        "epsilon",
                        "cifar_robust_fgsm",
                        "robust, FGSM",
                        "model",
                        dashed=True,
                        band=("cifar_robust_fgsm_low", "cifar_robust_fgsm_high"),
                    ),
                    Trace(
                        "epsilon",
                        "cifar_robust_pgd",
                        "robust, PGD",
                        "model",
                        band=("cifar_robust_pgd_low", "cifar_robust_pgd_high"),
                    ),
                ),
                y_range=(0.0, 1.0),
                x_title="ε",
            ),
        ),
        (
            Images(
                title="The last picture, under FGSM",
                note="above: plain net; below: robust net",
                alt="One picture attacked with ten ε, and what either net takes it for.",
                images="shown",
                columns=10,
                captions="captions",
            ),
            Curves(
                title="Right at one ε",
                note="8/255, or 0.75 for the norm 2",
                alt="Shares still right at the usual ε, over the pictures seen so far.",
                lines=(
                    Line("cifar_small.fgsm", "plain, FGSM", "data", dashed=True),
                    Line("cifar_small.pgd", "plain, PGD", "data"),
                    Line("cifar_robust.fgsm", "robust, FGSM", "model", dashed=True),
                    Line("cifar_robust.pgd", "robust, PGD", "model"),
                ),
                y_range=(0.0, 1.0),
            ),
        ),
    ),
    widths=(1, 1.1),
)

SCENE = Scene(
    key="sweep",
    name="Many ε",
    experiment="attack_sweep",
    stage=STAGE,
    presets=(
        Preset(name="Fast"),
        Preset(name="Course", settings={"pictures": 5_000, "batch_size": 100}),
        Preset(name="Norm 2", settings={"norm": "2"}),
    ),
    code=(AttackSweep.attack, under_fgsm, under_pgd),
    speed=None,
)
