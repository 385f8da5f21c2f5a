"""Byte-pair encoding: the pair of pieces that is seen most often becomes one, again and again.

Sennrich, R., Haddow, B. and Birch, A. (2016), "Neural machine translation of rare words with
subword units". The `tokenizers` library trains and segments; a piece that begins a word carries
the blank before it, written ▁, so that pieces put side by side give whole words back.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
import torch
from jaxtyping import Int, UInt8
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from torch import Tensor

from core.config import ConfigError

SPECIALS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
PAD, UNK, CLS, SEP, MASK = range(len(SPECIALS))
BLANK = "▁"  # begins the pieces that begin a word
LETTERS = 100  # different characters that become pieces; rarer ones are [UNK]
SIGNS = {"[“”„«»]": '"', "[‘’`]": "'", "[—–]": "--", r"\s+": " "}

Merge = tuple[str, str]


def untrained() -> Tokenizer:
    """Lower case without accents, every run of white space one blank; punctuation stands alone."""
    made = Tokenizer(models.BPE(unk_token=SPECIALS[UNK]))
    plain = normalizers.BertNormalizer(
        clean_text=True, handle_chinese_chars=False, strip_accents=True, lowercase=True
    )
    signs = [normalizers.Replace(Regex(sign), plainer) for sign, plainer in SIGNS.items()]
    made.normalizer = normalizers.Sequence([plain, *signs, normalizers.Strip()])
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Metaspace(BLANK, "always"), pre_tokenizers.Punctuation("isolated")]
    )
    made.decoder = decoders.Metaspace(BLANK, "always")
    return made


def train(texts: Iterable[str], size: int) -> Tokenizer:
    """Learns `size` pieces, the `SPECIALS` and single characters among them."""
    made = untrained()
    made.train_from_iterator(
        texts,
        trainers.BpeTrainer(
            vocab_size=size,
            special_tokens=list(SPECIALS),
            limit_alphabet=LETTERS,
            show_progress=False,
        ),
    )
    return made


def merges(tokeniser: Tokenizer) -> list[Merge]:
    """The pairs that were joined, first to last."""
    return [(a, b) for a, b in json.loads(tokeniser.to_str())["model"]["merges"]]


def pieces(tokeniser: Tokenizer) -> list[str]:
    """All pieces, in the order of their numbers."""
    numbers: dict[str, int] = tokeniser.get_vocab()
    return sorted(numbers, key=numbers.__getitem__)


def in_words(text: str, plain: Tokenizer | None = None) -> list[str]:
    """A text cut where no piece ever crosses, with a ▁ where a blank was."""
    plain = plain or untrained()
    normal = plain.normalizer.normalize_str(text)
    return [word for word, _ in plain.pre_tokenizer.pre_tokenize_str(normal)]


def words(text: str) -> Counter[str]:
    """How often each word stands in a text."""
    plain = untrained()
    found: Counter[str] = Counter()
    for chunk, count in Counter(text.split()).items():
        for word in in_words(chunk, plain):
            found[word] += count
    return found


def encode(tokeniser: Tokenizer, text: str) -> Int[Tensor, " tokens"]:
    """The numbers of the pieces; nothing is put before or after them."""
    return torch.tensor(encode_many(tokeniser, [text])[0], dtype=torch.int64)


def encode_many(tokeniser: Tokenizer, texts: Sequence[str]) -> list[list[int]]:
    """The same of each text. No piece crosses a blank, so each different chunk between blanks is
    segmented only once."""
    tokeniser.encode_special_tokens = True  # a typed “[SEP]” is text like any other
    chunks = [text.split() for text in texts]
    different = list({chunk: None for of_text in chunks for chunk in of_text})
    found = tokeniser.encode_batch_fast(different, add_special_tokens=False)
    numbers = {chunk: encoding.ids for chunk, encoding in zip(different, found, strict=True)}
    return [[n for chunk in of_text for n in numbers[chunk]] for of_text in chunks]


def decode(tokeniser: Tokenizer, tokens: Int[Tensor, " tokens"]) -> str:
    """The text again, in whole words; characters that were unknown are �."""
    written = [tokeniser.id_to_token(number) for number in tokens.tolist()]
    shown = ["�" if piece == SPECIALS[UNK] else piece for piece in written]
    return str(tokeniser.decoder.decode([piece for piece in shown if piece not in SPECIALS]))


def to_bytes(tokeniser: Tokenizer) -> UInt8[Tensor, " bytes"]:
    """A tokeniser as a tensor, to be kept beside the weights of the net that reads by it."""
    return torch.from_numpy(np.frombuffer(tokeniser.to_str().encode(), np.uint8).copy())


def from_bytes(kept: UInt8[Tensor, " bytes"]) -> Tokenizer:
    """What `to_bytes` kept. Raises ConfigError where it is none."""
    try:
        return Tokenizer.from_str(kept.numpy().tobytes().decode())
    except Exception:  # the library raises plain Exception
        raise ConfigError("There is no tokeniser in these weights; train a net here.") from None
