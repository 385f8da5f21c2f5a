"""Random search: nets with settings drawn at random, each taught with the same number of pictures.

Bergstra and Bengio (2012): where few settings matter, chance tries more values of each than a grid.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from core import config, state
from core.config import generator, setting
from core.data import cifar
from core.data.augmentation import Augmentation
from core.experiment import CPU, Experiment, Pictures, Scalars
from core.nets.cnn import build

AXES = ("learning rate η", "weight decay λ", "batch size", "shift", "right")
LOW, HIGH = (1e-3, 1e-5, 16, 0), (3.0, 1e-1, 256, 8)
LOG = (True, True, True, False)


class CNNSearch(Experiment):
    """One step is one batch of the net under trial; the last of a trial judges it as well."""

    class Config(config.Config):
        """Settings of the search."""

        trials: int = setting(24, label="Trials", ge=2, le=100, help="Nets to teach.")
        budget: int = setting(
            3000,
            label="Pictures each",
            ge=256,
            le=100_000,
            scale="log",
            help="How many a net learns from, one batch after the other.",
        )
        held_out: int = setting(
            500, label="Validation pictures", ge=50, le=1000, advanced=True, help="To judge by."
        )

    SMOKE = Config(trials=3, budget=256, held_out=60)
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        self.train = cifar.load("train").to(device)
        self.held_out = cifar.load("validation").first(config.held_out).to(device)
        drawn = torch.rand(config.trials, len(LOG), generator=generator(config.seed))
        self.places = drawn.numpy().astype(np.float64)  # of each setting between low and high
        self.trials = [self.values(place) for place in self.places]
        ends = np.cumsum([max(1, config.budget // batch) for _, _, batch, _ in self.trials])
        self.ends = [int(end) for end in ends]  # the step after which each trial is over
        self.total = self.ends[-1]
        self.net = build("small", generator(0)).to(device).to(memory_format=torch.channels_last)
        parameters = list(self.net.parameters())
        groups = [[p for p in parameters if (p.ndim > 1) == weight] for weight in (True, False)]
        self.optimizer = torch.optim.SGD(
            [{"params": group} for group in groups], lr=0.1, momentum=0.9, nesterov=True
        )
        self.source = generator(config.seed + 1)
        self.accuracy = torch.zeros(config.trials, dtype=torch.float64)
        self.loss = torch.zeros((), dtype=torch.float64)

    @staticmethod
    def values(place: np.ndarray) -> tuple[float, float, int, int]:
        """Learning rate, decay, batch size and shift at places from 0 to 1 of their axes."""
        found = [
            low * (high / low) ** p if log else low + p * (high - low)
            for low, high, log, p in zip(LOW, HIGH, LOG, place, strict=True)
        ]
        return found[0], found[1], round(found[2]), round(found[3])

    @property
    def trial(self) -> int:
        """The number of the trial that the next step belongs to."""
        return int(np.searchsorted(self.ends, self.steps, side="right"))

    def step(self) -> Scalars | None:
        """The loss of the batch, and the best share right so far."""
        if self.steps == self.total:
            return None
        trial = self.trial
        rate, decay, batch, shift = self.trials[trial]
        if self.steps in (0, *self.ends):
            self.net.load_state_dict(build("small", generator(self.config.seed)).state_dict())
            self.optimizer.state.clear()
        for group, at in zip(self.optimizer.param_groups, (decay, 0.0), strict=True):
            group["lr"], group["weight_decay"] = rate, at
        index = torch.randint(len(self.train), (batch,), generator=self.source).to(self.device)
        x = Augmentation(shift=shift)(self.train.images[index], self.source)
        self.net.train()
        loss = cross_entropy(self.net(x), self.train.labels[index])
        self.net.eval()
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.loss.copy_(loss.detach())
        self.steps += 1
        if self.steps == self.ends[trial]:
            self.accuracy[trial] = self.judge()
        return {"loss": float(self.loss), "best": float(self.accuracy.max())}

    @torch.no_grad()
    def judge(self) -> float:
        """The share of validation pictures that the net of now takes for what they are."""
        right = self.net(cifar.pixels(self.held_out.images)).argmax(1) == self.held_out.labels
        return float(right.double().mean())

    def picture(self) -> Pictures:
        """Each trial as a line over five axes, from 0 (lowest) to 1 (highest).

        axes: (5,); good, others: (trials, 5), those among the best quarter and the rest, NaN
        where not of that kind or not judged yet; best, running: (5,)
        rates: (trials, 2), log10 of the learning rate and the share right
        """
        done = self.trial
        right = self.accuracy.numpy()
        lines = np.column_stack([self.places, right])
        nothing = np.full_like(lines, np.nan)
        ranks = np.argsort(np.argsort(-right[:done])) if done else np.zeros(0)
        is_good = np.zeros(len(lines), bool)
        is_good[:done] = ranks < max(1, done / 4)
        known = np.arange(len(lines)) < done
        running = nothing[0].copy()
        if done < len(lines):
            running[:-1] = self.places[done]
        rates = np.column_stack([np.log10([rate for rate, *_ in self.trials]), right])
        arrays = {
            "axes": np.arange(len(AXES)),
            "good": np.where((is_good & known)[:, None], lines, nothing),
            "others": np.where((~is_good & known)[:, None], lines, nothing),
            "best": lines[right.argmax()] if done else nothing[0],
            "running": running,
            "rates": np.where(known[:, None], rates, np.nan),
        }
        return {name: array.astype(np.float32) for name, array in arrays.items()}

    def words(self) -> str:
        """The best so far, and what is tried now."""
        done = self.trial
        if not done:
            return f"Trial 1 of {self.config.trials}: {self.told(0)}."
        best = int(self.accuracy.argmax())
        words = (
            f"{done} of {self.config.trials} trials: at best {100 * float(self.accuracy[best]):.1f}"
            f" % of {len(self.held_out)} validation pictures right, with {self.told(best)}."
        )
        if done < self.config.trials:
            return words
        middle = 100 * float(self.accuracy.median())
        return f"{words} Half of the trials did not get beyond {middle:.1f} %."

    def told(self, trial: int) -> str:
        """The settings of a trial."""
        rate, decay, batch, shift = self.trials[trial]
        return f"η = {rate:.2g}, λ = {decay:.2g}, batches of {batch} and a shift of {shift} px"

    def provenance(self) -> Mapping[str, str]:
        """Which pictures, from what start."""
        seen = f"{len(self.train):,} training and {len(self.held_out):,} validation pictures"
        return {
            "data": f"{seen} of {cifar.source()}",
            "weights": f"small net, random, seed {self.config.seed} each time",
        }

    def parts(self) -> Mapping[str, state.Part]:
        """The net under trial, what trains it, what was found."""
        return {
            "net": self.net,
            "optimizer": self.optimizer,
            "source": self.source,
            "accuracy": self.accuracy,
            "loss": self.loss,
        }
