"""Three maps of what a net looks at, put to the test: delete what they call important.

If a map is right, the class is lost early (Petsiuk et al. 2018); deleting at random is the
yardstick.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import interpolate

from core import state
from core.config import generator, setting
from core.experiment import CPU, Experiment, Pictures, Scalars
from core.saliency.class_image import blur
from core.saliency.grad_cam import grad_cam
from core.saliency.integrated_gradients import integrated_gradients
from core.saliency.saliency import saliency
from core.saliency.settings import ClassSettings, PictureSettings, to_bytes

PATH = 50  # pieces of the path of integrated gradients
GREY = 0.5  # where that path begins
SHOWN = 112  # pixels of a side, at most
METHODS = {
    "saliency": "saliency",
    "grad_cam": "Grad-CAM",
    "integrated": "integrated",
    "random": "at random",
}


class SaliencyMaps(Experiment):
    """One step deletes as many pixels more, from the most important on, by each of the maps."""

    class Config(PictureSettings, ClassSettings):
        """Settings of the maps."""

        layer: int = setting(
            5,
            label="Layer of Grad-CAM",
            ge=1,
            le=5,
            help="1 is nearest to the pixels. A net of fewer layers takes its last.",
        )
        fill: Literal["blur", "grey"] = setting(
            "blur",
            label="Instead of a pixel",
            choices={"blur": "a blur", "grey": "grey"},
            help="What a deleted pixel becomes: the blurred picture there, or grey.",
        )
        deletions: int = setting(
            50, label="Deletions", ge=5, le=100, help="Steps from the whole picture to none of it."
        )

    SMOKE = Config(deletions=14)
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        self.total = config.deletions
        self.model = config.load_net(device)
        x, self.source = config.load_picture(self.model.side)
        self.x = x.to(device)
        grey = torch.full_like(self.x, GREY)
        self.fill = blur(self.x, self.model.side / 8) if config.fill == "blur" else grey
        self.answer = int(self.model.net(self.x).argmax())
        self.target = config.find_class(self.model.classes, self.answer)
        self.layer = self.model.layer(config.layer)
        self.maps = self.draw_maps()
        chance = torch.rand(self.x[0, 0].shape, generator=generator(config.seed)).to(device)
        order = torch.stack([*self.maps.values(), chance]).flatten(1)
        order = order.argsort(dim=1, descending=True, stable=True)
        self.rank = order.argsort(dim=1)  # 0 for the pixel that goes first
        self.chances = self.judge()
        self.area = torch.zeros(len(METHODS))  # under the curves so far, in steps

    def draw_maps(self) -> dict[str, Tensor]:
        """By each method (height, width): how much each pixel matters for the class."""
        net, x = self.model.net, self.x
        target = torch.tensor([self.target], device=self.device)
        cam = grad_cam(net, self.layer, x, target)
        grey = torch.full_like(x, GREY)
        added = integrated_gradients(net, x, target, grey, PATH)
        cam = interpolate(cam[None], size=list(x.shape[2:]), mode="bilinear")
        return {
            "saliency": saliency(net, x, target)[0],
            "grad_cam": cam[0, 0],
            "integrated": added.sum(1).abs()[0],
        }

    def deleted(self) -> Tensor:
        """The picture as each method has left it, (methods, 3, height, width)."""
        gone = round(self.steps / self.total * self.rank.shape[1])
        kept = (self.rank >= gone).view(-1, 1, *self.x.shape[2:])
        return torch.where(kept, self.x, self.fill)

    @torch.no_grad()
    def judge(self) -> Tensor:
        """The probability of the class, (methods,)."""
        chances: Tensor = self.model.net(self.deleted()).softmax(1)
        return chances[:, self.target].cpu()

    def step(self) -> Scalars | None:
        """The probability of the class after this deletion, by method."""
        if self.steps == self.total:
            return None
        self.steps += 1
        before = self.chances.clone()
        self.chances.copy_(self.judge())
        self.area += (before + self.chances) / 2
        return self.scalars()

    def initial(self) -> Scalars:
        """With the whole picture."""
        return self.scalars()

    def scalars(self) -> dict[str, float]:
        """The probability of the class by method."""
        return dict(zip(METHODS, self.chances.tolist(), strict=True))

    def picture(self) -> Pictures:
        """deleted: (4, h, w, 3), what each method has left."""
        return {"deleted": to_bytes(self.deleted(), SHOWN)}

    def backdrop(self) -> Pictures:
        """The picture (1, h, w, 3) and the maps (3, h, w), white where a pixel matters most."""
        maps = torch.stack([m / m.max().clamp_min(1e-12) for m in self.maps.values()])
        grey = to_bytes(maps[:, None].expand(-1, 3, -1, -1), SHOWN)
        return {
            "whole": to_bytes(self.x, SHOWN),
            "answer": np.array([self.model.classes[self.answer]]),
            "maps": np.ascontiguousarray(grey[..., 0]),
            "methods": np.array([*METHODS.values()]),
        }

    def words(self) -> str:
        """How likely the class was on the way, by method."""
        name = self.model.classes[self.target]
        if self.steps == 0:
            chance = 100 * float(self.chances[0])
            return f"The whole picture is “{name}” with {chance:.1f} %. Nothing is deleted yet."
        means = dict(zip(METHODS.values(), (self.area / self.steps).tolist(), strict=True))
        spoken = ", ".join(f"{method} {100 * mean:.0f} %" for method, mean in means.items())
        return (
            f"{100 * self.steps / self.total:.0f} % of the pixels are deleted. “{name}” had on the"
            f" way a mean probability of: {spoken}. The lower, the better the map."
        )

    def provenance(self) -> Mapping[str, str]:
        """Which picture, which net."""
        return {"data": self.source, "weights": self.model.weights}

    def parts(self) -> Mapping[str, state.Part]:
        """The probabilities and the areas under their curves."""
        return {"chances": self.chances, "area": self.area}
