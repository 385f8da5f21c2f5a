"""Beam search: several translations grow side by side, and the likeliest so far go on."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from core import config, state
from core.config import setting
from core.decoding import Beams, extend, first_beams
from core.experiment import CPU, Experiment, Pictures, Scalars, finite, to_array
from core.translation.trained import Trained

WIDEST = 8
SPARE = 8  # letters beyond those of the right answer


class TranslateBeams(Experiment):
    """One step is one letter more for every text in the beam."""

    class Config(config.Config):
        """What is translated, and how many texts go on."""

        sentence: str = setting(
            "squirrels chew rhythm",
            label="Text",
            max_length=300,
            help="Up to 12 words of a to z.",
        )
        width: int = setting(
            4,
            label="Beam",
            unit="texts",
            ge=1,
            le=WIDEST,
            help="1 is greedy: the likeliest letter.",
        )
        temperature: float = setting(
            1.0,
            label="Temperature",
            ge=0.1,
            le=5,
            help="Logits are divided by it: a net that is sure has nothing to weigh.",
        )
        weights: str = setting(
            "shipped", label="Weights", max_length=32, hidden=True, help="Shipped, or of a run."
        )

    SMOKE = Config(sentence="a fox", width=3)
    config: Config

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        self.trained = Trained.of(config.weights, device)
        self.alphabet = self.trained.task.alphabet
        self.text = self.trained.read(config.sentence)
        self.answer = self.trained.task.answer(self.text)
        self.most = len(self.answer) + 1 + SPARE
        # Row by row: tokens, and of each text its log-probability and whether it is there, ended.
        self.tokens = torch.full((config.width, self.most), self.alphabet.pad, device=device)
        self.marks = torch.zeros(config.width, 3, dtype=torch.float64, device=device)
        self.marks[0, 1] = 1
        self.greedy = torch.zeros(2, dtype=torch.float64)  # log-probability, whether it has ended
        self.begin()

    @torch.no_grad()
    def begin(self) -> None:
        """Read the sentence, for the beam and for one greedy text beside it."""
        self.writing = self.trained.net.begin([self.text])
        self.alone = self.trained.net.begin([self.text])

    @property
    def beams(self) -> Beams:
        """The texts as they are now."""
        count = int(self.marks[:, 1].sum())
        if self.steps == 0:
            return first_beams(self.tokens[0, :0])
        tokens, marks = self.tokens[:count, : self.steps], self.marks[:count]
        return Beams(tokens, marks[:, 0].float(), marks[:, 2] > 0)

    @torch.no_grad()
    def step(self) -> Scalars | None:
        """One letter more; log-probabilities of the best, the last and the greedy text."""
        beams = self.beams
        if self.steps == self.most or bool(beams.ended.all()):
            return None
        logits = self.writing.next()[0] / self.config.temperature
        end, fill = self.alphabet.eos, self.alphabet.pad
        beams, origin = extend(beams, logits, self.config.width, end, fill)
        count = len(origin)
        self.writing.pick(origin)
        self.writing.add(beams.tokens[:, -1])
        self.follow_greedy()
        self.tokens[:count, : self.steps + 1] = beams.tokens
        self.marks.zero_()
        self.marks[:count, 0], self.marks[:count, 1] = beams.scores.double(), 1
        self.marks[:count, 2] = beams.ended.double()
        self.steps += 1
        return {
            "best": float(beams.scores[0]),
            "last": float(beams.scores[-1]),
            "greedy": float(self.greedy[0]),
        }

    def follow_greedy(self) -> None:
        """The text that always takes the likeliest letter, as long as it has not ended."""
        if self.greedy[1]:
            return
        steps = (self.alone.next()[0] / self.config.temperature).log_softmax(dim=-1)
        best, token = steps.max(dim=-1)
        self.alone.add(token)
        self.greedy += torch.tensor([float(best), float(token == self.alphabet.eos)])

    def picture(self) -> Pictures:
        """The texts of the beam, best first, with empty places where there are fewer.

        texts: (width,), shares: (width,) of their probability in the beam
        right: (k,), which of them are as the rule says so far
        """
        beams = self.beams
        texts = [self.alphabet.decode(row) for row in beams.tokens.tolist()]
        ends = [" ■" if ended else "" for ended in beams.ended.tolist()]
        room = self.config.width - len(texts)
        shown = [f"{text}{end}" for text, end in zip(texts, ends, strict=True)] + [""] * room
        shares = torch.zeros(self.config.width)
        shares[: len(texts)] = beams.scores.softmax(dim=0)
        right = [i for i, text in enumerate(texts) if self.so_far(text, bool(beams.ended[i]))]
        return {
            "texts": np.array(shown),
            "shares": finite(to_array(shares)),
            "right": np.array(right, dtype=np.int32),
        }

    def backdrop(self) -> Pictures:
        """places: (width,), 1 to the last."""
        return {"places": np.array([str(place + 1) for place in range(self.config.width)])}

    def so_far(self, text: str, ended: bool) -> bool:
        """Whether the rule says the same."""
        return text == (self.answer if ended else self.answer[: len(text)])

    def words(self) -> str:
        """The best text, how sure the beam is of it, and whether greedy would have found it."""
        beams = self.beams
        best = self.alphabet.decode(beams.tokens[0].tolist())
        if not self.steps:
            return f"“{self.text}” was read. Each first letter is a text of its own."
        share = 100 * math.exp(float(beams.scores[0]))
        shown = f"{share:.0f}" if share >= 1 else f"{share:.1g}"
        said = f"Best of {len(beams.tokens)}: “{best}”, with a probability of {shown} %"
        verdict = "as the rule says" if self.so_far(best, bool(beams.ended[0])) else "wrong"
        gain = float(beams.scores[0]) - float(self.greedy[0])
        if not bool(beams.ended[0]):
            return f"{said}: {verdict} so far."
        if not self.greedy[1]:
            return f"{said}: {verdict}; the greedy text has not ended."
        if gain > 1e-3:
            return f"{said}: {verdict}; {math.exp(gain):.2g} times as likely as the greedy text."
        return f"{said}: {verdict}; greedy finds the same."

    def provenance(self) -> Mapping[str, str]:
        """Whose weights they are, and how good."""
        return {"data": "your text, or this one", "weights": self.trained.about}

    def parts(self) -> Mapping[str, state.Part]:
        """The texts, and the greedy one's probability."""
        return {
            "tokens": self.tokens,
            "marks": self.marks,
            "greedy": self.greedy,
        }

    @torch.no_grad()
    def load_state_dict(self, saved: Mapping[str, Tensor]) -> None:
        """As the base says; keys and values are computed again, letter by letter."""
        super().load_state_dict(saved)
        again = type(self)(self.config, self.device)
        while again.steps < self.steps:
            again.step()
        self.writing, self.alone = again.writing, again.alone
