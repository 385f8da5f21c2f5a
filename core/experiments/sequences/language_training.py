"""A transformer, an LSTM and an RNN learn to foretell the next piece of a word, batch by batch."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from core import state
from core.config import ConfigError, generator
from core.data import text
from core.decoding import next_probabilities, sample
from core.experiment import CPU, Experiment, Pictures, Scalars, finite, to_array
from core.nets.language import KINDS, Kind, form_to_tensor, language_model
from core.nets.language_settings import LanguageSettings
from core.nets.transformer import Decoder, Form
from core.optim.cosine import cosine_rate
from core.probes.language import nats_per_token, windows
from core.text import bpe, counting

JUDGED = 24  # held-out windows
EVALUATE_EVERY = 20  # steps
PASSAGE = 28  # held-out tokens that are shown with what surprised the first net
WRITTEN = 36  # tokens that each net writes after every evaluation
BEST = 8  # likeliest tokens that are shown
BETAS = (0.9, 0.95)
LOST = 3.0  # nats worse than guessing evenly: a net that has diverged
WORST = 0.4  # of a nat: a gap between held-out text and the last batches that is overfitting
SMOOTH = 0.95  # what the running mean of the loss keeps from step to step


class LanguageTraining(Experiment):
    """One step is one batch of windows of the text, the same for all nets."""

    Config = LanguageSettings
    SMOKE = LanguageSettings(
        share=0.01,
        pieces=256,
        dim=16,
        heads=1,
        layers=1,
        mlp=32,
        context=16,
        batch_size=4,
        steps=40,
    )
    config: LanguageSettings
    total: int

    def __init__(self, config: LanguageSettings, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        if device.type == "cpu":
            config.check_work()
        texts = text.load(config.text).share(config.share)
        self.tokeniser = bpe.train(texts.train, config.pieces)
        self.vocabulary = self.tokeniser.get_vocab_size()
        self.train = bpe.encode(self.tokeniser, " ".join(texts.train)).to(device)
        held_out = bpe.encode(self.tokeniser, " ".join(texts.held_out)).to(device)
        if min(len(self.train), len(held_out)) < max(config.context, PASSAGE) + 2:
            raise ConfigError(
                f"The text has only {len(self.train):,} pieces to learn from and {len(held_out):,}"
                " to be judged by; take a smaller context, a larger share or a longer text."
            )
        judged = windows(held_out, config.context)
        self.held_out = judged[:: max(1, len(judged) // JUDGED)][:JUDGED]
        self.passage = held_out[: PASSAGE + 1][None]
        self.counted = counting.nats(self.train.cpu(), self.held_out.cpu(), self.vocabulary)
        self.form = Form(config.dim, config.heads, config.layers, config.width, config.mlp)
        self.nets: dict[Kind, nn.Module] = {
            kind: language_model(kind, self.vocabulary, self.form, generator(config.seed)).to(
                device
            )
            for kind in KINDS
            if kind in config.nets
        }
        self.optimizer = torch.optim.AdamW(
            [p for net in self.nets.values() for p in net.parameters()], betas=BETAS
        )
        self.source = generator(config.seed + 1)
        self.total = config.steps
        self.figures = torch.full((len(self.nets),), math.nan, dtype=torch.float64)
        self.lately = torch.full_like(self.figures, math.nan, device=device)
        self.written = torch.zeros(len(self.nets), WRITTEN, dtype=torch.int64)
        self.evaluate()

    def batch(self) -> Tensor:
        """(batch, context + 1): windows from anywhere in the text."""
        last = len(self.train) - self.config.context - 1
        starts = torch.randint(last + 1, (self.config.batch_size,), generator=self.source)
        return self.train[starts[:, None] + torch.arange(self.config.context + 1)]

    def step(self) -> Scalars | None:
        """Loss of each net on the batch, and at the last evaluation; in nats per token."""
        if self.steps == self.total:
            return None
        tokens = self.batch()
        losses = {
            kind: cross_entropy(net(tokens[:, :-1]).flatten(0, 1), tokens[:, 1:].flatten())
            for kind, net in self.nets.items()
        }
        for group in self.optimizer.param_groups:
            group["lr"] = cosine_rate(self.config.learning_rate, self.steps, self.total)
            group["weight_decay"] = self.config.weight_decay
        self.optimizer.zero_grad()
        torch.stack(list(losses.values())).sum().backward()  # weights are apart
        norms = {
            kind: nn.utils.clip_grad_norm_(net.parameters(), self.config.clip)
            for kind, net in self.nets.items()
        }
        self.optimizer.step()
        now = torch.stack(list(losses.values())).detach().double()
        self.lately.copy_(torch.where(self.lately.isnan(), now, self.lately.lerp(now, 1 - SMOOTH)))
        self.steps += 1
        if self.steps % EVALUATE_EVERY == 0 or self.steps == self.total:
            self.evaluate()
        return (
            {f"{kind}.loss": now[row] for row, kind in enumerate(self.nets)}
            | {f"{kind}.gradient": norm for kind, norm in norms.items()}
            | self.judged()
        )

    def judged(self) -> dict[str, float]:
        """Held-out loss of each net, and that of counting single tokens and pairs."""
        singles, pairs = self.counted
        held = {f"{kind}.held_out": float(self.figures[row]) for row, kind in enumerate(self.nets)}
        return {**held, "singles": singles, "pairs": pairs}

    @torch.no_grad()
    def evaluate(self) -> None:
        """Each net on held-out text, and what it writes from there; the same chances each time."""
        for row, net in enumerate(self.nets.values()):
            self.figures[row] = nats_per_token(net, self.held_out)
            source, tokens = generator(self.config.seed + 2), self.passage[:, :1]
            for _ in range(WRITTEN):
                logits = net(tokens[:, -self.config.context :])[:, -1]
                logits[:, : len(bpe.SPECIALS)] = -torch.inf
                shares = next_probabilities(logits, 0.8).nan_to_num(0)
                if not float(shares.sum()):  # a net that has diverged writes nothing more
                    break
                tokens = torch.cat([tokens, sample(shares, source)[:, None]], dim=1)
            self.written[row].zero_()[: tokens.shape[1] - 1] = tokens[0, 1:].cpu()

    @property
    def first(self) -> Kind:
        """The net whose inside is shown: the transformer, if it is there."""
        return next(iter(self.nets))

    @torch.no_grad()
    def picture(self) -> Pictures:
        """What the first net expects, where it was surprised, where it looked; what all write.

        passage: (28,) held-out pieces; surprise: (28,), nats / log of the vocabulary, at most 1
        heads: (layers · heads, 28, 28), rows ask; a single empty one without a transformer
        expected, chances: (at most 8,), the likeliest pieces after the passage
        transformer, lstm, rnn: words, as far as the net takes part
        """
        net, after = self.nets[self.first], self.passage[0, 1:]
        if isinstance(net, Decoder):
            logits, looks = net.watch(self.passage[:, :-1])
            heads = torch.cat([own[0] for (own,) in looks])
        else:
            logits, heads = net(self.passage[:, :-1]), torch.zeros(1, PASSAGE, PASSAGE)
        guesses = logits[0, -1].softmax(dim=0).nan_to_num(0)
        chances, best = guesses.topk(min(BEST, len(guesses)))
        nats = cross_entropy(logits[0], after, reduction="none") / math.log(self.vocabulary)
        names = bpe.pieces(self.tokeniser)
        return {
            "surprise": to_array(nats.nan_to_num(1).clamp(0, 1)),
            "heads": finite(to_array(heads)),
            "expected": np.array([names[n].replace(bpe.BLANK, "·") for n in best.tolist()]),
            "chances": to_array(chances),
            **{kind: self.says(kind) for kind in KINDS},
        }

    def says(self, kind: Kind) -> np.ndarray:
        """(words,): what a net wrote at the last evaluation."""
        if kind not in self.nets:
            return np.array(["(not", "here)"])
        tokens = self.written[list(self.nets).index(kind)]
        return np.array(bpe.decode(self.tokeniser, tokens).split() or ["…"])

    def backdrop(self) -> Pictures:
        """passage: (28,), held-out pieces as they are."""
        names = bpe.pieces(self.tokeniser)
        pieces = [names[number].replace(bpe.BLANK, " ") for number in self.passage[0, 1:].tolist()]
        return {"passage": np.array(pieces)}

    def words(self) -> str:
        """How well each net foretells, against counting, and whether it is well."""
        seen = self.steps * self.config.batch_size * self.config.context / len(self.train)
        told = f"{seen:.2f} times through the text."
        if not float(self.figures.max()) < math.log(self.vocabulary) + LOST:  # NaN is lost too
            return f"{told} A net has diverged, far worse than guessing; take a smaller rate."
        parts = [
            f"{KINDS[kind]} {nats:.2f} (as unsure as among {math.exp(nats):,.0f} pieces)"
            for kind, nats in zip(self.nets, self.figures.tolist(), strict=True)
        ]
        singles, pairs = self.counted
        told += f" Nats per held-out piece: {', '.join(parts)}; counting pieces {singles:.2f},"
        told += f" counting pairs {pairs:.2f}."
        gaps = self.figures - self.lately.cpu()
        for kind, gap in zip(self.nets, gaps.tolist(), strict=True):
            if gap > WORST:
                told += f" The {KINDS[kind]} overfits: by {gap:.1f} nats better on its own text."
        return told

    def provenance(self) -> Mapping[str, str]:
        """Which text; how large the nets are."""
        sizes = [
            f"{KINDS[kind]} {sum(p.numel() for p in net.parameters()):,}"
            for kind, net in self.nets.items()
        ]
        return {
            "data": f"{text.source(self.config.text)}: {len(self.train):,} pieces to learn from,"
            " every tenth stretch of the text held out",
            "weights": f"random, seed {self.config.seed}; parameters: {', '.join(sizes)}",
        }

    def parts(self) -> Mapping[str, state.Part]:
        """The nets, what trains them, their form and alphabet, the last figures and texts."""
        return {
            **{str(kind): net for kind, net in self.nets.items()},
            "optimizer": self.optimizer,
            "source": self.source,
            "form": form_to_tensor(self.form),
            "context": torch.tensor(self.config.context),
            "tokeniser": bpe.to_bytes(self.tokeniser),
            "figures": self.figures,
            "lately": self.lately,
            "written": self.written,
        }
