"""One picture attacked step by step."""

from core.attacks import fgsm, input_gradient, iterative_fgsm, pgd
from core.attacks.balls import project, steepest
from core.data.cifar import CLASSES
from core.data.pictures import MOST_MEGABYTES, keep_photo
from core.experiments.vision.attack_picture import AttackPicture
from dashboard.lesson import OwnData, Preset, Scene
from dashboard.stage import Bars, Curves, Images, Line, Plot, Rule, Stage, Trace

STAGE = Stage(
    columns=(
        (
            Images(
                title="Picture + change = what the net sees",
                note="change magnified",
                alt="The original, what was added to it, magnified, and the sum of the two.",
                images="pictures",
                columns=3,
                captions="captions",
            ),
            Images(
                title="What each pixel does to the loss",
                note="grey: nothing",
                alt="The gradient of the loss by the pixels, and the direction the attack takes.",
                images="gradient",
                columns=2,
                captions=("∂ℓ/∂x", "direction of the step"),
            ),
        ),
        (
            Bars(
                title="What the net says",
                note="tick: before",
                alt="The probability of each class, for the attacked picture and the original.",
                values="probabilities",
                names=CLASSES,
                colors="model",
                target="before",
                value_range=(0.0, 1.0),
                unit="%",
            ),
        ),
        (
            Curves(
                title="Probability",
                note="step by step",
                alt="The probability of the truth and of its strongest rival, step by step.",
                lines=(Line("truth.p", "truth", "right"), Line("rival.p", "rival", "wrong")),
                y_range=(0.0, 1.0),
            ),
            Plot(
                title="Logits along a line",
                note="x + t sign(∂ℓ/∂x)",
                alt="The logits along the direction of the first step, to both sides.",
                lines=(
                    Trace("way", "others", "", "soft", thin=True),
                    Trace("way", "truth", "truth", "right"),
                    Trace("way", "rival", "rival", "wrong"),
                ),
                rules=(Rule(0.0, "x", axis="x"), Rule("epsilon", "ε", "gradient", axis="x")),
                x_title="t (∞: /255)",  # as the settings name the norm and its unit
            ),
        ),
    ),
    widths=(1.5, 0.85, 1),
)

OWN = OwnData(
    setting="photo",
    types=("png", "jpg", "jpeg", "webp", "gif", "bmp"),
    help="A photo of your own. Its middle square is made 32 × 32, as coarse as what the nets know, "
    "and what the net says of it at first counts as the truth.",
    read=keep_photo,
    label="Your own picture",
    megabytes=MOST_MEGABYTES,
)

SCENE = Scene(
    key="picture",
    name="One picture",
    experiment="attack_picture",
    stage=STAGE,
    presets=(
        Preset(name="Iterative"),
        Preset(name="FGSM", settings={"attack_steps": 1, "alpha": 1.0}),
        Preset(name="PGD", settings={"attack_steps": 40, "alpha": 0.1, "random_start": True}),
        Preset(name="Robust", settings={"model": "cifar_robust", "picture": 13}),
    ),
    code=(
        AttackPicture.step,
        steepest,
        project,
        input_gradient,
        fgsm,
        iterative_fgsm,
        pgd,
    ),
    speed=2,
    own_data=(OWN,),
)
