"""From logits to the next token: pure functions that know no model."""

from core.decoding.beam import Beams, extend, first_beams
from core.decoding.filters import next_probabilities, temper, top_k, top_p
from core.decoding.sample import greedy, sample

__all__ = [
    "Beams",
    "extend",
    "first_beams",
    "greedy",
    "next_probabilities",
    "sample",
    "temper",
    "top_k",
    "top_p",
]
