"""Integrated gradients, piece by piece, with the check that they add up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import torch
from torch import Tensor

from core import state
from core.config import generator, setting
from core.experiment import CPU, Experiment, Pictures, Scalars, finite, to_array
from core.saliency.integrated_gradients import path_share
from core.saliency.saliency import score_gradient
from core.saliency.settings import ClassSettings, PictureSettings, to_bytes

SHOWN = 112  # pixels of a side, at most
LEVELS = {"grey": 0.5, "black": 0.0, "white": 1.0}


class SaliencyPath(Experiment):
    """One step is one piece of the straight path from a baseline to the picture."""

    class Config(PictureSettings, ClassSettings):
        """Settings of the path."""

        baseline: Literal["grey", "black", "white", "noise"] = setting(
            "grey",
            label="Baseline",
            choices={"grey": "grey", "black": "black", "white": "white", "noise": "noise"},
            help="The picture of nothing, where the path begins.",
        )
        pieces: int = setting(
            50, label="Pieces", ge=1, le=300, scale="log", help="Of the path, a gradient for each."
        )

    SMOKE = Config(pieces=14)
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        self.total = config.pieces
        self.model = config.load_net(device)
        x, self.source = config.load_picture(self.model.side)
        self.x, self.baseline = x.to(device), self.nothing(x).to(device)
        scores = self.model.net(torch.cat([self.baseline, self.x]))
        index = config.find_class(self.model.classes, int(scores[1].argmax()))
        self.target = torch.tensor([index], device=device)
        self.start, self.goal = scores[:, index].tolist()
        self.at_end = self.x * score_gradient(self.model.net, self.x, self.target)
        self.attributions = torch.zeros_like(self.x)
        self.score = torch.tensor(self.start, dtype=torch.float64)

    def nothing(self, x: Tensor) -> Tensor:
        """The baseline, of the shape of `x`."""
        if self.config.baseline == "noise":
            return torch.rand(x.shape, generator=generator(self.config.seed))
        return torch.full_like(x, LEVELS[self.config.baseline])

    def at(self) -> Tensor:
        """The picture at the end of the last piece."""
        return self.baseline + self.steps / self.total * (self.x - self.baseline)

    def step(self) -> Scalars | None:
        """The score where the path has come to, and the score that the attributions explain."""
        if self.steps == self.total:
            return None
        self.attributions += path_share(
            self.model.net, self.x, self.target, self.baseline, self.steps, self.total
        )
        self.steps += 1
        self.score.fill_(float(self.model.net(self.at())[0, self.target]))
        return self.scalars()

    def initial(self) -> Scalars:
        """At the baseline."""
        return self.scalars()

    def scalars(self) -> dict[str, float]:
        """Equal where the pieces are short enough: completeness."""
        added = float(self.attributions.double().sum())
        return {"score": float(self.score), "explained": self.start + added}

    def picture(self) -> Pictures:
        """at: (1, h, w, 3); added: (1, h, w), by each pixel so far, over its colours."""
        added = finite(to_array(shrunk(self.attributions.sum(1))))
        return {"at": to_bytes(self.at(), SHOWN), "added": added}

    def backdrop(self) -> Pictures:
        """whole: (1, h, w, 3); simple: (1, h, w), x ∂S/∂x at the end of the path alone."""
        simple = finite(to_array(shrunk(self.at_end.sum(1))))
        return {"whole": to_bytes(self.x, SHOWN), "simple": simple}

    def words(self) -> str:
        """Whether what the pixels add is what the score has risen."""
        name = self.model.classes[int(self.target)]
        if self.steps == 0:
            return (
                f"The score of “{name}” is {self.start:.2f} for the baseline and {self.goal:.2f}"
                " for the picture. Which pixels make the difference?"
            )
        scores = self.scalars()
        risen, added = scores["score"] - self.start, scores["explained"] - self.start
        done = self.steps == self.total
        off = abs(added - risen) / max(abs(risen), 1e-3)  # scores are right to about 1e-6
        words = (
            f"{'The score' if done else 'So far the score'} of “{name}” has changed by"
            f" {risen:+.3f}; all pixels together account for {added:+.3f}."
        )
        if done:
            verdict = "complete" if off < 0.01 else "not complete: take more pieces"
            words += f" That is {100 * off:.2g} % apart: {verdict}."
        return words

    def provenance(self) -> Mapping[str, str]:
        """Which picture, which net."""
        return {"data": self.source, "weights": self.model.weights}

    def parts(self) -> Mapping[str, state.Part]:
        """What the pixels have added so far, and the score."""
        return {"attributions": self.attributions, "score": self.score}


def shrunk(maps: Tensor) -> Tensor:
    """Maps (1, h, w) for the stage: what `SHOWN` has no room for is averaged."""
    factor = -(-max(maps.shape[1:]) // SHOWN)
    return torch.nn.functional.avg_pool2d(maps, factor) if factor > 1 else maps
