"""A trained transformer translates a sentence letter by letter: where each of its heads looks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import adaptive_max_pool2d

from core import config, state
from core.config import generator, setting
from core.decoding import next_probabilities, sample
from core.experiment import CPU, Experiment, Pictures, Scalars, finite, to_array
from core.translation.trained import Trained
from core.translation.writing import Decoding, Filling

WINDOW = 24  # letters of the large map, so that they can be read
BEST = 6  # characters whose probabilities are shown
SMALL = 48  # cells across of a small map: of longer sentences it shows the largest in each cell
SPARE = 8  # letters beyond those of the right answer


class TranslateWriting(Experiment):
    """One step is one letter; the run ends with the end of the sentence."""

    class Config(config.Config):
        """What is translated, how boldly, and whose attention is drawn."""

        sentence: str = setting(
            "The quick brown fox jumps over the lazy dog!",
            label="Text",
            max_length=300,
            help="Up to 12 words of a to z. Capitals, digits and signs stay where they are; the net"
            " never sees them.",
        )
        choose: Literal["greedy", "sample"] = setting(
            "greedy",
            label="Next letter",
            live=True,
            choices={"greedy": "the likeliest", "sample": "drawn"},
            help="From the net's probabilities.",
        )
        temperature: float = setting(
            1.0,
            label="Temperature",
            ge=0.1,
            le=5,
            live=True,
            when=("choose", "sample"),
            help="Logits are divided by it before the draw.",
        )
        cache: bool = setting(
            True,
            label="KV cache",
            live=True,
            help="Keep keys and values of what was read and written; else compute all anew.",
        )
        show: Literal["cross", "own", "encoder"] = setting(
            "cross",
            label="Attention",
            live=True,
            choices={
                "cross": "written → read",
                "own": "written → written",
                "encoder": "read → read",
            },
            help="Whose letters look at which, in the maps that are drawn.",
        )
        layer: int = setting(2, label="Layer", ge=1, le=3, live=True, help="Drawn large.")
        head: int = setting(
            0, label="Head", ge=0, le=4, live=True, help="Drawn large; 0 is the mean of all."
        )
        filling: int = setting(
            0, label="Padding", unit="signs", ge=0, le=60, help="Fill the sentence up by so many."
        )
        masks: bool = setting(
            True, label="Padding masks", help="Without them the padding is heard like letters."
        )
        weights: str = setting(
            "shipped", label="Weights", max_length=32, hidden=True, help="Shipped, or of a run."
        )

    SMOKE = Config(sentence="a fox")
    config: Config

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        self.trained = Trained.of(config.weights, device)
        self.net, task = self.trained.net, self.trained.task
        self.net.masks = config.masks
        self.text = self.trained.read(config.sentence)
        self.answer = task.answer(self.text)
        self.most = len(self.answer) + 1 + SPARE
        self.begin()
        self.columns = self.trained.columns(self.writing)
        size = self.trained.layers, self.trained.heads, self.most
        self.made = torch.full((self.most,), task.alphabet.pad, device=device)
        self.cross = torch.zeros(*size, len(self.columns), device=device)
        self.own = torch.zeros(*size, self.most, device=device)
        self.chances = torch.zeros(len(task.alphabet), device=device)
        self.computed = torch.zeros(2, device=device)  # vectors so far, and without a cache
        self.source = generator(config.seed)

    @torch.no_grad()
    def begin(self) -> None:
        """Read the sentence; the first letter comes next."""
        fill = self.config.filling
        self.writing = self.net.begin([self.text], cached=self.config.cache, fill=fill)
        self.reading = torch.stack([look[0] for look in self.writing.reading])

    @torch.no_grad()
    def step(self) -> Scalars | None:
        """Write one letter: its probability, and the vectors computed for it."""
        if self.steps == self.most or self.ended:
            return None
        if isinstance(self.writing, Decoding):
            self.writing.use_cache(self.config.cache)
        logits, looks = self.writing.next()
        temperature = self.config.temperature if self.config.choose == "sample" else 1.0
        self.chances.copy_(next_probabilities(logits, temperature)[0])
        if self.config.choose == "sample":
            token = sample(self.chances[None], self.source)
        else:
            token = logits.argmax(dim=-1)
        self.see(looks)
        self.writing.add(token)
        self.made[self.steps] = token[0]
        self.steps += 1
        self.computed += torch.tensor([self.writing.computed, self.without()], device=self.device)
        return {
            "probability": float(self.chances[token[0]]),
            "computed": float(self.writing.computed),
            "without": float(self.without()),
        }

    def without(self) -> int:
        """Vectors that the newest letter takes without a cache."""
        if isinstance(self.writing, Filling):
            return self.writing.computed
        return self.writing.tokens.shape[1] - 1

    def see(self, looks: list[tuple[Tensor, ...]]) -> None:
        """Keep whom the newest letter listens to: in what was read, in what was written."""
        row, read = self.steps, len(self.columns)
        for layer, (own, *cross) in enumerate(looks):
            heard = cross[0][0] if cross else own[0, :, :read]
            self.cross[layer, :, row] = heard
            written = own[0] if cross else own[0, :, read:]
            self.own[layer, :, row, : written.shape[1]] = written

    @property
    def ended(self) -> bool:
        """Whether the end has been written."""
        return bool((self.made == self.trained.task.alphabet.eos).any())

    def large(self, maps: Tensor) -> Tensor:
        """Of maps (layers, heads, …) the chosen head's, or the mean of the chosen layer's."""
        of_layer = maps[min(self.config.layer, self.trained.layers) - 1]
        if self.config.head == 0:
            return of_layer.mean(dim=0)
        return of_layer[min(self.config.head, self.trained.heads) - 1]

    def maps(self) -> tuple[Tensor, list[str], list[str]]:
        """Of all layers and heads (layers, heads, rows, columns), and the letters of both sides."""
        read, shown = self.columns, self.trained.task.alphabet.shown
        if self.config.show == "encoder":
            return self.reading, read, read
        count = max(self.steps, 1)
        made = shown(self.made[:count].tolist())
        if self.config.show == "cross" or self.net.kind == "encoder_only":  # it has nothing else
            return self.cross[:, :, :count], made, read
        begun = [shown([self.trained.task.alphabet.sos])[0], *made[:-1]]
        return self.own[:, :, :count, :count], made, begun

    def picture(self) -> Pictures:
        """Whom the newest letter listens to, and all letters before it.

        read_weights: (columns,); begun: (k,) letters before the newest; begun_weights: (k,)
        map: (at most 24, n), the last rows of the chosen layer and head; rows, columns: letters
        small: (layers · heads, at most 48, at most 48), of all
        best, best_names: (6,), the likeliest characters where the newest letter stands
        """
        last = max(self.steps - 1, 0)
        shown = self.trained.task.alphabet.shown
        begun = [*shown([self.trained.task.alphabet.sos]), *shown(self.made[:last].tolist())]
        maps, rows, columns = self.maps()
        chances, best = self.chances.topk(BEST)
        return {
            "read_weights": finite(to_array(self.large(self.cross)[last])),
            "begun": np.array(begun),
            "begun_weights": finite(to_array(self.large(self.own)[last, : len(begun)])),
            "map": finite(to_array(self.large(maps)[-WINDOW:])),
            "rows": np.array(rows[-WINDOW:]),
            "columns": np.array(columns),
            "small": small(maps),
            "best": finite(to_array(chances)),
            "best_names": np.array(shown(best.tolist())),
        }

    def backdrop(self) -> Pictures:
        """read: (columns,), letters; heads: (layers · heads,), "layer.head"."""
        pairs = [
            f"{i + 1}.{j + 1}"
            for i in range(self.trained.layers)
            for j in range(self.trained.heads)
        ]
        return {"read": np.array(self.columns), "heads": np.array(pairs)}

    def words(self) -> str:
        """What is written, whether it is right, and what the cache spares."""
        alphabet = self.trained.task.alphabet
        made = alphabet.decode(self.made[: self.steps].tolist())
        if not self.steps:
            return f"“{self.text}” was read. The first letter comes next."
        verdict = self.verdict(made)
        if self.ended or self.steps == self.most:
            computed, without = (int(v) for v in self.computed)
            dress = self.trained.dressed(self.config.sentence, made)
            return (
                f"“{dress}”: {verdict}. {computed:,} vectors went through the decoder;"
                f" without a cache {without:,} do."
            )
        last = int(self.made[self.steps - 1])
        rows = self.large(self.cross)[self.steps - 1]
        best = int(rows.argmax())
        sure = 100 * float(self.chances[last])
        return (
            f"“{made}”: {verdict}. The newest letter had {sure:.1f} %; layer"
            f" {min(self.config.layer, self.trained.layers)} looks most at letter {best + 1},"
            f" “{self.columns[best]}” ({100 * float(rows[best]):.0f} %)."
        )

    def verdict(self, made: str) -> str:
        """Whether what is written agrees with the rule."""
        whole = self.answer if self.ended else self.answer[: len(made)]
        if made == whole:
            return "as the rule says, to the letter" if self.ended else "right so far"
        return f"the rule says “{whole}”"

    def provenance(self) -> Mapping[str, str]:
        """Whose weights they are, and how good."""
        return {"data": "your text, or this one", "weights": self.trained.about}

    def parts(self) -> Mapping[str, state.Part]:
        """What was written, and whom each letter listened to."""
        return {
            "made": self.made,
            "cross": self.cross,
            "own": self.own,
            "chances": self.chances,
            "computed": self.computed,
            "source": self.source,
        }

    @torch.no_grad()
    def load_state_dict(self, saved: Mapping[str, Tensor]) -> None:
        """As the base says; keys and values are computed again, letter by letter."""
        super().load_state_dict(saved)
        self.begin()
        for token in self.made[: self.steps]:
            self.writing.next()
            self.writing.add(token[None])


def small(maps: Tensor) -> np.ndarray:
    """Maps (layers, heads, rows, columns) one after another, no side longer than SMALL."""
    maps = maps.flatten(0, 1)
    sides = [min(SMALL, side) for side in maps.shape[1:]]
    return finite(to_array(adaptive_max_pool2d(maps, sides)))
