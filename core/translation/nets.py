"""Three ways to make a translator of transformer blocks: read and write, only write, only read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal, NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from core.config import generator
from core.decoding import greedy
from core.nets.transformer import Block, Decoder, Encoder, EncoderDecoder, Form
from core.translation.alphabet import Alphabet
from core.translation.tasks import TASKS, Pair
from core.translation.tasks import Name as TaskName
from core.translation.writing import Decoding, Filling, Writing

Kind = Literal["encoder_decoder", "decoder_only", "encoder_only"]
KINDS: dict[Kind, str] = {
    "encoder_decoder": "encoder and decoder",
    "decoder_only": "decoder only",
    "encoder_only": "encoder only",
}
ROOM = 2  # characters by which a translated word is longer


class Lesson(NamedTuple):
    """A batch: what the net is given, and the next token at each place; PAD does not count."""

    read: Int[Tensor, "n others"]
    written: Int[Tensor, "n tokens"]
    target: Int[Tensor, "n tokens"]


class Maps(NamedTuple):
    """Weights of attention from letters to be written (rows) to letters heard (columns)."""

    weights: Float[Tensor, "layers heads rows columns"]
    rows: list[str]
    columns: list[str]


class Translator(nn.Module, ABC):
    """Reads characters and writes characters. Without `masks` padding is heard like any token."""

    kind: ClassVar[Kind]

    def __init__(self, alphabet: Alphabet, *, masks: bool = True) -> None:
        super().__init__()
        self.alphabet, self.masks = alphabet, masks

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.parameters()).device

    @abstractmethod
    def lesson(self, pairs: Sequence[Pair]) -> Lesson:
        """Pairs as rows of tokens."""

    @abstractmethod
    def forward(self, lesson: Lesson) -> Float[Tensor, "n tokens vocabulary"]:
        """Logits of each next token, all at once: each place is given the right ones before it."""

    @abstractmethod
    def begin(self, texts: Sequence[str], *, cached: bool = True, fill: int = 0) -> Writing:
        """Read the texts; their translations come token by token.

        All are padded to the longest, and by `fill` tokens more.
        """

    @abstractmethod
    def maps(self, pair: Pair) -> Maps:
        """Whom each letter of an answer listens to while the right ones before it are given."""

    def loss(self, lesson: Lesson) -> Tensor:
        """Cross-entropy per character, in nats, the end included."""
        logits: Tensor = self(lesson).flatten(0, 1).float()
        target, pad = lesson.target.flatten(), self.alphabet.pad
        loss: Tensor = cross_entropy(logits, target, ignore_index=pad)
        return loss

    @torch.no_grad()
    def right(self, pairs: Sequence[Pair]) -> Bool[Tensor, " pairs"]:
        """Which answers it writes to the letter, in one padded batch.

        It does so if each letter is the likeliest after the right ones before it.
        """
        lesson = self.lesson(pairs)
        hit = self(lesson).argmax(dim=-1) == lesson.target
        right: Tensor = (hit | (lesson.target == self.alphabet.pad)).all(dim=1)
        return right

    @torch.no_grad()
    def write(self, texts: Sequence[str], most: int) -> Int[Tensor, "texts most"]:
        """Greedy translations, side by side in one padded batch, of at most so many tokens."""
        writing = self.begin(texts)
        made = torch.full((len(texts), most), self.alphabet.pad)
        for at in range(most):
            tokens = greedy(writing.next()[0])
            writing.add(tokens)
            made[:, at] = tokens
            if (made == self.alphabet.eos).any(dim=1).all():
                break
        return made

    def _named(
        self, weights: Tensor, rows: Int[Tensor, "1 rows"], columns: Int[Tensor, "1 columns"]
    ) -> Maps:
        shown = self.alphabet.shown
        return Maps(weights, shown(rows[0].tolist()), shown(columns[0].tolist()))

    def keep(self, tokens: Int[Tensor, "n t"]) -> Bool[Tensor, "n t"]:
        """Where there is no padding; everywhere, without masks."""
        kept = tokens != self.alphabet.pad
        return kept if self.masks else torch.ones_like(kept)

    def rows(
        self, tokens: Sequence[Sequence[int]], *, left: bool = False, fill: int = 0
    ) -> Int[Tensor, "n t"]:
        """Padded rows, on the net's device."""
        return self.alphabet.rows(tokens, left=left, fill=fill).to(self.device)

    def read(self, text: str) -> list[int]:
        """A text's tokens and the end."""
        return [*self.alphabet.encode(text), self.alphabet.eos]


class ReadAndWrite(Translator):
    """The encoder reads the text, the decoder writes and looks at it."""

    kind = "encoder_decoder"

    def __init__(
        self, alphabet: Alphabet, form: Form, source: torch.Generator, *, masks: bool = True
    ) -> None:
        super().__init__(alphabet, masks=masks)
        self.net = EncoderDecoder(len(alphabet), form, source)

    def lesson(self, pairs: Sequence[Pair]) -> Lesson:
        """What is read; SOS and the answer; the answer and EOS."""
        answers = [self.read(answer) for _, answer in pairs]
        return Lesson(
            self.rows([self.read(text) for text, _ in pairs]),
            self.rows([[self.alphabet.sos, *answer[:-1]] for answer in answers]),
            self.rows(answers),
        )

    def forward(self, lesson: Lesson) -> Float[Tensor, "n tokens vocabulary"]:
        """As `Translator` says."""
        logits: Tensor = self.net(lesson.read, lesson.written, self.keep(lesson.read))
        return logits

    def begin(self, texts: Sequence[str], *, cached: bool = True, fill: int = 0) -> Decoding:
        """The encoder reads once; the decoder starts with SOS."""
        read = self.rows([self.read(text) for text in texts], fill=fill)
        keep = self.keep(read)
        start = read.new_full((len(texts), 1), self.alphabet.sos)
        memory, reading = self.net.encoder.watch(read, keep)
        return Decoding(
            self.net.decoder,
            start,
            None,
            memory,
            keep,
            read=read,
            reading=reading,
            cached=cached,
        )

    def maps(self, pair: Pair) -> Maps:
        """Cross-attention: what the decoder looks at in what was read."""
        lesson = self.lesson([pair])
        memory = self.net.encoder(lesson.read)
        _, looks = self.net.decoder.watch(lesson.written, memory=memory)
        return self._named(torch.cat([cross for _, cross in looks]), lesson.target, lesson.read)


class OnlyWrite(Translator):
    """One decoder: the text to be read is what it has written so far, and it goes on from there."""

    kind = "decoder_only"

    def __init__(
        self, alphabet: Alphabet, form: Form, source: torch.Generator, *, masks: bool = True
    ) -> None:
        super().__init__(alphabet, masks=masks)
        self.net = Decoder(len(alphabet), form, source)

    def prompt(self, text: str) -> list[int]:
        """The text and SOS."""
        return [*self.alphabet.encode(text), self.alphabet.sos]

    def lesson(self, pairs: Sequence[Pair]) -> Lesson:
        """Prompt and answer in one row; only the answer counts."""
        rows = [(self.prompt(text), self.read(answer)) for text, answer in pairs]
        pad = self.alphabet.pad
        inputs = [[*prompt, *answer[:-1]] for prompt, answer in rows]
        nexts = [[*[pad] * (len(prompt) - 1), *answer] for prompt, answer in rows]
        written, target = self.rows(inputs, left=True), self.rows(nexts, left=True)
        return Lesson(written[:, :0], written, target)

    def forward(self, lesson: Lesson) -> Float[Tensor, "n tokens vocabulary"]:
        """As `Translator` says."""
        logits: Tensor = self.net(lesson.written, self.keep(lesson.written))
        return logits

    def begin(self, texts: Sequence[str], *, cached: bool = True, fill: int = 0) -> Decoding:
        """Prompts end together, so they are padded at the left."""
        prompts = self.rows([self.prompt(text) for text in texts], left=True, fill=fill)
        return Decoding(self.net, prompts, self.keep(prompts), cached=cached)

    def maps(self, pair: Pair) -> Maps:
        """What the letters of the answer hear of all those before them."""
        _, written, target = self.lesson([pair])
        _, looks = self.net.watch(written)
        first = len(pair[0])  # of the prompt, whose last token asks for the first letter
        weights = torch.cat([own for (own,) in looks])[:, :, first:]
        return self._named(weights, target[:, first:], written)


class OnlyRead(Translator):
    """One encoder, which answers at all places at once: none of them knows what others answer.

    After the text there are as many blanks as the answer may need, which are SOS.
    """

    kind = "encoder_only"

    def __init__(
        self, alphabet: Alphabet, form: Form, source: torch.Generator, *, masks: bool = True
    ) -> None:
        super().__init__(alphabet, masks=masks)
        self.net = Encoder(len(alphabet), form, source, len(alphabet))

    def blanks(self, text: str) -> list[int]:
        """The text, its end, and the room that its answer takes beyond it."""
        return [*self.read(text), *[self.alphabet.sos] * ROOM * len(text.split())]

    def lesson(self, pairs: Sequence[Pair]) -> Lesson:
        """At each place its own answer."""
        read = self.rows([self.blanks(text) for text, _ in pairs])
        target = torch.full_like(read, self.alphabet.pad)
        for row, (_, answer) in zip(target, pairs, strict=True):
            tokens = self.read(answer)
            row[: len(tokens)] = torch.tensor(tokens)
        return Lesson(read, read, target)

    def forward(self, lesson: Lesson) -> Float[Tensor, "n tokens vocabulary"]:
        """As `Translator` says."""
        logits: Tensor = self.net(lesson.read, self.keep(lesson.read))
        return logits

    def begin(self, texts: Sequence[str], *, cached: bool = True, fill: int = 0) -> Filling:
        """All at once; there is nothing to cache."""
        read = self.rows([self.blanks(text) for text in texts], fill=fill)
        return Filling(self.alphabet.sos, read, *self.net.watch(read, self.keep(read)))

    def maps(self, pair: Pair) -> Maps:
        """What the places hear of one another."""
        read, _, target = self.lesson([pair])
        return self._named(torch.cat(self.net.watch(read)[1]), target, read)


NETS: dict[Kind, type[ReadAndWrite | OnlyWrite | OnlyRead]] = {
    net.kind: net for net in (ReadAndWrite, OnlyWrite, OnlyRead)
}


def of(saved: Mapping[str, Tensor]) -> tuple[Translator, TaskName]:
    """The `net.` of a run's state, or of shipped weights, and what it has learnt to do.

    Raises KeyError, IndexError or RuntimeError where it is another's.
    """
    kind, task, heads, layers, masks = saved["form"].tolist()
    mine = {key.removeprefix("net."): saved[key] for key in saved if key.startswith("net.")}
    name, widen = list(TASKS)[task], next(v for k, v in mine.items() if k.endswith("widen.weight"))
    form = Form(widen.shape[1], heads, layers, mlp=widen.shape[0])
    kinds = list(NETS.values())
    net = kinds[kind](TASKS[name].alphabet, form, generator(0), masks=bool(masks))
    net.load_state_dict(mine)
    return net.eval(), name


def form_of(net: Translator, task: TaskName) -> Int[Tensor, " 5"]:
    """What `of` has to know beside the weights."""
    blocks = [m for m in net.modules() if isinstance(m, Block)]
    layers = len(blocks) // (2 if net.kind == "encoder_decoder" else 1)
    first = blocks[0].attention.heads
    return torch.tensor(
        [list(NETS).index(net.kind), list(TASKS).index(task), first, layers, net.masks]
    )
