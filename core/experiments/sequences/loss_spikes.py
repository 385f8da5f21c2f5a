"""An LSTM learns which of two marks came first. Its loss spikes; only training may change."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from core import config, state
from core.config import generator, setting
from core.data.temporal_order import (
    CLASSES,
    LEVELS,
    MARK,
    NOISE,
    SYMBOLS,
    Level,
    LevelName,
    Orders,
    encode,
    grown,
    orders,
)
from core.experiment import CPU, Experiment, Pictures, Scalars, finite, to_array
from core.nets.cells import LSTM, Unrolled, at_end, unroll
from core.optim.cosine import cosine_rate
from core.probes.confusion import confusion
from core.probes.memory import clear, reach, told
from core.probes.spikes import Spikes

UNITS = 12
HELD_OUT = 400  # sequences
EVALUATE_EVERY = 20  # steps
LEARNT = 0.6  # accuracy from which on something was learnt
LEGIBLE = 50  # symbols
GROWING = 0.6  # share of the run in which sequences grow, if they do

LEVEL_NAMES: dict[LevelName, str] = {
    "easy": "7 to 9 symbols",
    "normal": "30 to 40 symbols",
    "published": "100 to 110, as published",
}


class LossSpikes(Experiment):
    """One step is one batch of new sequences. The net is always an LSTM of 12 units."""

    class Config(config.Config):
        """Settings of the training procedure."""

        level: LevelName = setting(
            "normal", label="Length", choices=LEVEL_NAMES, help="Of the sequences."
        )
        learning_rate: float = setting(
            0.01,
            label="Learning rate η",
            ge=1e-5,
            le=1,
            scale="log",
            live=True,
            help="Of RMSprop.",
        )
        schedule: Literal["constant", "cosine"] = setting(
            "constant",
            label="Schedule",
            choices={"constant": "constant", "cosine": "cosine, down to 0"},
            live=True,
            help="How the learning rate goes on from the first step to the last.",
        )
        clip: float = setting(
            0.0,
            label="Clip the gradient to",
            ge=0,
            le=10,
            live=True,
            help="A longer gradient is shortened to this norm; 0 leaves it as it is.",
        )
        grow: bool = setting(
            False,
            label="Grow the sequences",
            help="They begin with 7 to 9 symbols and reach their length after 60 % of the steps.",
        )
        memory: float = setting(
            0.99,
            label="Memory of RMSprop, ρ",
            ge=0.5,
            le=0.9999,
            live=True,
            advanced=True,
            help="What its mean of squared gradients keeps from step to step.",
        )
        batch_size: int = setting(
            32, label="Batch", ge=1, le=512, scale="log", advanced=True, help="Sequences a step."
        )
        batches: int = setting(
            1_200, label="Steps", ge=1, le=50_000, scale="log", help="Of training."
        )

    SMOKE = Config(level="easy", batch_size=4, batches=30)
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        self.total = config.batches
        start = generator(config.seed)
        self.cell = LSTM(len(SYMBOLS), UNITS, start).to(device)
        self.head = torch.nn.utils.skip_init(torch.nn.Linear, UNITS, len(CLASSES))
        for weights in self.head.parameters():
            torch.nn.init.uniform_(weights, -(UNITS**-0.5), UNITS**-0.5, generator=start)
        self.head.to(device)
        self.optimizer = torch.optim.RMSprop(self.weights(), lr=config.learning_rate)
        self.source = generator(config.seed + 1)
        level = LEVELS[config.level]
        self.held_out = orders(HELD_OUT, level, generator(config.seed + 2))
        self.counts = torch.zeros(len(CLASSES), len(CLASSES), dtype=torch.int64)
        self.reach = torch.zeros(level.length[1])
        self.spikes = Spikes(math.log(len(CLASSES)))
        self.evaluate()

    def weights(self) -> list[torch.nn.Parameter]:
        """All parameters."""
        return [*self.cell.parameters(), *self.head.parameters()]

    def read(self, drawn: Orders) -> tuple[Tensor, Unrolled]:
        """The logits (n, time, classes) of what is said at each step, and what the cell did."""
        run = unroll(self.cell, encode(drawn.symbols).to(self.device))
        return self.head(run.h), run

    def loss(self, drawn: Orders) -> tuple[Tensor, Tensor]:
        """The cross-entropy of what is said at the last symbol, and the logits (n, classes)."""
        logits = at_end(self.read(drawn)[0], drawn.lengths)
        return cross_entropy(logits, drawn.target.to(self.device)), logits

    def step(self) -> Scalars | None:
        """Loss and gradient norm of the batch, the learning rate, the longest move of a weight."""
        if self.steps == self.total:
            return None
        c, rate = self.config, self.rate()
        loss, _ = self.loss(orders(c.batch_size, self.level(), self.source))
        self.optimizer.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.weights(), c.clip or math.inf)
        for group in self.optimizer.param_groups:
            group["lr"], group["alpha"] = rate, c.memory
        before = [w.detach().clone() for w in self.weights()]
        self.optimizer.step()
        moves = [(w.detach() - b).abs().max() for w, b in zip(self.weights(), before, strict=True)]
        self.steps += 1
        self.spikes.note(self.steps, float(loss.detach()))
        if self.steps % EVALUATE_EVERY == 0 or self.steps == self.total:
            self.evaluate()
        move = float(torch.stack(moves).max()) / c.learning_rate
        return {"loss": float(loss.detach()), "norm": float(norm), "move": move} | self.scalars()

    def rate(self) -> float:
        """η of this step."""
        c = self.config
        if c.schedule == "cosine":
            return cosine_rate(c.learning_rate, self.steps, self.total)
        return c.learning_rate

    def level(self) -> Level:
        """How long sequences are at this step."""
        level = LEVELS[self.config.level]
        if not self.config.grow:
            return level
        return grown(LEVELS["easy"], level, self.steps / (GROWING * self.total))

    @torch.no_grad()
    def evaluate(self) -> None:
        """On held-out sequences: what is taken for what; how far back the gradient reaches."""
        _, logits = self.loss(self.held_out)
        self.counts.copy_(
            confusion(self.held_out.target.numpy(), logits.argmax(1).cpu(), len(CLASSES))
        )
        x = encode(self.one().symbols).to(self.device)
        by_both = torch.stack([reach(self.cell, x, part) for part in (0, 1)]).amax(dim=0)
        self.reach.zero_()[: len(by_both)].copy_(by_both)

    def accuracy(self) -> float:
        """The share of held-out sequences that are classified rightly."""
        return float(self.counts.diagonal().sum() / self.counts.sum())

    def scalars(self) -> dict[str, float]:
        """Of the last evaluation, and η."""
        return {"accuracy": self.accuracy(), "rate": self.rate()}

    def initial(self) -> Scalars:
        """The figures of a net that knows nothing."""
        return dict.fromkeys(("loss", "norm", "move"), math.nan) | self.scalars()

    def one(self) -> Orders:
        """The held-out sequence that is drawn, the first, without its padding."""
        end = int(self.held_out.lengths[0])
        one = Orders(*(part[:1] for part in self.held_out))
        return one._replace(symbols=one.symbols[:, :end])

    @torch.no_grad()
    def picture(self) -> Pictures:
        """What is taken for what, and what the cell does with one held-out sequence.

        counts: (4, 4); states: (12, time), c; says: (time,), the likeliest class at each step
        gates: (3, time), their means; strength: (time,), ‖∂h_T/∂(h_s, c_s)‖, the larger
        """
        logits, run = self.read(self.one())
        c = torch.stack([state[1][0] for state in run.states], dim=1)
        gates = torch.stack([run.gate(name)[0].mean(dim=1) for name in LSTM.gates])
        says = [CLASSES[i] for i in logits[0].argmax(1).tolist()]
        return {
            "counts": to_array(self.counts),
            "states": finite(to_array(c)),
            "gates": finite(to_array(gates)),
            "says": np.array(changes(says)),
            "strength": clear(self.reach[: len(says)].flip(0)),
        }

    def backdrop(self) -> Pictures:
        """The sequence that is drawn: hears, wanted (time,); noise is dots where it is long."""
        one = self.one()
        symbols = one.symbols[0].tolist()
        hidden = range(NOISE, MARK) if len(symbols) > LEGIBLE else ()
        wanted = [""] * (len(symbols) - 1) + [CLASSES[int(one.target)]]
        return {
            "hears": np.array(["·" if i in hidden else SYMBOLS[i] for i in symbols]),
            "wanted": np.array(wanted),
        }

    def words(self) -> str:
        """How good it is, how often the loss spiked, what gradient there is to learn from."""
        if not all(w.isfinite().all() for w in self.weights()):
            return "The net has diverged: take a smaller learning rate."
        words = (
            f"{100 * self.accuracy():.1f} % of {HELD_OUT} held-out sequences are classified "
            "rightly; by chance 25 %."
        )
        if self.spikes.count:
            times = f"{self.spikes.count} times" if self.spikes.count > 1 else "once"
            words += f" The loss has spiked {times}, last at step {self.spikes.last:,}."
        if self.accuracy() < LEARNT:
            one = self.one()
            place = int(one.places[0, 0])
            left = float(self.reach[one.symbols.shape[1] - 1 - place])
            words += (
                f" To the first mark, at step {place + 1}, a gradient of {told(left)} comes back."
            )
        return words

    def provenance(self) -> Mapping[str, str]:
        """Where sequences come from; how large the net is."""
        count = sum(w.numel() for w in self.weights())
        return {
            "data": f"sequences of a seeded generator, {HELD_OUT} held out",
            "weights": f"random, seed {self.config.seed}; LSTM of {UNITS}, {count:,} parameters",
        }

    def parts(self) -> Mapping[str, state.Part]:
        """The net, what trains it, where sequences come from, what was noted."""
        return {
            "cell": self.cell,
            "head": self.head,
            "optimizer": self.optimizer,
            "source": self.source,
            "counts": self.counts,
            "reach": self.reach,
            "spikes": self.spikes.tensor,
        }


def changes(letters: list[str]) -> list[str]:
    """Each letter where it differs from the one before; the last one in any case."""
    last = len(letters) - 1
    before = ["", *letters]
    return [a if a != before[i] or i == last else "" for i, a in enumerate(letters)]
