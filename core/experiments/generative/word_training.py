"""A net learns to read words: it gives each window of a picture 27 energies, and learns from paths.

After LeCun, Bottou, Bengio and Haffner (1998), section V, and LeCun et al. (2006), section 7.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from core import config, state
from core.config import setting
from core.data import words as data
from core.data.letters import ALPHABET, FONTS, SEEN, Font
from core.experiment import CPU, Experiment, Pictures, Scalars, finite, to_array
from core.nets.reader import Reader
from core.optim.cosine import cosine_rate
from core.probes.reading import reads, share
from core.reading.boxes import boxes
from core.reading.losses import LOSSES, Loss, loss_of
from core.reading.paths import align, decode, energy_of, read
from core.reading.settings import MOST_LETTERS, PrintedWord, printed

EVALUATE_EVERY = 50  # steps
SHOWN = 8  # of the new words
SETS = ("letters", "pairs", "words")
WEIGHT_DECAY = 1e-3
MOST_NORM = 5.0  # of the gradient


class WordTraining(Experiment):
    """One step is one batch of words drawn anew."""

    class Config(config.Config):
        """Settings of the training."""

        word: PrintedWord = setting(
            "energy",
            label="Word",
            max_length=MOST_LETTERS,
            live=True,
            help="Whose table of energies is shown: 1 to 10 letters from a to z.",
        )
        font: Font = setting(
            "patrick-hand", label="Font", choices=FONTS, live=True, help="Of that word."
        )
        loss: Loss = setting(
            "likelihood", label="Loss", choices=LOSSES, help="What is pushed down, and what up."
        )
        margin: float = setting(
            1.0,
            label="Margin",
            ge=0,
            le=10,
            live=True,
            when=("loss", "margin"),
            help="By how much, in each window that differs, another path has to be worse.",
        )
        beta: float = setting(
            1.0,
            label="β",
            ge=0.1,
            le=10,
            scale="log",
            live=True,
            when=("loss", "likelihood"),
            help="Inverse temperature: the larger, the more the best path counts alone.",
        )
        longest: int = setting(
            3, label="Longest word", ge=1, le=6, live=True, help="In training, in letters."
        )
        unsteady: float = setting(
            0.5, label="Unsteady hand", ge=0, le=1, live=True, help="Slant, size, gaps, strokes."
        )
        noise: float = setting(0.1, label="Noise", ge=0, le=1, live=True, help="On the paper.")
        case: data.Case = setting(
            "lower", label="Letters", choices=data.CASES, help="Capitals count as their letters."
        )
        learning_rate: float = setting(
            0.003, label="Learning rate η", ge=1e-5, le=1, scale="log", live=True, help="Of AdamW."
        )
        batch_size: int = setting(
            32, label="Batch size", ge=4, le=256, scale="log", advanced=True, help="Words a step."
        )
        batches: int = setting(
            1_000, label="Batches", ge=20, le=20_000, scale="log", help="Steps of a run."
        )

    SMOKE = Config(batches=20, batch_size=4, longest=1, word="at")
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        self.total = config.batches
        self.reader = Reader(config.seed).to(device)
        self.optimizer = torch.optim.AdamW(
            self.reader.parameters(), lr=config.learning_rate, weight_decay=WEIGHT_DECAY
        )
        source = np.random.default_rng((config.seed, 2**32))  # no step's
        drawn = {
            "letters": [*ALPHABET] * 4,
            "pairs": [data.HELD_OUT[i] for i in source.permutation(len(data.HELD_OUT))[:104]],
            "words": [*data.ENGLISH],
        }
        self.held_out = {
            name: (words, self.draw(words, source).to(device)) for name, words in drawn.items()
        }
        self.shares = torch.zeros(len(SETS), dtype=torch.float64)
        self.evaluate()

    def draw(
        self, words: Sequence[str], source: np.random.Generator
    ) -> Float[Tensor, "words 1 32 width"]:
        """Pictures of words, as the settings have them."""
        config = self.config
        return data.examples(
            words, source, unsteady=config.unsteady, noise=config.noise, case=config.case
        )

    def step(self) -> Scalars | None:
        """Loss of the batch; shares of new letters, pairs and words read without a mistake."""
        if self.steps == self.total:
            return None
        config = self.config
        source = np.random.default_rng((config.seed, self.steps))
        words = data.random_words(config.batch_size, config.longest, source)
        x = self.draw(words, source).to(self.device)
        for group in self.optimizer.param_groups:
            group["lr"] = cosine_rate(config.learning_rate, self.steps, self.total)
        loss = loss_of(config.loss, self.reader(x), words, config.beta, config.margin)
        self.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.reader.parameters(), MOST_NORM)
        self.optimizer.step()
        self.steps += 1
        if self.steps % EVALUATE_EVERY == 0 or self.steps == self.total:
            self.evaluate()
        return {"loss": loss.detach(), **dict(zip(SETS, self.shares.tolist(), strict=True))}

    def evaluate(self) -> None:
        """Read what is held out."""
        self.reader.eval()
        shares = [share(self.reader, *self.held_out[name]) for name in SETS]
        self.reader.train()
        self.shares.copy_(torch.tensor(shares, dtype=torch.float64))

    @torch.no_grad()
    def table(self) -> Tensor:
        """Energies of the word that is shown, (1, windows, 27)."""
        self.reader.eval()
        energies: Tensor = self.reader(printed(self.config.word, self.config.font).to(self.device))
        self.reader.train()
        return energies

    @torch.no_grad()
    def picture(self) -> Pictures:
        """The chosen word, its energies and two paths through them; new words and their readings.

        image: (1, 32, width), 255 is paper
        energies: (27, windows); rows a to z, then the gap
        path, reading: (boxes, 4), along the best path of the word, and the best of all paths
        says: (8,), what it reads in the new pictures
        """
        energies = self.table()
        _, path = align(energies, [self.config.word.lower()])
        _, best = decode(energies)
        self.reader.eval()
        says = reads(self.reader, self.held_out["words"][1][:SHOWN])
        self.reader.train()
        image = printed(self.config.word, self.config.font)[0]
        return {
            "image": to_array((255 * (1 - image)).round().to(torch.uint8)),
            "energies": finite(to_array(energies[0].T)),
            "path": boxes(path[0]),
            "reading": boxes(best[0]),
            "says": np.array([word or "nothing" for word in says]),
        }

    def backdrop(self) -> Pictures:
        """news: (8, 32, width), pictures of no batch; letters: (27,), names of the rows."""
        x = self.held_out["words"][1][:SHOWN, 0]
        return {
            "news": to_array((255 * (1 - x)).round().to(torch.uint8)),
            "letters": np.array([*ALPHABET, "gap"]),
        }

    @torch.no_grad()
    def words(self) -> str:
        """What it reads, by how much it prefers that, and how good it is on new words."""
        energies = self.table()
        if not bool(energies.isfinite().all()):
            return "The energies have diverged; take a smaller learning rate."
        word = self.config.word
        least, best = decode(energies)
        _, path = align(energies, [word.lower()])
        said = f"“{read(best)[0]}”" if read(best)[0] else "nothing"
        above = float(energy_of(energies, path) - least)
        told = (
            f"It reads {said}, as it should."
            if said == f"“{word.lower()}”"
            else f"It reads {said}; “{word}” has {above:.1f} more energy."
        )
        letters, pairs, words = (f"{100 * value:.0f} %" for value in self.shares.tolist())
        return (
            f"{told} Of pictures it never saw, it reads {letters} of letters, {pairs} of pairs that"
            f" were held out and {words} of English words without a mistake."
        )

    def provenance(self) -> Mapping[str, str]:
        """Which words, and the net's size."""
        size = sum(parameter.numel() for parameter in self.reader.parameters())
        return {
            "data": f"random words drawn in {len(SEEN)} shipped fonts (OFL); one pair of letters in"
            " five is held out",
            "weights": f"random, seed {self.config.seed}; {size:,} parameters",
        }

    def parts(self) -> Mapping[str, state.Part]:
        """The net, what trains it, the last figures. Words follow from the seed and the step."""
        return {"reader": self.reader, "optimizer": self.optimizer, "shares": self.shares}
