"""Self-attention made by hand: to copy, to rearrange, and to be a convolution.

Cordonnier, J.-B. et al. (2020), "On the relationship between self-attention and convolutional
layers": as many heads as taps, each of which looks at one place beside its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from core import config, state
from core.config import generator, setting
from core.experiment import CPU, Experiment, Pictures, Scalars, finite, to_array
from core.nets.transformer import attend, causal, sinusoids

TOKENS = 16
TAPS = (-3, -2, -1, 0, 1, 2, 3)  # places beside one's own that the convolution reads
KERNEL = (-1.0, -2.0, -1.0, 0.0, 1.0, 2.0, 1.0)  # a wide step: it finds edges
KERNEL_SCALE = 0.25
GOOD = 0.02  # of a signal between −1 and 1
WAVES = 32  # numbers of a sinusoidal position


class AttentionConstructions(Experiment):
    """One step is one token that asks, from the first to the last."""

    class Config(config.Config):
        """What shall be built, and of which positions."""

        construction: Literal["identity", "permutation", "convolution"] = setting(
            "identity",
            label="Build",
            choices={
                "identity": "identity",
                "permutation": "permutation",
                "convolution": "wide convolution",
            },
            help="Each token tells itself; the order is turned round; seven neighbours are mixed.",
        )
        positions: Literal["onehot", "sinusoids", "relative", "none"] = setting(
            "onehot",
            label="Positions",
            live=True,
            choices={
                "onehot": "absolute, one-hot",
                "sinusoids": "absolute, waves",
                "relative": "relative bias",
                "none": "none",
            },
            help="What queries and keys are made of: a place's own, or the distance alone.",
        )
        beta: float = setting(
            8.0, label="β", ge=0, le=100, live=True, help="Sharpness: 0 averages, ∞ copies."
        )
        causal: bool = setting(
            False, label="Causal mask", live=True, help="No token hears those after it."
        )

    SMOKE = Config()
    config: Config
    total = TOKENS

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        steps = torch.randn(TOKENS, generator=generator(config.seed))
        self.x = (steps.cumsum(0) - steps.cumsum(0).mean())[:, None]  # a walk: edges and plateaus
        self.x = self.x / self.x.abs().max()
        self.heard = torch.zeros(TOKENS)
        self.weights = torch.zeros(len(self.offsets), TOKENS, TOKENS)

    @property
    def offsets(self) -> tuple[int, ...]:
        """Of each head, how far from its own place it looks."""
        return TAPS if self.config.construction == "convolution" else (0,)

    @property
    def mixes(self) -> Float[Tensor, " heads"]:
        """By how much each head's value counts: W_v of a single number."""
        if self.config.construction == "convolution":
            return KERNEL_SCALE * torch.tensor(KERNEL)
        return torch.ones(1)

    def wanted(self) -> Int[Tensor, "heads tokens"]:
        """At which place each token shall look in each head; at the edges the nearest there is."""
        place = torch.arange(TOKENS)
        if self.config.construction == "permutation":
            return place.flip(0)[None]
        return (place + torch.tensor(self.offsets)[:, None]).clamp(0, TOKENS - 1)

    def scores(self) -> Float[Tensor, "heads tokens tokens"]:
        """q · k of each token with each, before β."""
        place, wanted = torch.arange(TOKENS), self.wanted()
        match self.config.positions:
            case "onehot":  # W_q moves each place's own unit vector to the place it wants
                return torch.eye(TOKENS)[wanted] @ torch.eye(TOKENS)
            case "sinusoids":  # the same with waves, whose products depend on distance alone
                keys = sinusoids(place, WAVES)
                return sinusoids(wanted, WAVES) @ keys.T * (2 / WAVES)
            case "relative":  # a bias for each distance: no token knows where it stands
                distance = place - place[:, None]
                offsets = torch.tensor(self.offsets)[:, None, None]
                return -(distance - offsets).abs().float()
            case _:
                return torch.zeros(len(self.offsets), TOKENS, TOKENS)

    def attention(self) -> tuple[Float[Tensor, " tokens"], Float[Tensor, "heads tokens tokens"]]:
        """What all tokens hear, the heads mixed, and whom they listen to."""
        scores = self.config.beta * self.scores()
        mask = causal(TOKENS, TOKENS) if self.config.causal else None
        # `attend` makes scores of queries and keys: with unit keys the queries are the scores.
        keys = torch.eye(TOKENS).expand_as(scores)
        heard, weights = attend(scores, keys, self.x.expand(len(scores), -1, -1), mask, scale=1.0)
        return self.mixes @ heard[..., 0], weights

    def target(self) -> Float[Tensor, " tokens"]:
        """What shall be heard."""
        return self.mixes @ self.x[self.wanted(), 0]

    def step(self) -> Scalars | None:
        """One token asks; how far what is heard so far is from what it shall be."""
        if self.steps == TOKENS:
            return None
        heard, weights = self.attention()
        self.heard[self.steps] = heard[self.steps]
        self.weights[:, self.steps] = weights[:, self.steps]
        self.steps += 1
        return {"error": self.error(), "heard": float(heard[self.steps - 1])}

    def error(self) -> float:
        """The largest difference so far, with the settings as they were."""
        return float((self.heard - self.target())[: self.steps].abs().max())

    def picture(self) -> Pictures:
        """Attention, and the signal before and after.

        weights: (heads, 16, 16); map: (16, 16), of the middle head; heard: (16,); NaN: not yet
        """
        later = torch.arange(TOKENS) >= self.steps
        middle = self.weights[len(self.offsets) // 2]
        return {
            "weights": finite(to_array(self.weights)),
            "map": finite(to_array(middle.masked_fill(later[:, None], torch.nan))),
            "heard": finite(to_array(self.heard.masked_fill(later, torch.nan))),
        }

    def backdrop(self) -> Pictures:
        """places, signal, target: (16,); names: (heads,), how far each looks."""
        return {
            "places": np.arange(TOKENS, dtype=np.float32),
            "signal": to_array(self.x[:, 0]),
            "target": to_array(self.target()),
            "names": np.array([f"{offset:+d}" if offset else "0" for offset in self.offsets]),
        }

    def words(self) -> str:
        """How good the construction is."""
        what = {"identity": "a copy", "permutation": "the reverse", "convolution": "a convolution"}
        heads = len(self.offsets)
        many = f"{heads} heads" if heads > 1 else "One head"
        if not self.steps:
            return f"{many} shall make {what[self.config.construction]} of 16 tokens."
        said = f"{many}, {self.steps} of {TOKENS} tokens: "
        if self.error() < GOOD:
            return f"{said}{what[self.config.construction]}, to {self.error():.1g}."
        return f"{said}off by up to {self.error():.2f} from {what[self.config.construction]}."

    def provenance(self) -> Mapping[str, str]:
        """Nothing is learnt here."""
        return {"data": "a random walk of 16 numbers", "weights": "set by hand"}

    def parts(self) -> Mapping[str, state.Part]:
        """What was heard, and whom they listened to."""
        return {"heard": self.heard, "weights": self.weights}
