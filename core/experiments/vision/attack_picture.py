"""One picture attacked step by step, until the net takes it for something else."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Literal

import numpy as np
import pydantic
import torch
from jaxtyping import Float
from torch import Tensor

from core import config, state
from core.attacks import Norm, input_gradient
from core.attacks.balls import length, project, random_point, steepest
from core.config import generator, setting
from core.data import cifar
from core.data.own import names_data
from core.data.pictures import load_photo, square
from core.experiment import CPU, Experiment, Pictures, Scalars, to_array
from core.nets.cnn.trained import classifier, provenance
from core.probes.rgb import BYTE, about_grey, as_bytes

Model = Literal["cifar_small", "cifar_robust"]
Target = Literal[
    "none", "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"
]
MODELS: dict[Model, str] = {"cifar_small": "plain", "cifar_robust": "robust"}
FARTHEST: dict[Norm, float] = {"inf": 32, "2": 2}  # on the way that is drawn, in its own unit
WAY = torch.arange(-20, 21) / 20


class AttackPicture(Experiment):
    """One step is one step of the attack: FGSM is one, and as long as ε."""

    class Config(config.Config):
        """Settings of the attack. ε has a field for each norm, since lengths in them differ so."""

        model: Model = setting(
            "cifar_small",
            label="Net",
            choices=MODELS,
            help="The same architecture, trained as usual or on attacked pictures.",
        )
        picture: int = setting(
            0, label="Picture", ge=0, le=4_999, help="Of the 5,000 test pictures that ship."
        )
        target: Target = setting(
            "none",
            label="Target",
            live=True,
            choices={"none": "anything else"} | {name: name for name in cifar.CLASSES},
            help="What the net is to take the picture for.",
        )
        norm: Norm = setting(
            "inf",
            label="Norm",
            choices={"inf": "∞", "2": "2"},
            help="∞: no pixel may change by more than ε. 2: nor may the root of the squares' sum.",
        )
        epsilon: float = setting(
            8.0,
            label="ε",
            unit="/255",
            ge=0,
            le=64,
            live=True,
            when=("norm", "inf"),
            help="How far the attack may change any pixel; 255 is from black to white.",
        )
        radius: float = setting(
            0.5,
            label="ε",
            ge=0,
            le=4,
            live=True,
            when=("norm", "2"),
            help="How long the change may be, with pixels from 0 to 1.",
        )
        alpha: float = setting(
            0.2,
            label="Step α ÷ ε",
            ge=0.01,
            le=2,
            live=True,
            help="How far one step goes, as a share of ε. FGSM goes all the way at once.",
        )
        attack_steps: int = setting(
            5, label="Steps", ge=1, le=100, help="FGSM makes one, the iterative FGSM several."
        )
        random_start: bool = setting(
            False,
            label="Random start",
            help="PGD: the iterative FGSM, begun at a random point of the ball.",
        )
        photo: Annotated[str, pydantic.AfterValidator(names_data("none"))] = setting(
            "none", label="Own picture", hidden=True, help="The key of an uploaded picture."
        )

    SMOKE = Config(attack_steps=8)
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        self.total = config.attack_steps
        self.net = classifier(config.model).to(device)
        if config.photo == "none":
            shown = cifar.load("test")
            self.image = cifar.pixels(shown.images[config.picture][None]).to(device)
            self.label = shown.labels[config.picture][None].to(device)
        else:
            photo = torch.from_numpy(square(load_photo(config.photo).pixels, cifar.SIDE))
            self.image = cifar.pixels(photo.permute(2, 0, 1)[None]).to(device)
            self.label = self.logits(self.image).argmax(1)  # nobody knows better
        self.before = self.logits(self.image).softmax(1)[0]
        self.moved = self.image.clone()
        if config.random_start:
            source = generator(config.seed)
            start = random_point(self.image.cpu(), self.reach, config.norm, source)
            self.moved = start.to(device)

    @property
    def reach(self) -> float:
        """ε for pixels from 0 to 1."""
        return self.epsilon / (BYTE if self.config.norm == "inf" else 1)

    @property
    def epsilon(self) -> float:
        """As its setting gives it."""
        return self.config.epsilon if self.config.norm == "inf" else self.config.radius

    @property
    def towards(self) -> tuple[Tensor, int]:
        """The class whose loss counts, and 1 or −1: whether it is to rise or to fall."""
        if self.config.target == "none":
            return self.label, 1
        return torch.full_like(self.label, cifar.CLASSES.index(self.config.target)), -1

    @torch.no_grad()
    def logits(self, images: Tensor) -> Float[Tensor, "images 10"]:
        """What the net says."""
        logits: Tensor = self.net(images)
        return logits

    def step(self) -> Scalars | None:
        """x' ← project(x' ± α · steepest(∂ℓ/∂x'))."""
        if self.steps == self.total:
            return None
        label, sign = self.towards
        alpha, norm = sign * self.config.alpha * self.reach, self.config.norm
        gradient = input_gradient(self.net, self.moved, label)
        further = self.moved + alpha * steepest(gradient, norm)
        self.moved.copy_(project(further, self.image, self.reach, norm))
        self.steps += 1
        return self.initial()

    def initial(self) -> Scalars:
        """Probabilities of the truth and of its strongest rival."""
        p = self.logits(self.moved).softmax(1)[0]
        others = p.index_fill(0, self.label, 0)
        return {"truth.p": p[self.label][0], "rival.p": others.max()}

    def picture(self) -> Pictures:
        """The picture, what was added to it, and what the net makes of the two.

        pictures: (3, 32, 32, 3), the original, the perturbation magnified about grey, their sum
        captions: (3,), what the net takes them for
        gradient: (2, 32, 32, 3), ∂ℓ/∂x and the direction that the attack takes, about grey
        probabilities, before: (10,)
        epsilon: (1,), how far along the way the attack may go
        """
        delta = self.moved - self.image
        shown = torch.cat([self.image, 0.5 + self.magnified * delta, self.moved])
        gradient = input_gradient(self.net, self.moved, self.towards[0])
        direction = steepest(gradient, self.config.norm)
        p = self.logits(self.moved).softmax(1)[0]
        return {
            "pictures": as_bytes(shown),
            "captions": np.array(
                [self.taken(self.before), f"change × {self.magnified:,.0f}", self.taken(p)]
            ),
            "gradient": as_bytes(about_grey(torch.cat([gradient, direction]))),
            "probabilities": to_array(p),
            "before": to_array(self.before),
            "epsilon": np.array([self.epsilon], np.float32),
        }

    def backdrop(self) -> Pictures:
        """Logits along the first direction, from −t to t: nearly straight lines.

        way, truth, rival: (41,); others: (8, 41). Goodfellow et al. (2015), figure 4.
        """
        norm = self.config.norm
        direction = steepest(input_gradient(self.net, self.image, self.label), norm)
        way = FARTHEST[norm] * WAY
        far = (way / BYTE if norm == "inf" else way).to(self.device)
        rows = to_array(self.logits(self.image + far[:, None, None, None] * direction).T)
        truth = int(self.label)
        ahead = (rows - rows[truth])[:, len(way) // 2 :].max(axis=1)  # of the truth, anywhere
        ahead[truth] = -np.inf
        rival = int(ahead.argmax())
        others = np.delete(rows, [truth, rival], axis=0)
        return {"way": to_array(way), "truth": rows[truth], "rival": rows[rival], "others": others}

    @property
    def magnified(self) -> float:
        """How many times, so that a change by ε, or for 2 by 8 times the mean, fills the range."""
        spread = 8 / math.sqrt(self.image.numel())
        far = self.reach if self.config.norm == "inf" else spread * self.reach
        return 0.5 / max(far, 0.5 / BYTE)

    def taken(self, p: Tensor) -> str:
        """Such as "cat 97 %"."""
        return f"{cifar.CLASSES[int(p.argmax())]} {100 * float(p.max()):.0f} %"

    def words(self) -> str:
        """What the net takes the picture for now, and how little it took."""
        truth, p = int(self.label), self.logits(self.moved).softmax(1)[0]
        delta, taken = self.moved - self.image, int(p.argmax())
        if self.config.norm == "inf":
            change = f"no pixel has moved by more than {BYTE * float(delta.abs().max()):.1f}/255"
        else:
            change = f"the change is {float(length(delta)):.2f} long"
        verdict = f"takes the {cifar.CLASSES[truth]} for {with_article(taken)}"
        if taken == truth:
            verdict = f"still says {cifar.CLASSES[truth]}"
        words = f"Step {self.steps:,} of {self.total:,}: {change}, and the net {verdict},"
        words += f" {100 * float(p.max()):.0f} % sure."
        if not input_gradient(self.net, self.moved, self.towards[0]).any():
            words += " The gradient is exactly zero: the attack has nothing to follow."
        return words

    def provenance(self) -> Mapping[str, str]:
        """Which picture, which net."""
        picture = f"test picture {self.config.picture} of {cifar.source()}"
        if self.config.photo != "none":
            picture = "a picture of your own, 32 × 32, with the net's first answer as its truth"
        return {"data": picture, "weights": provenance(self.config.model)}

    def parts(self) -> Mapping[str, state.Part]:
        """The picture as it is now."""
        return {"moved": self.moved}


def with_article(label: int) -> str:
    """Such as "a cat"."""
    name = cifar.CLASSES[label]
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"
