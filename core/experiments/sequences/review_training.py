"""A recurrent net learns to rate reviews; one review shows how its rating moves word by word."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, one_hot
from torch.nn.utils import clip_grad_norm_

from core import state
from core.config import generator
from core.data.batches import next_batch
from core.data.glove import SOURCE, WIDTH, Vocabulary
from core.data.reviews import Reviews, load
from core.data.tokens import as_bytes
from core.experiment import CPU, Experiment, Pictures, Scalars, to_array
from core.nets.rater import STARS, Drop, Rater
from core.optim.cosine import cosine_rate
from core.probes.confusion import confusion
from core.probes.judge import loss_and_accuracy
from core.reviews.rated import mean_stars, rated, turn
from core.reviews.settings import ReviewSettings

JUDGED = 1000  # validation reviews
EVALUATE_EVERY = 25  # steps
CLIP = 1.0  # the longest gradient
SMOOTH = 0.95  # what the running mean of right answers keeps from step to step
GAP = 0.15  # between learnt and new reviews that is called overfitting
FIGURES = ("validation_loss", "accuracy", "off", "fresh")


class ReviewTraining(Experiment):
    """One step is one batch of reviews."""

    Config = ReviewSettings
    SMOKE = ReviewSettings(epochs=1, batch_size=128)
    config: ReviewSettings
    total: int

    def __init__(self, config: ReviewSettings, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        self.reviews = load(config.data if config.file == "none" else config.file)
        self.tuned = config.vectors != "frozen"
        # A word without a vector of its own stays unknown where none is learnt.
        self.vocabulary = vocabulary = self.reviews.vocabulary() if self.tuned else Vocabulary()
        table = vocabulary.table(config.seed, random=config.vectors == "random")
        table *= config.vector_scale
        self.vectors = nn.Embedding.from_pretrained(table, freeze=not self.tuned).to(device)
        self.net = Rater(
            WIDTH, generator(config.seed), config.cell, read_out=config.read_out, both=config.both
        ).to(device)
        self.trained = [*self.net.parameters(), *(self.vectors.parameters() if self.tuned else [])]
        self.optimizer = torch.optim.AdamW(self.trained, weight_decay=config.weight_decay)
        self.ids, self.lengths = vocabulary.pad(self.reviews.train.texts)
        self.stars = self.reviews.train.stars
        self.held_out = self.encoded(self.reviews.validation)
        self.fresh = self.encoded(self.reviews.fresh) if self.reviews.fresh else None
        self.size = min(config.batch_size, len(self.stars))
        self.per_epoch = len(self.stars) // self.size
        self.total = config.epochs * self.per_epoch
        self.source = generator(config.seed + 1)
        self.order = torch.randperm(len(self.stars), generator=self.source)
        self.table = torch.zeros(STARS, STARS, dtype=torch.int64)
        self.figures = torch.full((len(FIGURES),), math.nan, dtype=torch.float64)
        self.lately = torch.tensor(1 / STARS)
        self.extra = as_bytes(vocabulary.more)  # with the weights, for use elsewhere
        self.evaluate()

    def encoded(self, reviews: Reviews) -> tuple[Tensor, Tensor, Tensor]:
        """The first reviews as numbers (reviews, longest), their lengths and stars."""
        words, lengths = self.vocabulary.pad(reviews.texts[:JUDGED])
        return words.to(self.device), lengths, reviews.stars[:JUDGED].to(self.device)

    def step(self) -> Scalars | None:
        """Loss on the batch; running share of right answers; the last evaluation's figures."""
        if self.steps == self.total:
            return None
        config = self.config
        index = next_batch(self.order, self.source, self.steps, self.size)
        lengths, target = self.lengths[index], self.stars[index].to(self.device)
        words = self.ids[index, : int(lengths.max())].to(self.device)
        drop = Drop(config.dropout, config.word_dropout, self.source, one_mask=config.one_mask)
        scores = self.net(self.vectors(drop.words(words)), lengths, drop)
        loss = cross_entropy(scores, aims(target, config.blur))
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate()
        self.optimizer.zero_grad()
        loss.backward()
        norm = clip_grad_norm_(self.trained, CLIP)
        self.optimizer.step()
        right = (scores.argmax(1) == target).float().mean().cpu()
        self.lately += (1 - SMOOTH) * (right - self.lately)
        self.steps += 1
        if self.steps % EVALUATE_EVERY == 0 or self.steps == self.total:
            self.evaluate()
        return {"loss": loss.detach(), "gradient": norm.detach()} | self.scalars()

    def rate(self) -> float:
        """η at this step."""
        η = self.config.learning_rate
        return cosine_rate(η, self.steps, self.total) if self.config.falls else η

    @torch.no_grad()
    def evaluate(self) -> None:
        """The net on reviews that it does not learn from."""
        scores, target = self.judged(self.held_out)
        taken = scores.argmax(1)
        off = (mean_stars(scores.softmax(1)) - 1 - target).abs().mean()
        self.table.copy_(confusion(target.cpu().numpy(), taken, STARS))
        loss, right = loss_and_accuracy(scores, target)
        fresh = torch.tensor(math.nan)
        if self.fresh:
            _, fresh = loss_and_accuracy(*self.judged(self.fresh))
        self.figures.copy_(torch.stack([loss, right, off, fresh.to(off.device)]))

    def judged(self, reviews: tuple[Tensor, Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        """Scores (reviews, 5), and what is right."""
        words, lengths, target = reviews
        return self.net(self.vectors(words), lengths), target

    def initial(self) -> Scalars:
        """Before the first step there is no loss yet."""
        return {"loss": math.nan, "gradient": math.nan} | self.scalars()

    def scalars(self) -> dict[str, float | Tensor]:
        """Of the last batches, and of the last evaluation."""
        figures = {name: float(v) for name, v in zip(FIGURES, self.figures, strict=True)}
        return {"training": self.lately.clone(), **figures}

    def picture(self) -> Pictures:
        """What is taken for what, and the typed review word by word.

        confusion: (5, 5), validation reviews, truth in rows; and `rated` of the typed review
        """
        return {"confusion": to_array(self.table), **self.rated()}

    def rated(self) -> Pictures:
        """The typed review, word by word."""
        return rated(self.net, self.vectors.weight.detach(), self.vocabulary, self.config.review)

    def words(self) -> str:
        """How good it is; how it rates the typed review; whether it is well."""
        epoch = f"Epoch {self.steps / self.per_epoch:.1f} of {self.config.epochs}"
        loss, right, off, fresh = self.figures.tolist()
        if not math.isfinite(loss):
            return f"{epoch}: the net has diverged; take a smaller learning rate."
        words = (
            f"{epoch}: {100 * right:.0f} % of {len(self.held_out[2]):,} validation reviews right,"
            f" off by {off:.2f} stars on average."
        )
        if self.fresh:
            words += f" With words that nobody rated before: {100 * fresh:.0f} %."
        typed = self.rated()
        word, move = turn(typed)
        words += f" Yours gets {typed['stars'][-1]:.1f} stars; “{word}” moved it most: {move:+.2f}."
        if self.steps and (gap := float(self.lately) - right) > GAP:
            words += f" It overfits: {100 * gap:.0f} % more of its own are right."
        return words

    def provenance(self) -> Mapping[str, str]:
        """Which reviews and vectors; how large the net is."""
        trained = sum(p.numel() for p in self.trained)
        vectors = "random vectors" if self.config.vectors == "random" else SOURCE
        if self.config.vector_scale != 1:
            vectors += f", times {self.config.vector_scale:g}"
        return {
            "data": f"{self.reviews.source}, {len(self.stars):,} to learn from; {vectors}",
            "weights": f"random, seed {self.config.seed}; {trained:,} parameters are trained",
        }

    def parts(self) -> Mapping[str, state.Part]:
        """The net, what trains it, the order of the reviews, the last figures, added words.

        The vectors go with them where they are other than GloVe's.
        """
        return {
            "net": self.net,
            **({"vectors": self.vectors} if self.tuned or self.config.vector_scale != 1 else {}),
            "optimizer": self.optimizer,
            "source": self.source,
            "order": self.order,
            "confusion": self.table,
            "figures": self.figures,
            "lately": self.lately,
            "extra": self.extra,
        }


def aims(target: Int[Tensor, " batch"], blur: float) -> Float[Tensor, "batch 5"]:
    """What the net shall say: all for the right stars, or a normal curve about them, σ in stars."""
    if blur < 0.1:
        return one_hot(target, STARS).float()
    apart = target[:, None] - torch.arange(STARS, device=target.device)
    return (-0.5 * (apart / blur) ** 2).softmax(dim=1)
