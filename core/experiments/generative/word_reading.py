"""A trained net reads one word: dynamic programming finds the path of least energy, step by step.

Viterbi (1967): window by window, the least energy with which a path can end at each class, and
where it came from; then back along those pointers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import numpy as np
import pydantic
import torch
from jaxtyping import Float
from torch import Tensor

from core import checkpoints, config, state
from core.config import ConfigError, setting
from core.data import own
from core.data.ink import word_of
from core.data.letters import ALPHABET, FONTS, Font
from core.data.pictures import load_photo
from core.experiment import CPU, Experiment, Pictures, Scalars, finite, to_array
from core.nets.reader import Reader
from core.probes.divergence import refuse_diverged
from core.reading.boxes import boxes
from core.reading.paths import advance, align, decode, read, total_free_energy
from core.reading.settings import MOST_LETTERS, PrintedWord, printed

RIVALS = 7  # words beside the one to compare with
AT_ONCE = 256  # words whose paths are searched side by side


class WordReading(Experiment):
    """One step is one window: forward over all of them, then back along the best path."""

    class Config(config.Config):
        """Which word."""

        word: PrintedWord = setting(
            "glass",
            label="Word",
            max_length=MOST_LETTERS,
            when=("photo", "typed"),
            help="To be printed and read: 1 to 10 letters from a to z.",
        )
        font: Font = setting(
            "kalam",
            label="Font",
            choices=FONTS,
            when=("photo", "typed"),
            help="Indie Flower is the one that no training saw.",
        )
        noise: float = setting(0.0, label="Noise", ge=0, le=1, help="On the paper.")
        rival: PrintedWord = setting(
            "grass",
            label="Compare with",
            max_length=MOST_LETTERS,
            live=True,
            help="How much more energy would the best path of this word have?",
        )
        photo: Annotated[str, pydantic.AfterValidator(own.names_data("typed"))] = setting(
            "typed", label="Own word", max_length=32, hidden=True, help="Typed, or a picture."
        )
        weights: str = setting(
            "shipped", label="Weights", max_length=32, hidden=True, help="Shipped, or of a run."
        )

    SMOKE = Config(word="as", rival="is")
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        shipped = config.weights == "shipped"
        saved = checkpoints.shipped("reader") if shipped else checkpoints.of_run(config.weights)
        try:
            self.reader = Reader.of(saved).to(device)
        except RuntimeError:
            raise ConfigError("These weights are no reader's; train one here.") from None
        refuse_diverged(self.reader)
        self.x = self.image().to(device)
        with torch.no_grad():
            self.energies = self.reader(self.x)
        self.windows = self.energies.shape[1]
        self.total = 2 * self.windows
        _, path = decode(self.energies)
        self.path, self.said = path[0], read(path)[0]
        self.least = self.reached()
        self.near = self.one_letter_off()

    def image(self) -> Float[Tensor, "1 1 32 width"]:
        """The typed word, or the one in the picture, with noise. Raises ConfigError."""
        config = self.config
        if config.photo == "typed":
            x = printed(config.word, config.font)
        else:
            word = word_of(load_photo(config.photo).pixels)
            x = torch.from_numpy(word.astype(np.float32) / 255)[None, None]
        noise = np.random.default_rng(config.seed).standard_normal(x.shape, np.float32)
        return (x + config.noise * torch.from_numpy(noise)).clamp(0, 1)

    @torch.no_grad()
    def reached(self) -> Float[Tensor, "windows 27"]:
        """The least energy with which a path from the first window ends at each class."""
        local = self.energies[0]
        best = local[0, :, None]
        rows = [best]
        for at in range(1, self.windows):
            best, _, _ = advance(best, local[at, :, None])
            rows.append(best)
        return torch.cat(rows, dim=1).T

    def step(self) -> Scalars | None:
        """One window on, or back. `least`: energy of the best path so far, in the end of all."""
        if self.steps == self.total:
            return None
        self.steps += 1
        least = self.least[self.forward - 1].min()
        return {"least": least, "word": self.least[self.forward - 1, -1]}

    @property
    def forward(self) -> int:
        """How many windows are reached."""
        return min(self.steps, self.total // 2)

    @property
    def back(self) -> int:
        """How many windows of the path are traced, from the last one on."""
        return max(0, self.steps - self.total // 2)

    def picture(self) -> Pictures:
        """How far the tables are filled and the path is traced, and what other words would cost.

        reached: (27, windows), above the least of its window; NaN where nothing is yet
        now: (1, 4), the window that is computed; path: (boxes, 4), as far as it is traced
        rivals: (8,) energies above the word that is read; names: (8,)
        """
        reached = torch.full_like(self.least, torch.nan)
        done = self.least[: self.forward]
        reached[: self.forward] = done - done.min(dim=1, keepdim=True).values
        at = self.windows - self.back if self.back else self.forward - 1
        traced = self.path[self.windows - self.back :]
        path = np.zeros((self.windows, 4), np.int32)
        if self.back:
            path[: len(traced)] = boxes(traced)
            path[:, 1] += self.windows - self.back
        now = [[0, max(at, 0), 27 if 0 < self.steps < self.total else 0, 1]]
        words, above = self.rivals()
        return {
            "reached": finite(to_array(reached.T)),
            "now": np.array(now, np.int32),
            "path": path,
            "rivals": finite(above),
            "names": np.array([word or "nothing" for word in words]),
        }

    @torch.no_grad()
    def one_letter_off(self) -> list[tuple[float, str]]:
        """The word that is read and the best of those one letter off; one more than is shown.

        With the energies of their best paths above that of the word that is read.
        """
        said = self.said
        near = {said[:i] + c + said[i + 1 :] for i in range(len(said)) for c in ALPHABET}
        near |= {said[:i] + said[i + 1 :] for i in range(len(said)) if len(said) > 1}
        words = sorted(near | ({said} if said else set()))
        found: list[tuple[float, str]] = []
        for start in range(0, len(words), AT_ONCE):
            some = words[start : start + AT_ONCE]
            energies, _ = align(self.energies.expand(len(some), -1, -1), some)
            above = (energies - self.least[-1].min()).tolist()
            found = sorted([*found, *zip(above, some, strict=True)])[: RIVALS + 1]
        return found

    @torch.no_grad()
    def rivals(self) -> tuple[list[str], Float[np.ndarray, " words"]]:
        """Those of `one_letter_off`, and the word to compare with, which comes last."""
        said, rival = self.said, self.config.rival.lower()
        least = float(self.least[-1].min())
        found = [pair for pair in self.near if pair[1] == said or pair[1] != rival][:RIVALS]
        if rival != said and 2 * len(rival) - 1 <= self.windows:
            energy, _ = align(self.energies, [rival])
            found.append((float(energy[0]) - least, rival))
        found += [(np.nan, "")] * (RIVALS + 1 - len(found))
        return [word for _, word in found], np.array([above for above, _ in found])

    def backdrop(self) -> Pictures:
        """image: (1, 32, width); energies: (27, windows); letters: (27,), names of the rows."""
        return {
            "image": to_array((255 * (1 - self.x[0])).round().to(torch.uint8)),
            "energies": finite(to_array(self.energies[0].T)),
            "letters": np.array([*ALPHABET, "gap"]),
        }

    def words(self) -> str:
        """How far the search is; in the end, what is read and how sure that is."""
        if self.steps < self.windows:
            return (
                f"Window {self.forward} of {self.windows}: for each letter, the least energy of a"
                " path that ends there."
            )
        if self.steps < self.total:
            return f"Back along the best path: {self.back} of {self.windows} windows."
        said = f"“{self.said}”" if self.said else "nothing"
        told = f"It reads {said}, with the least energy of all."
        if others := [pair for pair in self.near if pair[1] != self.said]:
            above, word = others[0]
            told += f" The next word one letter off, “{word}”, has {above:.1f} more."
        return told + f" The path alone has a probability of {100 * self.sure():.0f} %."

    @torch.no_grad()
    def sure(self) -> float:
        """p(path | x) = exp(F_1(x) − E), of all paths of all words."""
        return float((total_free_energy(self.energies, 1.0)[0] - self.least[-1].min()).exp())

    def provenance(self) -> Mapping[str, str]:
        """Which word; whose weights."""
        typed = self.config.photo == "typed"
        font = FONTS[self.config.font]
        shipped = self.config.weights == "shipped"
        return {
            "data": f"“{self.config.word}” in {font} (OFL)" if typed else "a picture of your own",
            "weights": "shipped: 4,000 batches of random words" if shipped else "of a run here",
        }

    def parts(self) -> Mapping[str, state.Part]:
        """Nothing: the number of steps says it all."""
        return {}
