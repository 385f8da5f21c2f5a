"""A classifier that says which digit a picture shows; it never learns from a drawn picture."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d

from core import checkpoints
from core.config import ConfigError
from core.nets.cnn import restore
from core.nets.cnn.classifier import Classifier
from core.probes.divergence import refuse_diverged

NO_JUDGE = "These weights are no judge's; train one here."
SIDE = 16  # pixels of what it reads; larger pictures are averaged down


class Judge(nn.Module):
    """Reads pictures of any side that is a multiple of 16."""

    def __init__(self, net: Classifier) -> None:
        super().__init__()
        self.net = net.eval().requires_grad_(False)

    def forward(self, images: Float[Tensor, "batch 3 side side"]) -> Float[Tensor, "batch 10"]:
        """Logits of pictures whose pixels go from 0 to 1."""
        logits: Tensor = self.net(avg_pool2d(images, images.shape[-1] // SIDE))
        return logits


def load_judge(weights: str) -> Judge:
    """The shipped one, or that of a run. Raises ConfigError."""
    shipped = weights == "shipped"
    saved = checkpoints.shipped("street_judge") if shipped else checkpoints.of_run(weights)
    try:
        judge = Judge(restore("small", saved))
    except RuntimeError:
        raise ConfigError(NO_JUDGE) from None
    if not shipped and "taken" not in saved:  # a net of the same shape that learnt other pictures
        raise ConfigError(NO_JUDGE)
    refuse_diverged(judge)
    return judge


def provenance(weights: str) -> str:
    """What a page says of it."""
    if weights != "shipped":
        return "of a run here"
    right = checkpoints.about("street_judge")["figures"]["accuracy"]
    return f"shipped, {100 * right:.1f} % right on held-out street numbers composed here"
