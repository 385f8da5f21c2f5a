"""A trained captioner writes word by word: what it could say next, and what it looks at."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from core import checkpoints, state
from core.captions.eyes import SOURCE, features
from core.captions.gradients import PATCH, by_patch, by_word, strength
from core.captions.settings import WritingSettings
from core.config import ConfigError, generator
from core.data.captions import END, LONGEST, PADDING, START, Captioned, WordList, held_out, source
from core.data.pictures import load_photo, square
from core.data.scenes import SIDE
from core.data.tokens import from_bytes
from core.decoding import Beams, extend, first_beams, next_probabilities, sample
from core.experiment import CPU, Experiment, Pictures, Scalars, finite, to_array
from core.nets.captioner import CELLS, Captioner
from core.nets.cells import unroll
from core.probes.divergence import refuse_diverged
from core.probes.spotlight import spotlight

WALK = 10  # pictures in a run
BEST = 10  # words that are shown as the next


class CaptionWriting(Experiment):
    """One step is one word; after a caption's end comes the next picture."""

    Config = WritingSettings
    SMOKE = WritingSettings()
    config: WritingSettings

    def __init__(self, config: WritingSettings, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        shipped = config.weights == "shipped"
        saved = checkpoints.shipped("captioners") if shipped else checkpoints.of_run(config.weights)
        try:
            self.net = Captioner.of(saved, config.cell).to(device)
            self.known = WordList(from_bytes(saved["vocabulary"]))
        except (KeyError, RuntimeError):
            raise ConfigError(
                f"There are no weights of a captioning {CELLS[config.cell]} there; choose another"
                " cell, or train one here."
            ) from None
        refuse_diverged(self.net)
        self.album = self.pictures()
        self.source = generator(config.seed)
        self.place = torch.zeros(2, dtype=torch.int64)  # pictures that are done, words of this one
        count = config.beams if config.way == "beam" else 1
        self.tokens = torch.full((count, LONGEST + 2), PADDING)
        self.scores, self.ended = torch.zeros(count), torch.zeros(count, dtype=torch.bool)
        self.begin()

    def pictures(self) -> Captioned:
        """The validation pictures, or the one photo. Raises ConfigError."""
        if self.config.photo == "none":
            return held_out(self.config.album)
        small = square(load_photo(self.config.photo).pixels, SIDE)
        return Captioned(torch.from_numpy(small).permute(2, 0, 1)[None], ((),))

    def begin(self) -> None:
        """Nothing is written yet, but START."""
        self.put(first_beams(torch.tensor([START])))

    @property
    def index(self) -> int:
        """Which picture is captioned."""
        return (self.config.picture + int(self.place[0])) % len(self.album)

    @property
    def image(self) -> Tensor:
        """(1, 3, side, side)."""
        return self.album.images[self.index][None]

    @property
    def beams(self) -> Beams:
        """The texts so far, best first."""
        alive = self.tokens[:, 0] == START
        length = 1 + int(self.place[1])
        return Beams(self.tokens[alive, :length], self.scores[alive], self.ended[alive])

    def put(self, beams: Beams) -> None:
        """Keep texts, in tensors of constant shape."""
        count, length = beams.tokens.shape
        self.tokens.fill_(PADDING)
        self.tokens[:count, :length] = beams.tokens
        self.scores[:count], self.ended[:count] = beams.scores, beams.ended
        self.place[1] = length - 1

    @property
    def finished(self) -> bool:
        """Whether all texts have ended, or are as long as may be."""
        return bool(self.beams.ended.all()) or int(self.place[1]) > LONGEST

    @torch.no_grad()
    def step(self) -> Scalars | None:
        """The next word: log-probability of the text so far, and of the word its probability."""
        if self.finished:
            if self.config.photo != "none" or int(self.place[0]) == WALK - 1:
                return None
            self.place[0] += 1
            self.begin()
        before = self.beams
        logits = self.logits()
        if self.config.way == "beam":
            after, _ = extend(before, logits, self.config.beams, END, PADDING)
        else:
            after = self.one_more(before, logits)
        self.put(after)
        self.steps += 1
        return {"log_p": float(after.scores[0]), "sure": float(logits[0].softmax(0).max())}

    def one_more(self, before: Beams, logits: Float[Tensor, "1 words"]) -> Beams:
        """The likeliest word, or one drawn at the temperature, after the only text."""
        drawn = self.config.way == "sample"
        chances = next_probabilities(logits, self.config.temperature if drawn else 0.0)
        word = sample(chances, self.source)
        scores = before.scores + logits.log_softmax(dim=1)[0, word]
        return Beams(torch.cat([before.tokens, word[:, None]], dim=1), scores, word == END)

    def logits(self) -> Float[Tensor, "beams words"]:
        """Of each text's next word; all texts are read from their beginning."""
        texts = self.beams.tokens.to(self.device)
        seen = features(self.image, self.device).expand(len(texts), -1)
        with torch.no_grad():
            scores: Tensor = self.net(seen, texts)[:, -1]
        return scores.cpu()

    def picture(self) -> Pictures:
        """The caption so far, what could come next, where it comes from.

        image: (1, side, side, 3); light: the same, lit where it matters for the last word
        written: (length,), words; last: (k,), the index of the last; sure: (length,), p of each
        strength: (length,), ‖∂ log p(word) / ∂ pixels‖
        next: (10,), probabilities of the likeliest next words, of all if the caption has ended;
        names: (10,), those words
        gate: (units, length), NaN for a net without; beams: (k,), texts; right: (j,), indices of
        those that are true of the scene
        """
        best = self.beams.tokens[0].to(self.device)
        ended = (best == END).nonzero().flatten().tolist()
        said = best[: 1 + ended[0] if ended else None]
        written = [self.known.words[i] for i in said[1:].tolist()]
        image = self.image.to(self.device)
        light, reach, sure = self.looked(image, said)
        names, chances = self.next()
        texts = [self.known.decode(row) or "…" for row in self.beams.tokens.tolist()]
        true = self.album.true
        right = [i for i, text in enumerate(texts) if true and text in true[self.index]]
        return {
            "image": to_array(image.permute(0, 2, 3, 1)),
            "light": to_array(spotlight(image, light[None])),
            "written": np.array(written or [""]),
            "last": np.array([len(written) - 1] if written else [], np.int32),
            "sure": sure,
            "strength": reach,
            "next": chances,
            "names": names,
            "gate": self.gates(said),
            "beams": np.array(texts),
            "right": np.array(right, np.int32),
        }

    def looked(self, image: Tensor, said: Tensor) -> tuple[Tensor, np.ndarray, np.ndarray]:
        """For the last word: ∂ log p / ∂ pixels in each patch (patches,); for each word: the length
        of that gradient, and p.
        """
        if len(said) == 1:
            nothing = np.zeros(1, np.float32)
            return torch.ones((SIDE // PATCH) ** 2, device=image.device), nothing, nothing
        gradients = by_word(self.net, image[0], said)
        with torch.no_grad():
            logits = self.net(features(image, self.device), said[None, :-1])[0]
        sure = logits.softmax(dim=1).gather(1, said[1:, None])[:, 0]
        return (
            by_patch(gradients[-1:])[0],
            finite(to_array(strength(gradients))),
            finite(to_array(sure)),
        )

    def next(self) -> tuple[np.ndarray, np.ndarray]:
        """The likeliest words after the best text, and their probabilities, tempered if drawn."""
        drawn = self.config.way == "sample" and self.config.temperature > 0
        chances = next_probabilities(self.logits()[:1], self.config.temperature if drawn else 1.0)
        if self.finished:
            chances = torch.zeros_like(chances)
        best, index = chances[0].topk(min(BEST, len(self.known)))
        return np.array([self.known.words[i] for i in index.tolist()]), finite(to_array(best))

    @torch.no_grad()
    def gates(self, said: Tensor) -> np.ndarray:
        """The chosen gate at START and at each word but the last; NaN for a net without gates."""
        read = said[: max(1, len(said) - 1)]
        if self.config.cell == "rnn":
            return np.full((self.net.cell.width, len(read)), np.nan, np.float32)
        start = self.net.begin(features(self.image, self.device))
        run = unroll(self.net.cell, self.net.vectors(read[None]), start)
        return finite(to_array(run.gate(self.config.gate)[0].T))

    def words(self) -> str:
        """What is written, how sure the last word was, whether the whole is true."""
        shown = "Your picture" if self.config.photo != "none" else f"Picture {self.index}"
        beams = self.beams
        text = self.known.decode(beams.tokens[0].tolist())
        if not text:
            return f"{shown} is seen once, before the first word. The first word comes next."
        words = f"{shown}: “{text}”, log-probability {float(beams.scores[0]):z.1f}."
        if self.finished and self.album.true:
            true = text in self.album.true[self.index]
            words += f" It has ended, and is {'true' if true else 'not true'} of the scene."
        elif self.finished:
            words += " It has ended."
        return words

    def provenance(self) -> Mapping[str, str]:
        """Which pictures; whose weights, and how good they are."""
        data = "validation pictures of " + source(self.config.album)
        if self.config.photo != "none":
            data = f"{load_photo(self.config.photo).source}, made {SIDE} × {SIDE}"
        weights = "of a run here"
        if self.config.weights == "shipped":
            score = checkpoints.about("captioners")["figures"][f"{self.config.cell}_bleu"]
            weights = f"shipped, BLEU {score:.2f} on test scenes"
        return {"data": f"{data}; {SOURCE}", "weights": f"{CELLS[self.config.cell]}, {weights}"}

    def parts(self) -> Mapping[str, state.Part]:
        """The texts so far, where we are, the source of chance; the net stays as it is."""
        return {
            "net": self.net,
            "tokens": self.tokens,
            "scores": self.scores,
            "ended": self.ended,
            "place": self.place,
            "source": self.source,
        }
