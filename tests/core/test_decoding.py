"""The next token: from the logits, by known rules, and as often as the probabilities say."""

import itertools

import pytest
import torch

from core.config import generator
from core.decoding import (
    extend,
    first_beams,
    greedy,
    next_probabilities,
    sample,
    temper,
    top_k,
    top_p,
)

LOGITS = torch.tensor([[0.1, 0.5, 0.05, 0.35], [0.25, 0.25, 0.25, 0.25]]).log()


def kept(logits):
    return [row.isfinite().nonzero().flatten().tolist() for row in logits]


def test_temperature():
    torch.testing.assert_close(temper(LOGITS, 0.5).softmax(-1)[0, 1], torch.tensor(0.25 / 0.385))
    assert temper(LOGITS, 100).softmax(-1)[0].max() < 0.26
    assert next_probabilities(LOGITS, 0).tolist() == [[0, 1, 0, 0], [1, 0, 0, 0]]


def test_top_k_keeps_so_many():
    assert kept(top_k(LOGITS, 2)) == [[1, 3], [0, 1]]
    assert kept(top_k(LOGITS, 9)) == [[0, 1, 2, 3]] * 2
    assert next_probabilities(LOGITS, k=2)[0].tolist() == pytest.approx(
        [0, 0.5 / 0.85, 0, 0.35 / 0.85]
    )


@pytest.mark.parametrize(("p", "expected"), [(0, 1), (0.4, 1), (0.6, 2), (0.9, 3), (1.0, 4)])
def test_top_p_keeps_the_fewest_that_make_up_p(p, expected):
    assert len(kept(top_p(LOGITS[:1], p))[0]) == expected


def test_drawn_as_often_as_the_probabilities_say():
    draws = sample(LOGITS[:1].softmax(-1).expand(20_000, -1), generator(0))
    shares = draws.bincount(minlength=4) / 20_000
    torch.testing.assert_close(shares, LOGITS[0].exp(), rtol=0, atol=0.015)
    assert greedy(LOGITS).tolist() == [1, 0]


END, FILL = 0, 3


def table(tokens):
    """A made-up model: logits of the next of 4 tokens, from the last two alone."""
    source = generator(17 + 4 * int(tokens[-1]) + 31 * int(tokens[-2:].sum()))
    return 2 * torch.randn(4, generator=source)


def search(width, length):
    beams = first_beams(torch.tensor([1]))
    for _ in range(length):
        logits = torch.stack([table(text) for text in beams.tokens])
        beams, origin = extend(beams, logits, width, END, FILL)
        assert len(origin) == len(beams.tokens) <= width
    return beams


def test_wide_enough_a_beam_finds_the_best_text_there_is():
    def score(text):
        total, ended = 0.0, False
        for at in range(1, 5):
            if ended and text[at] != FILL:
                return -torch.inf
            total += 0 if ended else float(table(text[:at]).log_softmax(0)[text[at]])
            ended = ended or text[at] == END
        return total

    texts = [torch.tensor([1, *rest]) for rest in itertools.product(range(4), repeat=4)]
    best = max(texts, key=score)
    found = search(256, 4)
    assert found.tokens[0].tolist() == best.tolist()
    assert float(found.scores[0]) == pytest.approx(score(best), abs=1e-5)
    assert (found.scores.diff() <= 0).all()


def test_one_beam_is_greedy():
    text = torch.tensor([1])
    while len(text) < 7:
        last = FILL if END in text else int(table(text).argmax())
        text = torch.cat([text, torch.tensor([last])])
    assert search(1, 6).tokens[0].tolist() == text.tolist()
