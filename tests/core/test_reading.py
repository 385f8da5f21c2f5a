"""Reading words: dynamic programmes against all paths one by one, and what is read in the end."""

import itertools
import json
import math
import os
from pathlib import Path

import numpy as np
import pytest
import torch

from core import checkpoints
from core.config import ConfigError, generator
from core.data import own, words
from core.data.ink import keep_drawing, word_of
from core.data.letters import ALPHABET, FONTS, ROWS, Hand, fit, glyphs, write
from core.data.pictures import load_photo
from core.data.words import ENGLISH, HELD_OUT, examples, is_held_out, random_words
from core.experiments.generative.word_reading import WordReading
from core.experiments.generative.word_training import WordTraining
from core.nets.reader import STRIDE, Reader
from core.probes.reading import HANDWRITTEN, figures, handwriting
from core.reading.boxes import boxes
from core.reading.losses import cross_entropy_loss, likelihood_loss, margin_loss
from core.reading.paths import (
    GAP,
    align,
    decode,
    energy_of,
    free_energy,
    read,
    total_free_energy,
)
from core.reading.settings import printed

WINDOWS = 6
USED = [*range(4), GAP]  # classes of the paths that are listed; the others cost too much


def table(seed: int = 0) -> torch.Tensor:
    """Energies (1, 6, 27) of which only five classes are worth having."""
    energies = torch.full((1, WINDOWS, 27), 5e3, dtype=torch.float64)
    some = torch.randn(1, WINDOWS, len(USED), dtype=torch.float64, generator=generator(seed))
    energies[:, :, USED] = some
    return energies


def spelt(path: tuple[int, ...]) -> str | None:
    """The word that a path reads; None where two letters touch."""
    if any(a != b and GAP not in (a, b) for a, b in itertools.pairwise(path)):
        return None
    turns = [key for key, _ in itertools.groupby(path)]
    return "".join(ALPHABET[key] for key in turns if key != GAP)


PATHS = [(path, spelt(path)) for path in itertools.product(USED, repeat=WINDOWS)]


def listed(energies: torch.Tensor, word: str | None = None) -> list[tuple[float, tuple[int, ...]]]:
    """All paths, or those of a word, with their energies."""
    rows = energies[0].tolist()
    return [
        (sum(row[k] for row, k in zip(rows, path, strict=True)), path)
        for path, spells in PATHS
        if spells is not None and (word is None or spells == word) and (word is not None or spells)
    ]


def softmin(energies: list[float], beta: float) -> float:
    return -math.log(sum(math.exp(-beta * energy) for energy in energies)) / beta


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("word", ["a", "ab", "aa", "bcd", "dad"])
def test_alignment_is_the_best_of_all_paths_of_the_word(word, seed):
    energies = table(seed)
    least, path = align(energies, [word])
    expected, best = min(listed(energies, word))
    assert float(least) == pytest.approx(expected, abs=1e-12)
    assert tuple(path[0].tolist()) == best
    assert read(path) == [word]
    assert float(energy_of(energies, path)) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("seed", range(8))
def test_decoding_is_the_best_of_all_paths_of_all_words(seed):
    energies = table(seed)
    everything = [
        (sum(energies[0, i, k].item() for i, k in enumerate(path)), path)
        for path, word in PATHS
        if word is not None
    ]
    expected, best = min(everything)
    least, path = decode(energies)
    assert float(least) == pytest.approx(expected, abs=1e-12)
    assert tuple(path[0].tolist()) == best
    assert read(path) == [spelt(best)]


@pytest.mark.parametrize("beta", [0.3, 1.0, 4.0])
def test_free_energies_are_sums_over_all_paths(beta):
    energies = table(3)
    for word in ("b", "ab", "cac"):
        expected = softmin([energy for energy, _ in listed(energies, word)], beta)
        assert float(free_energy(energies, [word], beta)) == pytest.approx(expected, abs=1e-10)
    everything = [
        sum(energies[0, i, k].item() for i, k in enumerate(path))
        for path, word in PATHS
        if word is not None
    ]
    total = float(total_free_energy(energies, beta))
    assert total == pytest.approx(softmin(everything, beta), abs=1e-10)


def test_a_batch_reads_as_its_words_do_alone():
    energies = torch.randn(3, 12, 27, dtype=torch.float64, generator=generator(1))
    names = ["a", "cat", "abcde"]
    together = align(energies, names)
    for i, word in enumerate(names):
        alone = align(energies[i : i + 1], [word])
        torch.testing.assert_close(alone[0][0], together[0][i])
        assert torch.equal(alone[1][0], together[1][i])
        free = free_energy(energies[i : i + 1], [word], 2.0)
        torch.testing.assert_close(free[0], free_energy(energies, names, 2.0)[i])


def test_free_energy_of_a_cold_path_is_its_least_energy():
    energies = table(2)
    assert float(free_energy(energies, ["ab"], 500.0)) == pytest.approx(
        float(align(energies, ["ab"])[0]), abs=0.01
    )


def test_a_word_that_needs_more_windows_than_there_are_is_refused():
    with pytest.raises(ConfigError, match="4 letters needs 7 windows and the picture has 6"):
        align(table(), ["abcd"])


def test_likelihood_gradient_is_the_posterior_of_paths_minus_the_models():
    energies = table(4).requires_grad_()
    (gradient,) = torch.autograd.grad(likelihood_loss(energies, ["ab"]) * WINDOWS, energies)

    def expected(paths):
        weights = np.exp(-np.array([energy for energy, _ in paths]))
        counts = np.zeros((WINDOWS, 27))
        for weight, (_, path) in zip(weights / weights.sum(), paths, strict=True):
            counts[np.arange(WINDOWS), path] += weight
        return counts

    rows = energies.detach()[0].tolist()
    everything = [
        (sum(row[k] for row, k in zip(rows, path, strict=True)), path)
        for path, word in PATHS
        if word is not None
    ]
    difference = expected(listed(energies.detach(), "ab")) - expected(everything)
    np.testing.assert_allclose(gradient[0].numpy(), difference, atol=1e-9)


def test_margin_loss_is_the_structured_hinge():
    energies, margin = table(5), 0.7
    _, path = align(energies, ["ba"])
    right = tuple(path[0].tolist())
    rows = energies[0].tolist()
    lowered = [
        sum(row[k] for row, k in zip(rows, other, strict=True))
        - margin * sum(a != b for a, b in zip(other, right, strict=True))
        for other, word in PATHS
        if word is not None
    ]
    expected = (float(energy_of(energies, path)) - min(lowered)) / WINDOWS
    assert float(margin_loss(energies, ["ba"], margin)) == pytest.approx(expected, abs=1e-12)
    alike = torch.zeros(1, WINDOWS, 27)
    assert float(margin_loss(alike, ["ba"], 0.0)) == 0.0  # the perceptron's is content
    assert float(margin_loss(alike, ["ba"], margin)) > 0.5


def test_cross_entropy_follows_the_best_path_of_the_word():
    energies = table(6)
    log_p = torch.log_softmax(-energies, dim=2)
    best = min(
        -sum(float(log_p[0, i, k]) for i, k in enumerate(path))
        for path, word in PATHS
        if word == "cd"
    )
    assert float(cross_entropy_loss(energies, ["cd"])) == pytest.approx(best / WINDOWS, abs=1e-10)


def test_boxes_hold_the_path_and_keep_their_number():
    found = boxes(torch.tensor([26, 0, 0, 26, 26, 3]))
    assert found[:4].tolist() == [[26, 0, 1, 1], [0, 1, 1, 2], [26, 3, 1, 2], [3, 5, 1, 1]]
    assert found.shape == (6, 4)
    assert not found[4:].any()
    assert boxes(torch.tensor([0, 0]))[0].tolist() == [0, 0, 1, 2]


def test_held_out_pairs_are_in_no_word_that_is_learnt_from():
    found = random_words(4_000, 6, np.random.default_rng(0))
    pairs = {a + b for word in found for a, b in itertools.pairwise(word)}
    assert not pairs & set(HELD_OUT)
    assert len(pairs) == 26 * 26 - len(HELD_OUT)  # all others are
    assert len(HELD_OUT) > 130
    assert not is_held_out("ab")


def test_every_font_has_52_letters_that_differ():
    for font in FONTS:
        letters = glyphs(font)
        assert len(letters) == 52
        assert len({letter.tobytes() for letter in letters.values()}) == 52
        assert all((letter > 128).any() for letter in letters.values())


def test_words_fit_whatever_the_hand():
    letters = [glyphs("caveat")[c] for c in "jumpy"]
    picture = write(letters, Hand(gaps=[1, 9, 3, 4], lifts=[6, -6, 0, 3, 1], slant=0.5, ink=30))
    assert picture.shape[0] == ROWS
    assert picture.shape[1] % 4 == 0
    rows = np.flatnonzero((picture > 64).any(axis=1))
    assert 28 <= rows[-1] - rows[0] + 1 <= 30
    assert not fit(np.zeros((50, 50), np.uint8)).any()


def test_pictures_follow_from_their_source():
    def of(seed):
        return examples(["at", "word"], np.random.default_rng(seed))

    assert torch.equal(of(1), of(1))
    assert not torch.equal(of(1)[:, :, :, :40], of(2)[:, :, :, :40])
    assert 0 <= float(of(1).min()) < float(of(1).max()) <= 1


@torch.no_grad()
@pytest.mark.parametrize("font", FONTS)
@pytest.mark.parametrize("word", ["l" * 9 + "j", "i" * 10, "j" * 10, "l"])
def test_the_narrowest_words_have_windows_for_all_their_letters(word, font):
    assert printed(word, font).shape[-1] // STRIDE >= 2 * len(word) - 1


def test_the_net_begins_without_an_opinion_and_slides():
    reader = Reader(3).eval()
    x = examples(["slide"], np.random.default_rng(0))
    assert float(reader(x).detach().abs().max()) == 0
    torch.nn.init.normal_(reader.head.weight, generator=generator(0))
    energies = reader(x)
    assert energies.shape == (1, x.shape[3] // 4, 27)
    shifted = torch.nn.functional.pad(x, (8, 0))
    torch.testing.assert_close(
        reader(shifted)[:, 12:], energies[:, 10:], rtol=1e-4, atol=1e-4
    )  # away from the left edge


def test_shipped_weights_read_what_they_never_saw():
    found = figures(checkpoints.shipped("reader"))
    assert found["letters"] >= 0.99
    assert found["pairs"] >= 0.9
    assert found["words"] >= 0.9
    assert found["unseen_pairs"] >= 0.65
    if (sheet := Path(os.environ.get("GLASSBOX_DATA", "/none"), HANDWRITTEN)).exists():
        found = handwriting(checkpoints.shipped("reader"), sheet)
        assert found["handwritten_letters"] > 0.5  # from fonts alone; chance is .04
        assert found["handwritten_pairs"] > 0.25


def test_a_typed_word_decodes_and_beats_its_rivals():
    reading = WordReading(WordReading.Config(word="Glassbox", rival="grassbox"))
    while reading.step():
        pass
    assert reading.said == "glassbox"
    picture = reading.picture()
    assert picture["names"][0] == "glassbox"
    assert picture["rivals"][0] == pytest.approx(0, abs=1e-3)
    assert (picture["rivals"][1:] > 0).all()
    assert "It reads “glassbox”" in reading.words()
    cells = sum(int(rows * columns) for _, _, rows, columns in picture["path"])
    assert cells == reading.windows


def strokes_of(word: str) -> str:
    """A word as a pointer might draw it: the outline of its print, dot by dot."""
    x = printed(word, "patrick-hand")[0, 0].numpy()
    rows, columns = np.nonzero(x > 0.5)
    return json.dumps(
        [[float(4 * column), float(4 * row)] * 2 for row, column in zip(rows, columns, strict=True)]
    )


def test_the_next_word_is_told_though_it_is_the_one_to_compare_with():
    reading = WordReading(WordReading.Config(word="ill", font="kalam", rival="ili"))
    while reading.step() is not None:
        pass
    assert "one letter off, “ili”" in reading.words()


def test_a_drawn_word_decodes(tmp_path, monkeypatch):
    monkeypatch.setenv("GLASSBOX_UPLOADS", str(tmp_path))
    key = keep_drawing(strokes_of("net"))
    assert own.load(key)["photo"].shape[0] == 136
    reading = WordReading(WordReading.Config(photo=key))
    assert reading.said == "net"
    assert reading.provenance()["data"] == "a picture of your own"
    dark = 255 - load_photo(key).pixels  # chalk on a board
    np.testing.assert_allclose(word_of(dark), word_of(load_photo(key).pixels), atol=60)


@pytest.mark.parametrize(
    ("text", "cure"),
    [
        ("[]", "draw a word"),
        ("[[]]", "draw a word"),
        ("nonsense", "draw the word again"),
        ("[[0.1, 0.2, 0.3]]", "draw the word again"),
        ("[[0.1, 1e9]]", "draw the word again"),
        ('[["a", "b"]]', "draw the word again"),
        ("7", "draw the word again"),
        (json.dumps([[0.5, 0.5] * 10_001]), "draw one word"),
        ("[" + " " * 500_000 + "]", "draw one word"),
        (f"[[1, {10**400}]]", "draw the word again"),
    ],
)
def test_drawings_that_cannot_be_read_are_refused(text, cure):
    with pytest.raises(ConfigError, match=cure):
        keep_drawing(text)


def test_paper_without_ink_is_refused():
    with pytest.raises(ConfigError, match="no ink"):
        word_of(np.full((60, 200, 3), 250, np.uint8))
    line = np.full((40, 640, 3), 255, np.uint8)
    line[20] = 0
    with pytest.raises(ConfigError, match="one word"):
        word_of(line)


@pytest.mark.parametrize("word", ["", "zwölf", "a b", "elevenletter", "x1"])
def test_words_that_cannot_be_shown_are_refused(word):
    with pytest.raises(ConfigError):
        WordTraining.Config.parse({"word": word})


def test_weights_of_something_else_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoints, "of_run", lambda key: checkpoints.shipped("cifar_small"))
    with pytest.raises(ConfigError, match="no reader's"):
        WordReading(WordReading.Config(weights="0" * 32))


def test_extreme_settings_end_calmly():
    run = WordTraining(WordTraining.Config(learning_rate=1.0, batches=20, batch_size=8, noise=1.0))
    while run.step():
        pass
    assert not np.isinf(run.picture()["energies"]).any()
    assert run.words()


def test_all_losses_learn_single_letters():
    for loss in ("likelihood", "cross_entropy", "margin"):
        config = WordTraining.Config(
            loss=loss, longest=1, batches=40, batch_size=16, unsteady=0.0, noise=0.0
        )
        run = WordTraining(config)
        losses = [float(scalars["loss"]) for scalars in iter(run.step, None)]
        assert np.mean(losses[-5:]) < 0.92 * losses[0], loss
    assert len(ENGLISH) == len(set(ENGLISH))
    assert words.picture("at", ("andika",), np.random.default_rng(0)).shape[0] == ROWS
