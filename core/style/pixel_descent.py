"""Gradient descent on the pixels of a picture: what style transfer and feature inversion share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping

import torch
from torch import Tensor

from core import state
from core.data.pictures import shrink
from core.experiment import CPU, Experiment, Pictures, Scalars
from core.saliency.settings import to_bytes, to_tensor
from core.style.settings import StyleSettings

SIDE = 192  # pixels of a photo that is shown beside the picture, at most


class PixelDescent(Experiment):
    """One step is one step of Adam on the pixels, which stay in [0, 1]."""

    config: StyleSettings
    total: int
    losses_of: tuple[str, ...]  # names of what `measure` gives

    def __init__(self, config: StyleSettings, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        self.total = config.updates
        self.model = config.load_net(device)
        photo = config.load_photo()
        self.source = photo.source
        self.photo = to_tensor(shrink(photo.pixels, config.size)).to(device)

    def begin(self, start: Tensor) -> None:
        """Descend from a picture. What `measure` needs must be there."""
        self.x = start.clone().requires_grad_()
        self.optimizer = torch.optim.Adam([self.x], self.config.learning_rate)
        self.losses = torch.stack(self.measure()).detach().double().cpu()

    @abstractmethod
    def measure(self) -> tuple[Tensor, ...]:
        """What the picture as it is has of each of `losses_of`."""

    @abstractmethod
    def total_loss(self, *measured: Tensor) -> Tensor:
        """What is descended on, from what was measured."""

    def step(self) -> Scalars | None:
        """What was measured before this step, without weights."""
        if self.steps == self.total:
            return None
        measured = self.measure()
        self.optimizer.zero_grad()
        self.total_loss(*measured).backward()
        self.optimizer.param_groups[0]["lr"] = self.config.learning_rate
        self.optimizer.step()
        with torch.no_grad():
            self.x.clamp_(0, 1)
        self.losses.copy_(torch.stack(measured).detach())
        self.steps += 1
        return dict(zip(self.losses_of, self.losses.tolist(), strict=True))

    def picture(self) -> Pictures:
        """now: (1, h, w, 3)."""
        return {"now": to_bytes(self.x)}

    def backdrop(self) -> Pictures:
        """The photo, (1, h, w, 3)."""
        return {"photo": to_bytes(self.photo, SIDE)}

    def provenance(self) -> Mapping[str, str]:
        """Which photo, which net."""
        return {"data": self.source, "weights": self.model.weights}

    def parts(self) -> Mapping[str, state.Part]:
        """The picture, what changes it, what was measured."""
        return {"x": self.x, "optimizer": self.optimizer, "losses": self.losses}
