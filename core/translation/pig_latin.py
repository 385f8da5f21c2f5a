"""Pig Latin: the consonants before the first vowel go to the word's end, and "ay" comes after them.

The vowels are a, e, i, o, u; y is a consonant, and "qu" moves together. Where no consonant comes
first none moves, and where there is no vowel neither: such words get "ay" alone.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

import torch

from core.config import ConfigError, clip, generator
from core.data import glove
from core.translation.alphabet import Alphabet

ALPHABET = Alphabet("abcdefghijklmnopqrstuvwxyz ")
LONGEST = 14  # letters of a word
MOST_WORDS = 12  # of a sentence
HELD_OUT = 10  # every tenth word is never learnt from
STUTTER = 0.2  # share of words to learn from in which some letters come twice
SPLIT = 3  # seed that shuffles the words before they are parted


def of_word(word: str) -> str:
    """A word of lower-case letters in Pig Latin."""
    start = re.match("(?:qu|[^aeiou])*", word)
    assert start
    moved = start[0] if start.end() < len(word) else ""
    return word[len(moved) :] + moved + "ay"


def of_sentence(text: str) -> str:
    """Word by word, parted by single blanks."""
    return " ".join(map(of_word, text.split()))


@cache
def words(part: str) -> tuple[str, ...]:
    """English words of a to z, to learn from ("train") or held out ("validation")."""
    known = [w for w in glove.words() if re.fullmatch(f"[a-z]{{1,{LONGEST}}}", w)]
    order = torch.randperm(len(known), generator=generator(SPLIT)).tolist()
    held_out = set(order[::HELD_OUT])
    return tuple(w for i, w in enumerate(known) if (i in held_out) == (part == "validation"))


def sentence(part: str, count: int, source: torch.Generator) -> str:
    """So many words drawn alike from a part, whatever they mean together.

    Of those to learn from every fifth or so stutters.
    """
    known = words(part)
    drawn = [known[i] for i in torch.randint(len(known), (count,), generator=source).tolist()]
    if part == "train":
        slips = torch.rand(count, generator=source).tolist()
        drawn = [
            stutter(w, source) if s < STUTTER else w for w, s in zip(drawn, slips, strict=True)
        ]
    return " ".join(drawn)


def stutter(word: str, source: torch.Generator) -> str:
    """Some letters twice, such as "pigig": who copies by what was written last gets lost there.

    Where that is too long, or a word that is held out, the word as it is.
    """
    start, size = (int(torch.randint(most, (), generator=source)) for most in (len(word), 3))
    twice = word[: start + size + 1] + word[start:]
    fits = len(twice) <= LONGEST and twice not in set_of("validation")
    return twice if fits else word


@cache
def set_of(part: str) -> frozenset[str]:
    """The words of a part, to be looked up."""
    return frozenset(words(part))


def read_sentence(text: str) -> str:
    """What a net is given of anyone's text: words of a to z. Raises ConfigError.

    Capitals become small, accents and apostrophes go ("Don't" is "dont", "é" is "e"); digits,
    other signs and letters part words, and `dressed` puts them back.
    """
    plain = " ".join(match[0] for match in _words(_plain(text))).replace("'", "").lower()
    found = plain.split()
    if not found:
        raise ConfigError("There is no word to translate; type some of the letters a to z.")
    if len(found) > MOST_WORDS:
        raise ConfigError(f"There are {len(found):,} words; {MOST_WORDS} are the most.")
    if long := [word for word in found if len(word) > LONGEST]:
        raise ConfigError(f"“{clip(long[0])}” is too long: a word has at most {LONGEST} letters.")
    return plain


def dressed(text: str, translated: str) -> str:
    """A translation with the capitals, digits and signs of the text, each at its place.

    As it is, where its words are not as many as the text's.
    """
    text, new = _plain(text), translated.split()
    matches = list(_words(text))
    if len(new) != len(matches):
        return translated
    made, end = "", 0
    for match, word in zip(matches, new, strict=True):
        old = match[0]
        if old.isupper() and len(old) > 1:
            word = word.upper()
        elif old[0].isupper():
            word = word.capitalize()
        made += text[end : match.start()] + word
        end = match.end()
    return made + text[end:]


def _plain(text: str) -> str:
    """Without accents, with one kind of apostrophe, and without what cannot be printed."""
    apart = unicodedata.normalize("NFKD", text.replace("’", "'"))
    return "".join(c for c in apart if c.isprintable() and not unicodedata.combining(c))


def _words(text: str) -> list[re.Match[str]]:
    return list(re.finditer("[a-zA-Z](?:'?[a-zA-Z])*", text))
