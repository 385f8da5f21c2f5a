"""From few pictures to many: what a vision transformer and a CNN of its size make of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import torch

from core import state
from core.config import generator, setting
from core.data.augmentation import Augmentation
from core.data.cifar import CLASSES, DATA, Data, load, source
from core.experiment import CPU, Experiment, Pictures, Scalars, finite, to_array
from core.nets.rival_settings import NAMED, NAMES, SMOOTH, RaceSettings
from core.nets.rivals import Rivals, count
from core.optim.cosine import cosine_rate

FACTOR = 3  # from share to share
JUDGED = 1000  # validation pictures
EVALUATE_EVERY = 40  # steps


class VitShares(Experiment):
    """One step is one batch, for both nets; each share begins with the same untaught nets."""

    class Config(RaceSettings):
        """Settings of the races."""

        heads: int = setting(
            2, label="Heads", ge=1, le=12, help="Of each layer; a head is 16 numbers wide."
        )
        depth: int = setting(2, label="Layers", ge=1, le=12, help="Of the transformer.")
        shares: int = setting(
            5, label="Shares", ge=2, le=6, help="All pictures, a third of them, a ninth and so on."
        )
        batches: int = setting(
            200,
            label="Batches",
            ge=1,
            le=20_000,
            scale="log",
            help="For every share alike: the same work, whether the pictures are few or many.",
        )
        data: Data = setting("shipped", label="Pictures", choices=DATA, help="Of CIFAR-10.")

    SMOKE = Config(patch=16, heads=1, depth=1, batch_size=8, shares=3, batches=4)
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        self.train = load("train", config.data).to(device)
        self.held_out = load("validation", config.data).to(device).first(JUDGED)
        self.counts = [
            round(len(self.train) / FACTOR**power) for power in reversed(range(config.shares))
        ]
        self.total = config.shares * config.batches
        self.augmentation = Augmentation(flip=config.augment, shift=4 * config.augment)
        self.source = generator(config.seed + 1)
        self.figures = torch.full((len(NAMES), config.shares), math.nan, dtype=torch.float64)
        self.lately = torch.empty(len(NAMES), device=device)
        self.begin()

    def begin(self) -> None:
        """Untaught nets, the same for every share."""
        config = self.config
        form = config.patch, config.heads, config.depth, config.seed
        self.rivals = Rivals(*form, self.device, mixed=config.mixed)
        self.lately.fill_(1 / len(CLASSES))

    @property
    def share(self) -> int:
        """Which share the nets have learnt from last, 0 being the smallest."""
        return max(0, self.steps - 1) // self.config.batches

    def step(self) -> Scalars | None:
        """Right answers on some last batches, and on the validation pictures."""
        if self.steps == self.total:
            return None
        at = self.steps % self.config.batches
        if at == 0 and self.steps:
            self.begin()
        self.steps += 1
        batch = self.config.batch_size
        index = torch.randint(self.counts[self.share], (batch,), generator=self.source)
        index = index.to(self.device)
        x = self.augmentation(self.train.images[index], self.source)
        rate = cosine_rate(self.config.learning_rate, at, self.config.batches)
        figures = self.rivals.learn(x, self.train.labels[index], rate)
        for row, (_, right) in enumerate(figures.values()):
            self.lately[row] += (1 - SMOOTH) * (right - self.lately[row])
        if at % EVALUATE_EVERY == 0 or at + 1 == self.config.batches:
            judged = self.rivals.judge(self.held_out).values()
            self.figures[:, self.share] = torch.tensor([right for _, right in judged])
        return self.scalars()

    def scalars(self) -> Scalars:
        """Of each net: right answers in some last batches, and on validation pictures."""
        now = self.figures[:, self.share].tolist()
        return {
            "pictures": float(self.counts[self.share]),
            **{f"{name}.training": self.lately[row].clone() for row, name in enumerate(NAMES)},
            **{f"{name}.accuracy": now[row] for row, name in enumerate(NAMES)},
        }

    def picture(self) -> Pictures:
        """Accuracy by the number of pictures, NaN where not yet.

        vit, cnn, lead: (shares,), lead is cnn − vit; vit_points, cnn_points: (shares, 2)
        """
        counts = np.array(self.counts, np.float32)
        vit, cnn = (finite(to_array(figures)) for figures in self.figures)
        return {
            "vit": vit,
            "cnn": cnn,
            "lead": cnn - vit,
            "vit_points": np.stack([counts, vit], axis=1),
            "cnn_points": np.stack([counts, cnn], axis=1),
        }

    def backdrop(self) -> Pictures:
        """How many pictures each share has: counts (shares,)."""
        return {"counts": np.array(self.counts, np.float32)}

    def words(self) -> str:
        """How far both are with this share, and what a picture is worth to each."""
        pictures = f"{self.counts[self.share]:,} pictures"
        if self.steps == 0:
            return f"Both nets begin with {pictures}."
        now = self.figures[:, self.share].tolist()
        if not torch.isfinite(torch.stack([p.sum() for p in self.rivals.vit.parameters()])).all():
            return f"{pictures}: a net has diverged; take a smaller learning rate."
        vit, cnn = (f"{100 * right:.1f} %" for right in now)
        words = f"From {pictures}: transformer {vit}, CNN {cnn} of new ones right."
        row = int(self.lately.argmax())
        if (gap := float(self.lately[row]) - now[row]) > 0.2:
            words += f" The {NAMED[NAMES[row]]} knows {100 * gap:.0f} % more of those: by heart."
        return words + self.worth()

    def worth(self) -> str:
        """How many pictures the CNN needs for what the transformer makes of the most so far."""
        vit, cnn = self.figures[:, : self.share + 1].tolist()
        if len(cnn) < 2 or any(b <= a for a, b in pairwise(cnn)):
            return ""
        if not cnn[0] < vit[-1] < cnn[-1]:
            return ""
        needed = math.exp(np.interp(vit[-1], cnn, np.log(self.counts[: len(cnn)])))
        return f" For as much as the transformer, the CNN needs about {needed:,.0f} of them."

    def provenance(self) -> Mapping[str, str]:
        """Which pictures; how large the nets are."""
        sizes = [f"{NAMED[name]} {count(net):,}" for name, net in self.rivals.nets.items()]
        return {
            "data": f"up to {len(self.train):,} training pictures of {source(self.config.data)}",
            "weights": f"random, seed {self.config.seed}; parameters: {', '.join(sizes)}",
        }

    def parts(self) -> Mapping[str, state.Part]:
        """The nets of this share, what trains them, the figures of all."""
        return {
            **self.rivals.nets,
            "optimizer": self.rivals.optimizer,
            "source": self.source,
            "figures": self.figures,
            "lately": self.lately,
        }
