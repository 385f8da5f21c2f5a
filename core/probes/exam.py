"""A net judged on held-out pictures a few at a time, so that nobody waits for it.

A copy is taken at the beginning of each round and judged until all pictures are through; what was
found is then read off at once. So every figure is of one net, as it was a few steps ago.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import cross_entropy

from core.data.cifar import CLASSES, Pictures, pixels
from core.nets.cnn.classifier import Classifier
from core.state import Part

EVERY = 25  # steps between the beginnings of two rounds, at least


class Exam:
    """Of the last whole round: losses, predictions, norms by class, range of each channel."""

    def __init__(self, net: Classifier, pictures: Pictures, watched: tuple[int, int]) -> None:
        self.net = copy.deepcopy(net).eval()
        self.pictures = pictures
        self.watched = watched  # the blocks whose norms are wanted
        with torch.no_grad():
            self.channels = [h.shape[1] for h in self.net.activations(pixels(pictures.images[:1]))]
        self.at = torch.tensor(len(pictures))  # pictures of this round that are through
        self.rounds = torch.tensor(0)  # that were finished
        self.running, self.found = self._blank(), self._blank()

    def begin(self, net: Classifier) -> None:
        """Start a round with a copy of the net as it is now."""
        self.net.load_state_dict(net.state_dict())
        self.at.zero_()
        for name, value in self._blank().items():
            self.running[name].copy_(value)

    @torch.no_grad()
    def go_on(self, count: int) -> None:
        """Judge the next `count` pictures; after the last, publish what was found."""
        if self.done:
            return
        part = slice(int(self.at), int(self.at) + count)
        images, labels = self.pictures.images[part], self.pictures.labels[part]
        outputs = self.net.activations(pixels(images))
        logits = self.net.head(outputs[-1]).float()
        self.running["losses"][part] = cross_entropy(logits, labels, reduction="none")
        self.running["predicted"][part] = logits.argmax(1).to(torch.uint8)
        for name, block in zip(("first", "later"), self.watched, strict=True):
            norms = torch.linalg.vector_norm(outputs[block].float(), dim=(2, 3))
            self.running[name].index_add_(0, labels, norms)
        low = torch.cat([h.float().amin(dim=(0, 2, 3)) for h in outputs])
        high = torch.cat([h.float().amax(dim=(0, 2, 3)) for h in outputs])
        self.running["low"].copy_(torch.minimum(self.running["low"], low))
        self.running["high"].copy_(torch.maximum(self.running["high"], high))
        self.at += len(labels)
        if self.done:
            self.rounds += 1
            for name, value in self.running.items():
                self.found[name].copy_(value)

    def follow(self, net: Classifier, step: int, last: int, batch_size: int) -> None:
        """After a batch: a little of the round under way; after the last batch, a whole one."""
        if step == last:
            self.whole(net)
        elif self.done and step % EVERY == 0:
            self.begin(net)
        # A GPU is through at once; a CPU takes a quarter of a batch's work with each batch.
        on_gpu = self.pictures.images.device.type == "cuda"
        self.go_on(len(self.pictures) if on_gpu else batch_size // 2)

    def whole(self, net: Classifier, count: int = 250) -> None:
        """A round at once, `count` pictures at a time."""
        self.begin(net)
        while not self.done:
            self.go_on(count)

    @property
    def done(self) -> bool:
        """Whether no round is under way."""
        return int(self.at) == len(self.pictures)

    def loss(self) -> Float[Tensor, ""]:
        """The mean cross-entropy."""
        return self.found["losses"].mean()

    def accuracy(self) -> Float[Tensor, ""]:
        """The share of pictures that are taken for what they are."""
        return (self.found["predicted"] == self.pictures.labels).float().mean()

    def norms(self, which: str) -> Float[Tensor, "classes channels"]:
        """Mean over each class of ‖channel‖₂, in the "first" or the "later" block watched."""
        counts = self.pictures.labels.bincount(minlength=len(CLASSES)).clamp(min=1)
        return self.found[which] / counts[:, None]

    def dead(self) -> list[int]:
        """For each block, how many channels are the same everywhere on every picture."""
        still = self.found["high"] <= self.found["low"]
        return [int(part.sum()) for part in still.split(self.channels)]

    def parts(self) -> Mapping[str, Part]:
        """Everything that changes, for the state of the experiment."""
        kept = (("running", self.running), ("found", self.found))
        tensors = {f"exam_{kind}_{k}": v for kind, values in kept for k, v in values.items()}
        return {"exam_net": self.net, "exam_at": self.at, "exam_rounds": self.rounds, **tensors}

    def _blank(self) -> dict[str, Tensor]:
        labels = self.pictures.labels
        first, later = (self.channels[block] for block in self.watched)
        edge = torch.full((sum(self.channels),), torch.finfo(torch.float32).max)
        tensors = {
            "losses": torch.zeros(len(labels)),
            "predicted": torch.zeros(len(labels), dtype=torch.uint8),
            "first": torch.zeros(len(CLASSES), first),
            "later": torch.zeros(len(CLASSES), later),
            "low": edge,
            "high": -edge,
        }
        return {name: value.to(labels.device) for name, value in tensors.items()}
