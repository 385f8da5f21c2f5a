"""A trained diffusion of points in the plane: schedule, denoiser, perhaps a classifier."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from jaxtyping import Float, Int
from torch import Tensor

from core.config import ConfigError
from core.diffusion.guidance import class_gradient, guided_eps
from core.diffusion.schedule import Schedule
from core.nets.fused import Fused
from core.nets.time_mlp import TimeMLP


class PlaneDiffusion:
    """What sampling needs of a training."""

    def __init__(
        self, schedule: Schedule, denoiser: TimeMLP, classifier: TimeMLP | None = None
    ) -> None:
        self.schedule = schedule
        self.denoiser = denoiser
        self.denoise = Fused(denoiser)
        self.classifier = classifier
        self.classify = Fused(classifier) if classifier else None

    @classmethod
    def of(cls, saved: Mapping[str, Tensor], device: torch.device) -> PlaneDiffusion:
        """From the tensors of a training: `betas`, `denoiser.…`, perhaps `classifier.…`."""
        try:
            classifier = _part(saved, "classifier", device) if _has(saved, "classifier") else None
            return cls(
                Schedule(saved["betas"], device), _part(saved, "denoiser", device), classifier
            )
        except (KeyError, ValueError, RuntimeError):
            raise ConfigError(
                "These weights are not those of a diffusion of points; train one, or use the"
                " shipped weights."
            ) from None

    def nets(self) -> dict[str, TimeMLP]:
        """The nets by name."""
        classifier = {} if self.classifier is None else {"classifier": self.classifier}
        return {"denoiser": self.denoiser, **classifier}

    def eps(self, x: Float[Tensor, "batch 2"], t: int) -> Float[Tensor, "batch 2"]:
        """The predicted noise ε̂."""
        return self.denoise(x, t / len(self.schedule))

    def guided_eps(
        self,
        x: Float[Tensor, "batch 2"],
        t: int,
        labels: Int[Tensor, " batch"],
        guidance_scale: float,
    ) -> Float[Tensor, "batch 2"]:
        """ε̂ bent towards each point's label."""
        eps = self.eps(x, t)
        if guidance_scale == 0 or self.classifier is None:
            return eps
        classifier = self.classifier
        time = torch.full_like(x[:, 0], t / len(self.schedule))
        gradient = class_gradient(lambda x: classifier(x, time), x, labels)
        return guided_eps(self.schedule, eps, gradient, t, guidance_scale)

    def count_classes(self) -> int:
        """How many classes the classifier knows; 0 without one."""
        return 0 if self.classifier is None else self.classifier.outputs

    def classes(self, x: Float[Tensor, "batch 2"], t: int) -> Int[Tensor, " batch"]:
        """The likeliest class of noisy points, argmax p(y | x_t)."""
        if self.classify is None:
            return torch.zeros(len(x), dtype=torch.int64, device=x.device)
        return self.classify(x, t / len(self.schedule)).argmax(1)


def _has(saved: Mapping[str, Tensor], part: str) -> bool:
    return any(name.startswith(f"{part}.") for name in saved)


def _part(saved: Mapping[str, Tensor], part: str, device: torch.device) -> TimeMLP:
    start = f"{part}."
    weights = {name.removeprefix(start): w for name, w in saved.items() if name.startswith(start)}
    return TimeMLP.of(weights).requires_grad_(False).to(device)
