"""How shipped weights were made: which experiment, which settings, what figures they reach."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from core.data import street_numbers
from core.data.points import load_points
from core.nets.cnn import restore
from core.nets.cnn.settings import COURSE
from core.nets.vit import VisionTransformer
from core.probes.accuracy import accuracy, accuracy_of
from core.probes.captions import quality
from core.probes.digits import DigitJudge, accuracies
from core.probes.drawn import drawing
from core.probes.judge import judge
from core.probes.language import on_books
from core.probes.ratings import ratings
from core.probes.reach import reach
from core.probes.reading import figures as reading
from core.probes.robustness import robustness
from core.probes.summaries import on_docstrings
from core.robot.measure import measure as pushed
from core.translation.exam import written_right
from core.variational.measure import measure as bound


@dataclass(frozen=True)
class Recipe:
    """How shipped weights are made: an experiment run to its end, and the figures they reach."""

    experiment: str
    settings: Mapping[str, Any]
    keep: tuple[str, ...]  # parts of the experiment's state
    measure: Callable[[Mapping[str, Tensor]], dict[str, float]]
    data: str  # its name and source
    half: bool = False  # whether they ship in half precision; the figures are of what ships


CIFAR = "CIFAR-10 whole: 45,000 training pictures; figures on shipped ones that it never saw"
DEMONSTRATIONS = (
    "185 of the 206 demonstrations of Chi et al. (2023), MIT, and their mirror images; figures on"
    " 20 other starts"
)
DIFFUSION = "ema", "betas", "side"
DIFFUSION_COURSE = {
    "timesteps": 1000,
    "updates": 100_000,
    "batch_size": 128,
    "learning_rate": 2e-4,
    "ema": 0.9999,
    "evaluate_every": 5_000,
}
RECIPES = {
    "diffusion_2d": Recipe(
        experiment="diffusion_2d_training",
        settings={"batch_size": 1024, "epochs": 12, "classifier": True, "evaluate_every": 2500},
        keep=("betas", "denoiser", "classifier"),
        measure=lambda saved: reach(saved, load_points("states")),
        data="assets/data/us_states: 5,000 points on five outlines, US Census Bureau",
    ),
    "cifar_small": Recipe(
        experiment="cnn_training",
        settings={
            "data": "whole",
            "epochs": 5,
            "learning_rate": 0.1,
            "flip": False,
            "shift": 0,
        },
        keep=("net",),
        measure=lambda saved: accuracy("small", saved),
        data=CIFAR,
    ),
    # The course's nets, for a GPU: too large to ship.
    "cifar_all_cnn": Recipe(
        experiment="cnn_training",
        settings={"net": "all_cnn", **COURSE},
        keep=("net",),
        measure=lambda saved: accuracy("all_cnn", saved),
        data=CIFAR,
    ),
    "cifar_resnet18": Recipe(
        experiment="cnn_training",
        settings={"net": "resnet18", **COURSE},
        keep=("net",),
        measure=lambda saved: accuracy("resnet18", saved),
        data=CIFAR,
    ),
    "cifar_robust": Recipe(
        experiment="adversarial_training",
        settings={
            "net": "five",
            "data": "whole",
            "epsilon": 9,
            "weight_decay": 1e-4,
            "epochs": 24,
            "mixed": True,
            "twin": False,
            "held_out": 500,
            "evaluate_every": 350,
        },
        keep=("net",),
        measure=lambda saved: robustness(restore("five", saved)),
        data=CIFAR,
    ),
    "cifar_vit": Recipe(
        experiment="vit_training",
        settings={
            "data": "whole",
            "cnn": False,
            "heads": 4,
            "depth": 4,
            "epochs": 5,
            "learning_rate": 0.002,
        },
        keep=("vit",),
        measure=lambda saved: accuracy_of(VisionTransformer.of(saved)),
        data=CIFAR,
    ),
    "language_model": Recipe(
        experiment="language_training",
        settings={
            "nets": ("transformer",),
            "text": "books",
            "share": 1,
            "context": 128,
            "dim": 256,
            "layers": 3,
            "mlp": 512,
            "pieces": 2048,
            "steps": 4500,
        },
        keep=("transformer", "form", "tokeniser"),
        measure=on_books,
        data="Shakespeare's works, The Hound of the Baskervilles and War and Peace, nine tenths of"
        " each; figures on the others",
        half=True,
    ),
    "reader": Recipe(
        experiment="word_training",
        settings={
            "batches": 4_000,
            "batch_size": 64,
            "longest": 5,
            "case": "both",
            "unsteady": 0.8,
            "learning_rate": 0.005,
        },
        keep=("reader",),
        measure=reading,
        data="words drawn in eight of assets/data/fonts; figures on pictures that it never saw,"
        " of held-out pairs too",
    ),
    "vae": Recipe(
        experiment="vae_training",
        settings={"updates": 40_000},
        keep=("vae",),
        measure=bound,
        data="MNIST at 14 × 14: 10,000 training digits; figures on 1,000 that it never saw",
        half=True,
    ),
    "policy": Recipe(
        experiment="policy_training",
        settings={
            "data": "public",
            "width": 64,
            "steps": 8_000,
            "evaluate_every": 500,
            "try_every": 2_000,
        },
        keep=("policy",),
        measure=pushed,
        data=DEMONSTRATIONS,
        half=True,
    ),
    # The course's size, for a GPU: too large to ship.
    "policy_course": Recipe(
        experiment="policy_training",
        settings={
            "data": "public",
            "width": 128,
            "steps": 100_000,
            "batch_size": 256,
            "evaluate_every": 1_000,
            "try_every": 10_000,
        },
        keep=("policy",),
        measure=pushed,
        data=DEMONSTRATIONS,
    ),
    "street_judge": Recipe(
        experiment="street_judge",
        settings={},
        keep=("net",),
        measure=lambda saved: {
            "accuracy": judge(restore("small", saved), street_numbers.load("validation"))[1]
        },
        data="8,000 street numbers composed here; figures on 1,000 others",
    ),
    "images_mnist": Recipe(
        experiment="images_training",
        settings={
            "data": "digits",
            "updates": 4_500,
            "batch_size": 32,
            "evaluate_every": 1_000,
        },
        keep=DIFFUSION,
        measure=lambda saved: drawing(saved, "digits"),
        data="MNIST: 50,000 training digits; figures on others, and of samples",
        half=True,
    ),
    "images_cifar": Recipe(
        experiment="images_training",
        settings={
            "data": "all_pictures",
            "updates": 5_000,
            "batch_size": 32,
            "evaluate_every": 1_000,
        },
        keep=DIFFUSION,
        measure=lambda saved: drawing(saved, "pictures"),
        data=CIFAR,
        half=True,
    ),
    # The course's net, for a GPU: too large to ship.
    "images_cifar_course": Recipe(
        experiment="images_training",
        settings={"data": "all_pictures", "net": "course", **DIFFUSION_COURSE},
        keep=DIFFUSION,
        measure=lambda saved: drawing(saved, "pictures"),
        data=CIFAR,
        half=True,
    ),
    "digit_judge": Recipe(
        experiment="digit_judge",
        settings={"updates": 4_000},
        keep=("net",),
        measure=lambda saved: accuracies(DigitJudge.of(saved), "validation"),
        data="MNIST: 50,000 training digits; figures on 10,000 that it never saw",
        half=True,
    ),
    "rater": Recipe(
        experiment="review_training",
        settings={},
        keep=("net",),
        measure=ratings,
        data="4,000 synthetic reviews of core.data.reviews_made; figures on others",
        half=True,
    ),
    "captioners": Recipe(
        experiment="caption_training",
        settings={"epochs": 20},
        keep=("rnn", "lstm", "vocabulary"),
        measure=quality,
        data="4,000 scenes of core.data.scenes; figures on 1,000 whose pairs it never saw",
        half=True,
    ),
    "summariser": Recipe(
        experiment="summary_training",
        settings={"steps": 1200},
        keep=("summariser", "form", "tokeniser"),
        measure=on_docstrings,
        data="docstrings of installed Python packages, body and first line, nine tenths of them;"
        " figures on the others",
        half=True,
    ),
    "translator": Recipe(
        experiment="translate_training",
        settings={
            "words": 12,
            "steps": 12_000,
            "characters": 3_000,
            "learning_rate": 0.002,
            "grow": 0.25,
        },
        keep=("net", "form"),
        measure=written_right,
        data="English words of GloVe's list; figures on sentences of held-out words",
        half=True,
    ),
}
