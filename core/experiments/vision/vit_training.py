"""A vision transformer and a convolutional net of its size learn from the same batches."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from core import state
from core.config import generator, setting
from core.data.augmentation import Augmentation
from core.data.batches import next_batch
from core.data.cifar import CLASSES, DATA, SHORT, Data, Pictures, load, pixels, source
from core.experiment import CPU, Experiment, Scalars, finite, to_array
from core.experiment import Pictures as Frame
from core.nets.rival_settings import NAMED, NAMES, SMOOTH, RaceSettings
from core.nets.rivals import Rivals, count
from core.nets.vit import rearrange
from core.optim.cosine import cosine_rate
from core.probes.spotlight import spotlight

JUDGED = 1000  # validation pictures
SHOWN = 8  # of them, whose attention is drawn
EVALUATE_EVERY = 25  # steps
FIGURES = ("validation_loss", "accuracy")
GAP = 0.1  # between learnt and new pictures that is called overfitting


class VitTraining(Experiment):
    """One step is one batch, for both nets."""

    class Config(RaceSettings):
        """Settings of the race."""

        epochs: int = setting(5, label="Epochs", ge=1, le=200, help="Rounds of all pictures.")
        positions: bool = setting(
            True,
            label="Position embeddings",
            help="Without them a patch does not know where it is.",
        )
        shuffle: bool = setting(
            False,
            label="Shuffle the patches",
            help="Every picture is cut into its patches and laid in another order, the same for"
            " all pictures and both nets.",
        )
        data: Data = setting("shipped", label="Pictures", choices=DATA, help="Of CIFAR-10.")
        share: float = setting(
            1.0,
            label="Share of data",
            ge=0.01,
            le=1,
            scale="log",
            help="Of the pictures, to learn from.",
        )
        cnn: bool = setting(
            True,
            label="A CNN beside it",
            advanced=True,
            help="Without it the transformer learns alone, in about half the time.",
        )

    SMOKE = Config(patch=16, heads=1, depth=2, batch_size=8, epochs=1, share=0.01)
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        pictures = load("train", config.data)
        self.train = pictures.first(round(config.share * len(pictures))).to(device)
        form = config.patch, config.heads, config.depth, config.seed
        self.rivals = Rivals(*form, device, cnn=config.cnn, mixed=config.mixed)
        self.vit = self.rivals.vit
        if not config.positions:
            self.vit.positions.requires_grad_(False).zero_()
        self.places = torch.arange(self.vit.side**2, device=device)
        if config.shuffle:
            order = torch.randperm(len(self.places), generator=generator(config.seed + 2))
            self.places.copy_(order)
        held_out = load("validation", config.data).to(device).first(JUDGED)
        self.held_out = Pictures(self.laid(held_out.images), held_out.labels)
        self.size = min(config.batch_size, len(self.train))
        self.per_epoch = len(self.train) // self.size
        self.total = config.epochs * self.per_epoch
        self.augmentation = Augmentation(flip=config.augment, shift=4 * config.augment)
        self.source = generator(config.seed + 1)
        self.order = torch.randperm(len(self.train), generator=self.source)
        self.figures = torch.full((len(NAMES), len(FIGURES)), math.nan, dtype=torch.float64)
        self.lately = torch.full((len(NAMES),), 1 / len(CLASSES), device=device)
        self.evaluate()

    def laid(self, images: Tensor) -> Tensor:
        """Pictures (n, 3, 32, 32) as the nets see them: with their patches shuffled, or as is."""
        return rearrange(images, self.vit.patch, self.places) if self.config.shuffle else images

    def batch(self) -> tuple[Tensor, Tensor]:
        """The next pictures, each changed a little, in an order that changes by the epoch."""
        index = next_batch(self.order, self.source, self.steps, self.size)
        index = index.to(self.device)
        x = self.augmentation(self.train.images[index], self.source)
        return self.laid(x), self.train.labels[index]

    def step(self) -> Scalars | None:
        """Losses on the batch; validation figures of the last evaluation."""
        if self.steps == self.total:
            return None
        x, target = self.batch()
        rate = cosine_rate(self.config.learning_rate, self.steps, self.total)
        figures = self.rivals.learn(x, target, rate)
        for row, (_, right) in enumerate(figures.values()):
            self.lately[row] += (1 - SMOOTH) * (right - self.lately[row])
        self.steps += 1
        if self.steps % EVALUATE_EVERY == 0 or self.steps == self.total:
            self.evaluate()
        return {f"{name}.loss": loss for name, (loss, _) in figures.items()} | self.scalars()

    def evaluate(self) -> None:
        """Both nets on validation pictures."""
        for name, figures in self.rivals.judge(self.held_out).items():
            self.figures[NAMES.index(name)] = torch.tensor(figures, dtype=torch.float64)

    def scalars(self) -> dict[str, float | Tensor]:
        """Of each net: right answers in some last batches; validation loss and accuracy."""
        made: dict[str, float | Tensor] = {}
        for row, (name, figures) in enumerate(zip(self.rivals.nets, self.figures, strict=False)):
            made[f"{name}.training"] = self.lately[row].clone()
            made |= {f"{name}.{what}": float(v) for what, v in zip(FIGURES, figures, strict=True)}
        return made

    @torch.no_grad()
    def picture(self) -> Frame:
        """What the transformer has learnt of places, and where it looks.

        similarity: (patches, side, side), cosines of each place's embedding with all others'
        looks: (8, 32, 32, 3), pictures lit where [CLS] attends in the last layer, mean of heads
        says: (8,), what the transformer takes them for
        """
        images = self.held_out.images[:SHOWN]
        logits, weights = self.vit.watch(pixels(images))
        last = weights[-1][:, :, 0, 1:].mean(dim=1)
        return {
            "similarity": finite(to_array(self.vit.similarity())),
            "looks": to_array(spotlight(images, last)),
            "says": np.array([SHORT[i] for i in logits.argmax(1).tolist()]),
        }

    def backdrop(self) -> Frame:
        """The pictures that are shown, and what they show.

        pictures: (8, 32, 32, 3); truth: (8,)
        """
        images, labels = self.held_out.images[:SHOWN], self.held_out.labels[:SHOWN]
        truth = np.array([SHORT[i] for i in labels.tolist()])
        return {"pictures": to_array(images.permute(0, 2, 3, 1)), "truth": truth}

    def words(self) -> str:
        """How good both are, what places have learnt, and whether the nets are well."""
        epoch = f"Epoch {self.steps / self.per_epoch:.2f} of {self.config.epochs}"
        if not math.isfinite(float(self.figures[: len(self.rivals.nets), 0].sum())):
            return f"{epoch}: a net has diverged; take a smaller learning rate."
        right = [
            f"the {NAMED[name]} {100 * share:.1f} %" for name, share in self.accuracies().items()
        ]
        words = (
            f"{epoch}: of {len(self.held_out):,} validation pictures, {' and '.join(right)} right."
        )
        if self.config.positions:
            near, far = self.neighbours()
            words += (
                f" Places of neighbours are alike by {near:z.2f}, of distant patches by {far:z.2f}."
            )
        for row, (name, share) in enumerate(self.accuracies().items()):
            if (gap := float(self.lately[row]) - share) > GAP:
                words += f" The {NAMED[name]} overfits: it knows {100 * gap:.0f} % more of its own."
        return words

    def accuracies(self) -> dict[str, float]:
        """Of each net, on the validation pictures."""
        return {name: float(self.figures[row, 1]) for row, name in enumerate(self.rivals.nets)}

    def neighbours(self) -> tuple[float, float]:
        """The mean cosine of places whose patches touch in the picture, and of those far apart."""
        side = self.vit.side
        # Where each place's patch lay before patches were shuffled, if they were.
        patches = torch.cartesian_prod(*2 * [torch.arange(side)])[self.places.cpu()]
        apart = (patches[:, None] - patches).abs().sum(dim=2)
        cosines = self.vit.similarity().flatten(1).cpu()
        return float(cosines[apart == 1].mean()), float(cosines[apart > side // 2].mean())

    def provenance(self) -> Mapping[str, str]:
        """Which pictures; how large the nets are."""
        sizes = [f"{NAMED[name]} {count(net):,}" for name, net in self.rivals.nets.items()]
        return {
            "data": f"{len(self.train):,} training pictures of {source(self.config.data)}",
            "weights": f"random, seed {self.config.seed}; parameters: {', '.join(sizes)}",
        }

    def parts(self) -> Mapping[str, state.Part]:
        """The nets, what trains them, the order of the pictures, the last figures."""
        return {
            **self.rivals.nets,
            "optimizer": self.rivals.optimizer,
            "source": self.source,
            "order": self.order,
            "places": self.places,
            "figures": self.figures,
            "lately": self.lately,
        }
