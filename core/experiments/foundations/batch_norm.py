"""Batch norm on a small batch, one step of its derivation at a time: forward, then back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
import pydantic
import torch
from torch.nn.functional import batch_norm

from core import config as settings
from core import state
from core.config import generator, setting
from core.data.typed import LONGEST, parse_table
from core.experiment import CPU, Experiment, Pictures
from core.nets.derivation import (
    EDGES,
    LOSS_FORMULAS,
    NODES,
    SIGNS,
    Array,
    Derivation,
    Loss,
    Mode,
    Tape,
)

SEVERAL = ("z", "mu")  # which enter more than one formula


def _check_batch(text: str) -> str:
    parse_table(text)
    return text


class BatchNorm(Experiment):
    """One step computes one node: its value going forward, a part of its gradient going back."""

    class Config(settings.Config):
        """Settings of the derivation."""

        batch: Annotated[str, pydantic.AfterValidator(_check_batch)] = setting(
            "1; 2; 4; 9",
            label="Batch z",
            max_length=LONGEST,
            help="Your own numbers, an example per row: “1 5; 2 3” are 2 examples of 2 features.",
        )
        mode: Mode = setting(
            "train",
            label="Mode",
            choices={"train": "training", "eval": "evaluation"},
            help="In training μ and σ² are the batch's; in evaluation running means stand in.",
        )
        gamma: float = setting(
            1.5, label="γ", ge=-3, le=3, live=True, help="The standard deviation after it."
        )
        beta: float = setting(0.5, label="β", ge=-3, le=3, live=True, help="The mean after it.")
        epsilon: float = setting(
            1e-5,
            label="ε",
            ge=1e-8,
            le=1,
            scale="log",
            live=True,
            help="Keeps the root from zero where a feature hardly varies.",
        )
        loss: Loss = setting(
            "weighted",
            label="Loss",
            choices=LOSS_FORMULAS,
            help="What is made of y; c are numbers drawn by the seed.",
        )
        momentum: float = setting(
            0.1,
            label="α",
            ge=0.01,
            le=1,
            advanced=True,
            live=True,
            help="How much one batch counts in the running means.",
        )
        seen: int = setting(
            10,
            label="Batches seen",
            ge=0,
            le=100,
            advanced=True,
            when=("mode", "eval"),
            help="How often this batch was trained on before the evaluation.",
        )

    SMOKE = Config()
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, CPU)
        self.z = parse_table(config.batch)
        drawn = torch.randn(self.z.shape, generator=generator(config.seed), dtype=torch.float64)
        self.weights = drawn.numpy().round(1)
        self.derivation = Derivation(config.mode, config.loss)
        self.total = self.derivation.total

    def step(self) -> Mapping[str, float] | None:
        """loss, once it is known; gradient: |∂L/∂z| of what has come back so far."""
        if self.steps == self.total:
            return None
        self.steps += 1
        tape = self.tape(self.steps)
        gradient = np.linalg.norm(tape.gradients.get("z", 0.0))
        return {"loss": float(tape.values.get("loss", math.nan)), "gradient": float(gradient)}

    def given(self) -> Tape:
        """What is known before the first step."""
        config, z = self.config, self.z
        m, d = z.shape
        mean, var = np.zeros(d), np.ones(d)  # where running means begin
        if config.mode == "eval":
            kept = (1 - config.momentum) ** config.seen
            mean = (1 - kept) * z.mean(axis=0)
            var = kept + (1 - kept) * z.var(axis=0) * m / (m - 1)
        values = {"z": z, "running_mean": mean, "running_var": var}
        values |= {"gamma": np.full(d, config.gamma), "beta": np.full(d, config.beta)}
        return Tape(
            epsilon=config.epsilon, momentum=config.momentum, weights=self.weights, values=values
        )

    def tape(self, steps: int) -> Tape:
        """All that is known after so many steps, with γ, β and ε as they are now."""
        return self.derivation(self.given(), steps)

    def autograd(self) -> dict[str, Array]:
        """∂L/∂z, ∂L/∂γ and ∂L/∂β by PyTorch's own batch norm and autograd, in float64."""
        tape, config = self.given(), self.config
        given = {name: torch.from_numpy(values.copy()) for name, values in tape.values.items()}
        leaves = {name: given[name].requires_grad_() for name in ("z", "gamma", "beta")}
        y: Any = batch_norm(
            given["z"],
            given["running_mean"],
            given["running_var"],
            given["gamma"],
            given["beta"],
            training=config.mode == "train",
            momentum=config.momentum,
            eps=config.epsilon,
        )
        y.backward(torch.from_numpy(self.tape(self.total).gradients["y"]))
        return {name: np.asarray(leaf.grad) for name, leaf in leaves.items()}

    def difference(self) -> float:
        """The largest difference of the finished derivation from autograd."""
        gradients = self.tape(self.total).gradients
        return max(float(np.abs(gradients[k] - v).max()) for k, v in self.autograd().items())

    def picture(self) -> Pictures:
        """The graph as it stands, and the first feature of it in figures.

        value.<node>, gradient.<node>: z, u and y (m, d), loss (), others (d,); NaN if unknown
        local.<start>.<end>: derivatives along the edges, (m, d) or (d,); NaN if unknown
        progress: (nodes,), 0 unknown, 1 value, 2 gradient too; active: (2,), node and edge or -1
        flow: (edges,), 0 unused, 1 forward, 2 back
        factors: local derivatives of the first feature as texts; factor: those in use now
        dz, aim: (m,), ∂L/∂z of the first feature, so far and in the end
        """
        tape, whole = self.tape(self.steps), self.tape(self.total)
        node, edge = self.derivation.now(self.steps)
        arrays = {
            **{f"value.{n}": single(tape.values.get(n), whole[n]) for n in whole.values},
            **{
                f"gradient.{n}": single(tape.gradients.get(n), g)
                for n, g in whole.gradients.items()
            },
            **{
                f"local.{a}.{b}": single(tape.local.get((a, b)), v)
                for (a, b), v in whole.local.items()
            },
        }
        progress = [(n in tape.values) + (n in tape.gradients) for n in NODES]
        active = [NODES.index(node) if node else -1, EDGES.index(edge) if edge else -1]
        known = list(tape.local)
        factors = [f"∂{SIGNS[b]}/∂{SIGNS[a]} = {alike(tape.local[a, b])}" for a, b in known]
        return arrays | {
            "progress": np.array(progress, np.int32),
            "active": np.array(active, np.int32),
            "flow": np.array(self.derivation.flow(self.steps), np.int32),
            "factors": np.array(factors or ["none yet"]),
            "factor": np.array([known.index(edge)] if edge else [], np.int32),
            "dz": single(tape.gradients.get("z", 0 * self.z)[:, 0]),
            "aim": single(whole.gradients["z"][:, 0]),
        }

    def backdrop(self) -> Pictures:
        """rows: names of the m examples."""
        return {"rows": np.array([f"z{'₁₂₃₄₅₆₇₈'[row]}" for row in range(len(self.z))])}

    def words(self) -> str:
        """The formula of the last step and what it gives for the first feature."""
        node, edge = self.derivation.now(self.steps)
        tape = self.tape(self.steps)
        if node is None:
            m, d = self.z.shape
            each = f"{d} features" if d > 1 else "one feature"
            return f"Given: {m} examples of {each}, γ and β. Step on, and μ is computed."
        if edge is None:
            if node in tape.gradients:
                return "From here back: ∂L/∂L = 1."
            formula = self.derivation.formulas[node]
            apart = float(self.z[:, 0].std()) if node == "mu" else math.inf
            return f"Forward: {SIGNS[node]} = {formula} = {figures(tape[node], apart)}."
        start, end = (SIGNS[name] for name in edge)
        gains = "gains" if node in SEVERAL and self.config.mode == "train" else "="
        over = (
            "Σ "
            if tape.local[edge].ndim + tape.gradients[edge[1]].ndim > 2 > tape[node].ndim
            else ""
        )
        text = (
            f"Back: ∂L/∂{start} {gains} {over}∂L/∂{end} · ∂{end}/∂{start}"
            f" and is {figures(tape.gradients[node])}."
        )
        if self.steps < self.total:
            return text
        return f"{text} By hand and by autograd differ by {self.difference():.0e}."

    def provenance(self) -> Mapping[str, str]:
        """The batch; γ and β are the only weights."""
        return {"data": "the batch in the settings", "weights": "γ and β of the settings"}

    def parts(self) -> Mapping[str, state.Part]:
        """Nothing: the settings and the number of steps say it all."""
        return {}


def single(known: Array | None, whole: Array | None = None) -> Array:
    """As float32, of one shape throughout: NaN where there is nothing yet."""
    if known is None:
        known = np.full_like(np.asarray(whole), np.nan)
    return np.array(known, np.float32)


def figures(array: Array, apart: float = math.inf) -> str:
    """The first feature's numbers: three digits that count, and where these numbers are `apart`
    by far less than their size, three of the difference.
    """
    first = np.atleast_1d(array).reshape(-1, array.shape[-1])[:, 0] if array.ndim else [array]
    return ", ".join(figure(float(value), apart) for value in first)


def alike(array: Array) -> str:
    """The first feature's numbers, once where all are the same."""
    texts = figures(array).split(", ")
    return f"{texts[0]}, for each" if len(set(texts)) < 2 <= len(texts) else ", ".join(texts)


def figure(value: float, apart: float = math.inf) -> str:
    """One number: 9.5, 8113 or 1.88e−5."""
    value = round(value, 12) + 0.0  # + 0.0: there is no −0
    size = int(f"{value:.2e}".partition("e")[2])  # of what three digits round it to
    if not -4 < size < 6:
        mantissa, _, exponent = f"{value:.2e}".partition("e")
        return f"{float(mantissa):g}e{int(exponent)}".replace("-", "−")
    finer = size - math.floor(math.log10(apart)) if 0 < apart < math.inf else 0
    digits = min(max(3, size + 1, finer + 3), 9)
    return f"{value:.{digits}g}".replace("-", "−")
