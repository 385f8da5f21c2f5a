"""Class visualisation: from noise to the pictures of which a net is most certain."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch

from core import state
from core.config import generator, setting
from core.experiment import CPU, Experiment, Pictures, Scalars
from core.nets.pretrained import ON_IMAGENET
from core.saliency.class_image import GREY, ascend, blur
from core.saliency.settings import NetSettings, find_class, jitter_setting, to_bytes

SHOWN = 112  # pixels of a side, at most
STARTS = 4  # from noise, where there is one class only
SPREAD = 0.05  # of the noise at first


class ClassImages(Experiment):
    """One step is one step up the scores: of ten classes, or of one of ImageNet's four times."""

    class Config(NetSettings):
        """Settings of the climb."""

        imagenet_target: str = setting(
            "goldfish",
            label="Class",
            max_length=40,
            when=("net", ON_IMAGENET),
            help="One of ImageNet's thousand, by name.",
        )
        climb: int = setting(200, label="Steps", ge=10, le=2000, scale="log", help="Of the climb.")
        step_size: float = setting(
            5.0,
            label="Step",
            unit="of 255",
            ge=0.1,
            le=100,
            scale="log",
            live=True,
            help="Root mean square of what a step changes, in shades of 255.",
        )
        jitter: int = jitter_setting(2)
        blur: float = setting(
            0.5,
            label="Blur σ",
            unit="pixels",
            ge=0,
            le=3,
            live=True,
            help="Of a Gaussian, after every tenth step.",
        )
        l2: float = setting(
            0.01,
            label="L2 penalty λ",
            ge=0,
            le=10,
            scale="log",
            live=True,
            help="How dearly it is paid for to be far from grey.",
        )

    SMOKE = Config(climb=15)
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        self.total = config.climb
        self.model = config.load_net(device)
        classes = self.model.classes
        one = config.net in ON_IMAGENET
        chosen = [find_class(classes, config.imagenet_target)] * STARTS if one else None
        shown = chosen or range(len(classes))
        self.target = torch.tensor([*shown], device=device)
        self.source = generator(config.seed)
        size = (len(self.target), 3, self.model.side, self.model.side)
        noise = torch.randn(size, generator=self.source).to(device)
        self.x = (GREY + SPREAD * noise).clamp(0, 1)
        self.scores, self.chances = torch.zeros(2, len(self.target))
        self.judge()

    def step(self) -> Scalars | None:
        """Mean score and probability of the classes, each on its own picture."""
        if self.steps == self.total:
            return None
        c = self.config
        down, across = torch.randint(-c.jitter, c.jitter + 1, (2,), generator=self.source).tolist()
        length = c.step_size / 255
        self.x.copy_(ascend(self.model.net, self.x, self.target, length, c.l2, (down, across)))
        self.steps += 1
        if self.steps % 10 == 0 and self.steps < self.total:
            self.x.copy_(blur(self.x, c.blur))
        self.judge()
        return self.scalars()

    @torch.no_grad()
    def judge(self) -> None:
        """What the net says of each picture."""
        logits = self.model.net(self.x)
        own = self.target[:, None]
        self.scores.copy_(logits.gather(1, own)[:, 0])
        self.chances.copy_(logits.softmax(1).gather(1, own)[:, 0])

    def initial(self) -> Scalars:
        """Of the noise."""
        return self.scalars()

    def scalars(self) -> dict[str, float]:
        """Means over the classes."""
        rough = (self.x[..., 1:] - self.x[..., :-1]).square().mean().sqrt()
        return {
            "score": float(self.scores.mean()),
            "chance": float(self.chances.mean()),
            "roughness": float(255 * rough),
        }

    def picture(self) -> Pictures:
        """images: (classes, h, w, 3); captions: (classes,), each class and its probability."""
        captions = [
            f"{self.model.classes[index]} {100 * chance:.0f} %"
            for index, chance in zip(self.target.tolist(), self.chances.tolist(), strict=True)
        ]
        return {"images": to_bytes(self.x, SHOWN), "captions": np.array(captions)}

    def words(self) -> str:
        """How certain the net is, and how rough the pictures are."""
        now = self.scalars()
        if self.steps == 0:
            return "Noise about grey. Each picture now climbs the score of a class of its own."
        least, most = (f"{100 * chance:.1f}" for chance in self.chances.aminmax())
        certain = least if least == most else f"{least} to {most}"
        return (
            f"Step {self.steps:,} of {self.total:,}: the net is certain to {certain} %."
            f" Neighbouring pixels differ by {now['roughness']:.1f} shades of 255."
        )

    def provenance(self) -> Mapping[str, str]:
        """No picture but noise."""
        return {"data": f"noise, seed {self.config.seed}", "weights": self.model.weights}

    def parts(self) -> Mapping[str, state.Part]:
        """The pictures, the source of jitter, and what the net says."""
        return {
            "x": self.x,
            "source": self.source,
            "scores": self.scores,
            "chances": self.chances,
        }
