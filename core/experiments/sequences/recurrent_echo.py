"""A recurrent cell learns to say every letter again, some steps after it was heard."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pydantic
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from core import state
from core.config import generator, setting
from core.data.echo import SILENT, Echoes, echoes, encode
from core.experiment import CPU, Experiment, Pictures, Scalars, finite, to_array
from core.nets.cells import AttentionRNN, Unrolled, unroll
from core.nets.cells.settings import CellSettings, count
from core.probes.memory import clear, reach, told

HELD_OUT = 500  # sequences
EVALUATE_EVERY = 10  # steps
LETTERS = "abcdefghijklmnopqrstuvwxyz"


class RecurrentEcho(Experiment):
    """One step is one batch of new sequences."""

    class Config(CellSettings):
        """Settings of cell and task."""

        delay: int = setting(4, label="Delay", ge=0, le=30, unit="steps", help="Of the echo.")
        variable: bool = setting(
            False,
            label="Variable delay",
            help="Each sequence has a delay of its own, from 0 to this one, and is told which.",
        )
        length: int = setting(
            16, label="Length", ge=2, le=64, unit="letters", help="Of each sequence."
        )
        alphabet: int = setting(8, label="Alphabet", ge=2, le=26, help="How many letters.")
        learning_rate: float = setting(
            0.005,
            label="Learning rate η",
            ge=1e-5,
            le=10,
            scale="log",
            live=True,
            help="Of Adam.",
        )
        clip: float = setting(
            1.0,
            label="Clip the gradient to",
            ge=0,
            le=100,
            live=True,
            advanced=True,
            help="A longer gradient is shortened to this norm; 0 leaves it as it is.",
        )
        batch_size: int = setting(
            64, label="Batch", ge=1, le=512, scale="log", advanced=True, help="Sequences a step."
        )
        batches: int = setting(
            1_500, label="Steps", ge=1, le=50_000, scale="log", help="Of training."
        )

        @pydantic.model_validator(mode="after")
        def _leaves_something_to_say(self) -> RecurrentEcho.Config:
            if self.delay >= self.length:
                raise ValueError(
                    f"A delay of {self.delay} leaves nothing to echo in {self.length} letters; "
                    "take a shorter delay or longer sequences."
                )
            return self

    SMOKE = Config(width=4, length=6, delay=2, batch_size=4, batches=40)
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        self.total = config.batches
        self.delays = (config.delay + 1) * config.variable
        self.cell = config.build(config.alphabet + self.delays).to(device)
        self.head = torch.nn.utils.skip_init(torch.nn.Linear, config.width, config.alphabet)
        source = generator(config.seed + 1)
        for weights in self.head.parameters():
            torch.nn.init.uniform_(weights, *bounds(config.width), generator=source)
        self.head.to(device)
        self.optimizer = torch.optim.Adam(self.weights(), lr=config.learning_rate)
        self.source = generator(config.seed + 2)
        self.held_out = self.draw(HELD_OUT, generator(config.seed + 3))
        self.shown = int(self.held_out.delays.argmax())
        self.accuracy = torch.zeros((), dtype=torch.float64)
        self.reach = torch.zeros(2, config.length)  # by h, and by c where the cell has one
        self.evaluate()
        self.at_start = self.reach.clone()

    def weights(self) -> list[torch.nn.Parameter]:
        """All parameters."""
        return [*self.cell.parameters(), *self.head.parameters()]

    def draw(self, n: int, source: torch.Generator) -> Echoes:
        """New sequences."""
        c = self.config
        return echoes(n, c.length, c.alphabet, c.delay, c.variable, source)

    def read(self, echo: Echoes) -> tuple[Tensor, Unrolled]:
        """The logits (n, time, letters) of what is said at each step, and what the cell did."""
        x = encode(echo, self.config.alphabet, self.delays).to(self.device)
        run = unroll(self.cell, x)
        return self.head(run.h), run

    def step(self) -> Scalars | None:
        """Loss and gradient norm on the batch; accuracy and reach of the last evaluation."""
        if self.steps == self.total:
            return None
        batch = self.draw(self.config.batch_size, self.source)
        logits, _ = self.read(batch)
        target = batch.target.to(self.device)
        loss = cross_entropy(logits.mT, target, ignore_index=SILENT)
        self.optimizer.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.weights(), self.config.clip or math.inf)
        for group in self.optimizer.param_groups:
            group["lr"] = self.config.learning_rate
        self.optimizer.step()
        self.steps += 1
        if self.steps % EVALUATE_EVERY == 0 or self.steps == self.total:
            self.evaluate()
        return {"loss": loss.detach(), "norm": norm} | self.scalars()

    def scalars(self) -> dict[str, float]:
        """Of the last evaluation."""
        return {"accuracy": float(self.accuracy), "reach": self.from_delay()}

    def initial(self) -> Scalars:
        """The figures of a net that knows nothing."""
        return {"loss": math.nan, "norm": math.nan} | self.scalars()

    @torch.no_grad()
    def evaluate(self) -> None:
        """On held-out sequences: what is echoed rightly, and how far back the gradient reaches."""
        said = self.read(self.held_out)[0].argmax(dim=2).cpu()
        asked = self.held_out.target != SILENT
        self.accuracy.copy_((said == self.held_out.target)[asked].double().mean())
        x = encode(self.one(), self.config.alphabet, self.delays).to(self.device)
        for row in range(len(self.cell.start(1)) if self.config.cell == "lstm" else 1):
            self.reach[row].copy_(reach(self.cell, x, row))

    def one(self) -> Echoes:
        """The held-out sequence that is drawn: the first with the longest delay."""
        return Echoes(*(part[self.shown : self.shown + 1] for part in self.held_out))

    def from_delay(self) -> float:
        """‖∂h_T/∂h_s‖ from as far back as the echo, the stronger of h and c."""
        return float(self.reach[:, self.config.delay].max())

    @torch.no_grad()
    def picture(self) -> Pictures:
        """What the cell does with one held-out sequence.

        states: (units, time), the hidden state; says: (time,), the likeliest letters
        gates: (gates, time), the mean of each over units; attention is as it is
        strength: (time,), ‖∂h_T/∂h_s‖ of each s, the last one's is 1
        reach, cell_reach: (time,), the same by distance T − s, of h and of the LSTM's c
        """
        logits, run = self.read(self.one())
        by_h, by_c = (clear(row) for row in self.reach)
        return {
            "states": finite(to_array(run.h[0].T)),
            "says": np.array([LETTERS[i] for i in logits[0].argmax(1).tolist()]),
            "gates": finite(to_array(self.gates(run))),
            "strength": clear(self.reach.amax(dim=0).flip(0)),
            "reach": by_h,
            "cell_reach": by_c if self.config.cell == "lstm" else by_c * np.nan,
        }

    def gates(self, run: Unrolled) -> Tensor:
        """(gates, time): how open each is; of a plain RNN the slope of tanh, 1 − h²."""
        if isinstance(self.cell, AttentionRNN):
            return run.gate("attention")[0].T
        if not self.cell.gates:
            return (1 - run.h[0].square()).mean(dim=1)[None]
        return torch.stack([run.gate(name)[0].mean(dim=1) for name in self.cell.gates])

    def gate_names(self) -> list[str]:
        """Of the rows of `gates`."""
        if isinstance(self.cell, AttentionRNN):
            back = self.cell.k or self.config.length
            return ["input", *(f"{i} back" for i in range(1, back + 1))]
        return list(self.cell.gates) or ["slope"]

    def backdrop(self) -> Pictures:
        """The sequence that is drawn, and how far the gradient reached at the start.

        hears, wanted: (time,); gate_names; distance, reach_start: (time,); delay: (1,)
        """
        one = self.one()
        wanted = ["" if i == SILENT else LETTERS[i] for i in one.target[0].tolist()]
        return {
            "hears": np.array([LETTERS[i] for i in one.letters[0].tolist()]),
            "wanted": np.array(wanted),
            "gate_names": np.array(self.gate_names()),
            "distance": np.arange(self.config.length, dtype=np.float32),
            "reach_start": clear(self.at_start.amax(dim=0)),
            "delay": np.array([self.config.delay], dtype=np.float32),
        }

    def words(self) -> str:
        """How much is echoed, how far the gradient reaches, whether the cell is well."""
        c, chance = self.config, 100 / self.config.alphabet
        if not math.isfinite(self.from_delay()) or not all(
            w.isfinite().all() for w in self.weights()
        ):
            return "The cell has diverged: take a smaller learning rate or initial scale, and clip."
        at_start = float(self.at_start[:, c.delay].max())
        return (
            f"{100 * float(self.accuracy):.1f} % of the letters of {HELD_OUT} held-out sequences "
            f"are echoed rightly; by chance {chance:.1f} %. From {c.delay} steps back, "
            f"‖∂hₜ/∂hₛ‖ is {told(self.from_delay())} (at the start {told(at_start)})."
        )

    def provenance(self) -> Mapping[str, str]:
        """Where the letters come from; how large the cell is."""
        return {
            "data": f"letters of a seeded generator, {HELD_OUT} sequences held out",
            "weights": f"random, seed {self.config.seed}; {count(self.cell):,} in the cell",
        }

    def parts(self) -> Mapping[str, state.Part]:
        """The net, what trains it, where letters come from, the last figures."""
        return {
            "cell": self.cell,
            "head": self.head,
            "optimizer": self.optimizer,
            "source": self.source,
            "accuracy": self.accuracy,
            "reach": self.reach,
        }


def bounds(width: int) -> tuple[float, float]:
    """Those of torch's own start."""
    return -(width**-0.5), width**-0.5
