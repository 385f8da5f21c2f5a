"""Reviews: words and vectors, the generator, files that can be trusted, a net read by hand."""

import gzip
import io
import json
import lzma
import tarfile

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from core import assets, checkpoints
from core.config import ConfigError, generator
from core.data import glove, own, reviews, reviews_made
from core.data.glove import RESERVED, UNKNOWN, Vocabulary, neighbours
from core.data.reviews import keep_reviews, load, read
from core.data.tokens import LONGEST, as_bytes, from_bytes, tokens
from core.experiments.sequences.review_reading import ReviewReading
from core.experiments.sequences.review_training import ReviewTraining, aims
from core.nets.rater import CELLS, Drop, Rater
from core.probes.ratings import ratings
from core.reviews.rated import EXAMPLE, kept, mean_stars, worth

LENGTHS = torch.tensor([4, 7, 1, 7, 5])


@pytest.fixture
def uploads(tmp_path, monkeypatch):
    monkeypatch.setenv("GLASSBOX_UPLOADS", str(tmp_path))


def batch(width=6):
    return torch.randn(len(LENGTHS), 7, width, generator=generator(1))


def lines(pairs):
    said = ({"review": r, "stars": s} for r, s in pairs)
    return "\n".join(json.dumps(one, ensure_ascii=False) for one in said).encode()


def some(count=60):
    return [
        (f"the food was\u2028{'good' if i % 2 else 'bad'} {i}", 5 if i % 2 else 1)
        for i in range(count)
    ]


def test_glove_is_in_order_of_frequency_and_near_is_alike():
    assert glove.words()[:3] == ("the", ",", ".")
    assert glove.vectors().shape == (20_000, 50)
    known = Vocabulary()
    assert known.encode(["the", "no-such-word"]) == [RESERVED, UNKNOWN]
    assert {"spicy", "dessert"} <= set(neighbours("delicious", known.table(0), known, 5))
    assert not known.table(0, random=True)[:RESERVED].any()


def test_added_words_come_after_glove_and_start_as_wide():
    known = Vocabulary(["tacoz"])
    assert known.encode(["tacoz"]) == [len(known) - 1]
    table = known.table(3)
    torch.testing.assert_close(table[RESERVED:-1], glove.vectors())
    assert 0.4 < float(table[-1].std()) < 1.0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("It wasn’t BAD!", ("it", "was", "n't", "bad")),
        ("dont cant wont", ("do", "n't", "can", "n't", "will", "n't")),
        ("we've 5/5 😀\x00 want", ("we", "'ve", "5", "5", "want")),
        ("مرحبا", ("مرحبا",)),
        ("😀 …", ()),
    ],
)
def test_words_of_any_text(text, words):
    assert tokens(text) == words


def test_long_texts_are_cut_and_words_kept_with_weights():
    assert len(tokens("word " * 10_000)) == LONGEST
    for words in ((), ("a",), ("é", "b")):
        assert from_bytes(as_bytes(words)) == words


def test_generator_is_seeded_balanced_and_keeps_its_new_words_back():
    texts, stars = reviews_made.write(300, seed=5)
    assert (texts, stars) == reviews_made.write(300, seed=5)
    assert np.bincount(stars).tolist() == [0, 60, 60, 60, 60, 60]
    adjectives = {word for row in reviews_made.ADJECTIVES.values() for word in row}
    fresh, _ = reviews_made.write(300, seed=6, fresh=True)
    seen, new = ({w for t in some for w in t} & adjectives for some in (texts, fresh))
    assert seen
    assert new
    assert not seen & new
    assert adjectives <= set(glove.words())
    assert max(map(len, texts)) <= LONGEST


def test_negation_and_contrast_turn_ratings():
    texts, stars = reviews_made.write(2000, seed=7)
    worst = [s for t, s in zip(texts, stars, strict=True) if "terrible" in t]
    assert min(worst) == 1
    assert max(worst) == 5  # in “not terrible”, or before a “but”


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("both", [False, True])
def test_rater_in_a_packed_batch_is_torchs_own_on_each_review_alone(cell, both):
    net = Rater(6, generator(0), cell, width=5, both=both)
    kind = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[cell]
    twin = kind(6, 5, 2, batch_first=True, bidirectional=both)
    twin.load_state_dict(
        {
            key.replace("_l0", f"_l{i}"): value
            for i, layer in enumerate(net.layers)
            for key, value in layer.state_dict().items()
        }
    )
    x = batch()
    states = net.states(x, LENGTHS)
    scores = net(x, LENGTHS)
    for i, length in enumerate(LENGTHS.tolist()):
        alone, _ = twin(x[i : i + 1, :length])
        torch.testing.assert_close(states[i, :length], alone[0])
        assert not states[i, length:].any()
        torch.testing.assert_close(scores[i], net.head(alone[0, -1]))
    most = Rater.of({f"net.{k}": v for k, v in net.state_dict().items()})
    assert (most.cell, most.both) == (cell, both)
    torch.testing.assert_close(most(x, LENGTHS), scores)
    most.by_most.fill_(True)
    torch.testing.assert_close(most(x, LENGTHS)[2], net.head(states[2, 0]))  # of one word
    torch.testing.assert_close(most(x, LENGTHS)[1], net.head(states[1].amax(0)))


@pytest.mark.parametrize("cell", CELLS)
def test_word_by_word_is_each_beginning_alone_and_worth_is_with_less_without(cell):
    net = Rater(6, generator(0), cell, width=5)
    x = batch()[1]
    says, states = net.along(x)
    for t in range(1, 8):
        alone = net(x[None, :t], torch.tensor([t])).softmax(1)[0]
        torch.testing.assert_close(says[t - 1], alone)
    gain = worth(net, x)
    for t in range(7):
        rest = torch.cat([x[:t], x[t + 1 :]])
        without = net(rest[None], torch.tensor([6])).softmax(1)
        torch.testing.assert_close(gain[t], mean_stars(says[-1]) - mean_stars(without)[0])
    assert worth(net, x[:1]).tolist() == [0]
    gates = kept(net, x)
    assert gates.shape == states.shape
    assert bool(gates.any()) == (cell != "rnn")
    if cell == "gru":  # h = z h' + (1 − z) n with |n| < 1, so h can change by no more than this
        before = torch.cat([torch.zeros(1, 5), states[:-1]])
        assert ((states - before).abs() <= (1 - gates) * 2).all()


def test_dropout_leaves_out_its_share_and_keeps_the_mean():
    drop = Drop(0.35, 0.25, generator(2))
    x = drop(torch.ones(20_000))
    assert float((x == 0).float().mean()) == pytest.approx(0.35, abs=0.02)
    assert float(x.mean()) == pytest.approx(1, abs=0.02)
    words = drop.words(torch.full((100, 100), 9))
    assert float((words == UNKNOWN).float().mean()) == pytest.approx(0.25, abs=0.02)


def test_one_mask_serves_all_words_of_a_review_and_keeps_the_mean():
    lengths = torch.arange(1, 401)
    ones = pack_padded_sequence(
        torch.ones(400, 400, 6), lengths, batch_first=True, enforce_sorted=False
    )
    masked, _ = pad_packed_sequence(
        Drop(0.35, 0, generator(3), one_mask=True).packed(ones), batch_first=True
    )
    for mask, length in zip(masked, lengths.tolist(), strict=True):
        assert (mask[:length] == mask[0]).all()
    first = masked[:, 0]
    assert sorted(set(first.flatten().tolist())) == pytest.approx([0, 1 / 0.65])
    assert float(first.mean()) == pytest.approx(1, abs=0.05)
    assert len({tuple(mask.tolist()) for mask in first}) > 30  # reviews differ
    packed = Drop(0.35, 0, generator(3)).packed(ones)
    assert float((packed.data == 0).float().mean()) == pytest.approx(0.35, abs=0.01)
    anew, _ = pad_packed_sequence(packed, batch_first=True)
    assert len({tuple(word.tolist()) for word in anew[-1]}) > 30  # the longest review's words


def test_one_mask_is_taken_live_and_goes_on_from_a_saved_state():
    config = ReviewTraining.Config(one_mask=True, vector_scale=2, batch_size=256)
    through, other = ReviewTraining(config), ReviewTraining(config.variant(one_mask=False))
    rows = [through.step() for _ in range(3)]
    assert float(other.step()["loss"]) != float(rows[0]["loss"])
    saved = ReviewTraining(config.variant(one_mask=False))
    saved.config = config
    assert saved.step()["loss"] == rows[0]["loss"]
    second = ReviewTraining(config)
    second.load_state_dict(saved.state_dict())
    for row in rows[1:]:
        np.testing.assert_equal(float(second.step()["loss"]), float(row["loss"]))


def test_aims_are_one_hot_or_a_normal_curve():
    target = torch.tensor([0, 3])
    assert aims(target, 0.0).tolist() == [[1, 0, 0, 0, 0], [0, 0, 0, 1, 0]]
    blurred = aims(target, 0.6)
    torch.testing.assert_close(blurred.sum(1), torch.ones(2))
    assert float(blurred[1, 2] / blurred[1, 3]) == pytest.approx(np.exp(-0.5 / 0.36))


def test_own_reviews_are_kept_and_every_fifth_validates(uploads):
    for raw, name in ((lines(some()), "a.jsonl"), (lzma.compress(lines(some())), "a.xz")):
        mine = load(keep_reviews(raw, name))
        assert (len(mine.train), len(mine.validation)) == (48, 12)
        assert not set(mine.train.texts) & set(mine.validation.texts)
        assert mine.fresh is None
    twice = load(keep_reviews(lines([pair for pair in some() for _ in "12"]), "a.jsonl"))
    assert len(twice.train) + len(twice.validation) == 120
    assert not set(twice.train.texts) & set(twice.validation.texts)
    training = ReviewTraining(
        ReviewTraining.Config(
            file=keep_reviews(lines(some()), "a.jsonl"), vectors="tuned", epochs=1
        )
    )
    while training.step() is not None:
        pass
    assert np.isnan(float(training.figures[3]))
    assert "nobody" not in training.words()


@pytest.mark.parametrize(
    ("raw", "name", "says"),
    [
        (b"", "a.jsonl", "0 reviews"),
        (b"\x89PNG\x00\xff\xfe", "a.jsonl", "no text"),
        (b"not json", "a.jsonl", "Line 1 is no review"),
        (b"[" * 5000, "a.jsonl", "Line 1"),
        (lines([("good " * 200_001, 4)]), "a.jsonl", "Line 1 has more than 1,000,000 char"),
        (lines([("good", 4)] * 3), "a.jsonl", "3 reviews"),
        (lines([("good", 9)]), "a.jsonl", "“9” stars"),
        (lines([("good", True)]), "a.jsonl", "“True” stars"),
        (lines([("good", "4")]), "a.jsonl", "“4” stars"),
        (lines([("😀", 4)]), "a.jsonl", "no words"),
        (lines([("good", 4)] * 60), "a.jsonl", "as many stars"),
        (b"no xz", "a.xz", "damaged"),
        (b"\x1f\x8bxx", "a.gz", "damaged"),
        (gzip.compress(b"", mtime=0)[:10] + b"\xff" * 20, "a.gz", "damaged"),
        (lzma.compress(b"x" * 70_000_000), "a.xz", "60 MB"),
    ],
)
def test_bad_files_get_a_sentence(raw, name, says):
    with pytest.raises(ConfigError, match=says):
        read(raw, name)


def test_other_uploads_are_no_reviews(uploads):
    key = own.keep({"data": np.zeros((10, 2))})
    with pytest.raises(ConfigError, match="no reviews"):
        load(key)


def test_the_full_set_is_read_from_its_archive(tmp_path, monkeypatch):
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz") as archive:
        for name, count in (("train", 20), ("test", 5)):
            rows = "".join(
                f'"{1 + i % 5}","Food was ""great"".\\n\\nno {i}"\n' for i in range(count)
            )
            entry = tarfile.TarInfo(f"yelp_review_full_csv/{name}.csv")
            entry.size = len(rows.encode())
            archive.addfile(entry, io.BytesIO(rows.encode()))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(reviews, "SHA256", assets.sha256(raw.getvalue()))
    monkeypatch.setattr(reviews, "urlopen", lambda *_, **__: io.BytesIO(raw.getvalue()))
    reviews._full.cache_clear()
    whole = load("full")
    reviews._full.cache_clear()
    assert (len(whole.train), len(whole.validation)) == (20, 5)
    assert whole.train.texts[0] == ("food", "was", "great", "no", "0")
    assert whole.train.stars[:6].tolist() == [0, 1, 2, 3, 4, 0]
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "other"))
    monkeypatch.setattr(reviews, "SHA256", "0" * 64)
    with pytest.raises(ConfigError, match="could not be fetched"):
        load("full")


def test_it_learns_and_knows_words_that_nobody_rated_if_vectors_stay():
    training = ReviewTraining(ReviewTraining.Config(epochs=2, batch_size=64))
    while training.step() is not None:
        pass
    _, right, _, fresh = training.figures.tolist()
    assert right > 0.45  # of validation reviews; by chance .2
    assert fresh > 0.4
    before = training.picture()["stars"]
    training.config = training.config.variant(review="The food was really wonderful.")
    after = training.picture()["stars"]
    assert len(after) == 5
    assert after[-1] > before[-1]


def test_shipped_rater_is_as_good_as_its_manifest_says_and_reads_to_the_end():
    noted = checkpoints.about("rater")["figures"]
    assert ratings(checkpoints.shipped("rater")) == pytest.approx(noted, abs=2e-3)
    assert noted["test_accuracy"] > 0.55
    reading = ReviewReading(ReviewReading.Config())
    rows = []
    while (row := reading.step()) is not None:
        rows.append(row["stars"])
    assert len(rows) == len(tokens(EXAMPLE))
    assert rows[-1] < 2.5 < max(rows[:6])
    seen = reading.picture()
    assert seen["words"][int(np.argmin(seen["worth"]))] in ("terrible", "not", "but")
    reading.config = reading.config.variant(review="Great")
    assert reading.picture()["words"].tolist() == ["Great".lower()]
    assert reading.step() is None


def test_reading_refuses_texts_without_words_and_other_weights(monkeypatch):
    for text in ("", "😀", "\x00"):
        with pytest.raises(ConfigError, match="no words yet"):
            ReviewReading.Config.parse({"review": text})
    with pytest.raises(ConfigError, match="too long"):
        ReviewReading.Config.parse({"review": "a" * 10_000})
    monkeypatch.setattr(checkpoints, "of_run", lambda key: {"net.weight": torch.zeros(1)})
    with pytest.raises(ConfigError, match="rate no reviews"):
        ReviewReading(ReviewReading.Config(weights="0" * 32))


def test_a_runs_own_words_go_with_its_weights(monkeypatch, uploads):
    pairs = [(f"{text} zorgy", stars) for text, stars in some()]
    key = keep_reviews(lines(pairs), "a.jsonl")
    training = ReviewTraining(
        ReviewTraining.Config(file=key, vectors="tuned", epochs=1, cell="gru")
    )
    training.step()
    monkeypatch.setattr(checkpoints, "of_run", lambda key: training.state_dict())
    reading = ReviewReading(ReviewReading.Config(weights="0" * 32, review="zorgy food"))
    assert reading.picture()["words"].tolist() == ["zorgy", "food"]
    training.config = training.config.variant(review="zorgy food")
    np.testing.assert_allclose(reading.picture()["ahead"], training.picture()["stars"], rtol=1e-5)


def test_scaled_vectors_go_with_the_weights(monkeypatch):
    training = ReviewTraining(ReviewTraining.Config(vector_scale=2, batch_size=512))
    assert "times 2" in training.provenance()["data"]
    torch.testing.assert_close(training.vectors.weight, 2 * Vocabulary().table(0))
    training.step()
    monkeypatch.setattr(checkpoints, "of_run", lambda key: training.state_dict())
    reading = ReviewReading(ReviewReading.Config(weights="0" * 32))
    np.testing.assert_allclose(reading.picture()["ahead"], training.picture()["stars"], rtol=1e-5)


def test_divergence_is_said():
    training = ReviewTraining(ReviewTraining.SMOKE)
    with torch.no_grad():
        training.net.head.weight.fill_(torch.nan)
    training.evaluate()
    assert "diverged" in training.words()
