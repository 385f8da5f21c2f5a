"""Text in pieces and language models: equal to the library's, blind to the future, calm."""

import math
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from core import checkpoints
from core.config import ConfigError, generator
from core.data import own, text
from core.experiments.sequences.byte_pairs import BytePairs
from core.experiments.sequences.language_training import LanguageTraining
from core.experiments.sequences.language_writing import LanguageWriting
from core.nets.language import KINDS, form_to_tensor, language_model, restored
from core.nets.transformer import Form
from core.probes.language import nats_per_token, surprise, windows
from core.text import bpe, counting
from core.text.merging import Merging, join, segment
from tests import typechecked

PLAY = " ".join(text.load("shakespeare").train[:3])
TOKENISER = bpe.train([PLAY], 400)
SMALL = Form(dim=16, heads=2, layers=2, width=6, mlp=24)


def test_every_merge_of_the_library_is_of_a_most_frequent_pair():
    alphabet = frozenset(p for p in bpe.pieces(TOKENISER) if len(p) == 1)
    merging = Merging(bpe.words(PLAY), alphabet)
    found = bpe.merges(TOKENISER)
    assert len(found) > 300
    for pair in found:
        assert merging.pairs[pair] == max(merging.pairs.values())
        merging.merge(pair)
        assert merging.pairs[pair] == 0
    assert merging.length == len(bpe.encode(TOKENISER, PLAY))


def test_segments_are_the_librarys():
    alphabet = frozenset(p for p in bpe.pieces(TOKENISER) if len(p) == 1)
    ranks = {merge: rank for rank, merge in enumerate(bpe.merges(TOKENISER))}
    line = "Now is the winter of our discontent; “Aaargh”, she's café-bound -- mississippi!"
    ours = [p for word in bpe.in_words(line) for p in segment(word, alphabet, ranks)]
    library = [p.replace("[UNK]", "�") for p in TOKENISER.encode(line).tokens]
    assert ours == library
    assert join(("a", "a", "a"), ("a", "a")) == ("aa", "a")


def test_encoding_is_the_librarys_and_comes_back_in_whole_words():
    tokens = typechecked(bpe.encode)(TOKENISER, PLAY)
    assert tokens.tolist() == TOKENISER.encode(PLAY).ids
    assert bpe.SEP not in tokens
    assert bpe.CLS not in tokens
    back = typechecked(bpe.decode)(TOKENISER, tokens)
    normal = TOKENISER.normalizer.normalize_str(PLAY)
    assert back == normal
    assert bpe.decode(TOKENISER, bpe.encode(TOKENISER, "Où est\n\tHAMLET ?")) == "ou est hamlet ?"


@pytest.mark.parametrize(
    ("given", "back"),
    [
        ("", ""),
        ("a", "a"),
        ("\0", ""),
        ("😀😀", "��"),
        ("שלום", "����"),
        ("no \0 [SEP] end", "no [sep] end"),
        ("ha " * 3000, "ha " * 2999 + "ha"),
    ],
)
def test_odd_texts_are_read_calmly(given, back):
    assert bpe.decode(TOKENISER, bpe.encode(TOKENISER, given)) == back


def test_tokeniser_survives_as_a_tensor():
    kept = typechecked(bpe.to_bytes)(TOKENISER)
    again = typechecked(bpe.from_bytes)(kept)
    assert bpe.encode(again, PLAY[:5000]).tolist() == bpe.encode(TOKENISER, PLAY[:5000]).tolist()
    with pytest.raises(ConfigError, match="no tokeniser"):
        bpe.from_bytes(torch.zeros(5, dtype=torch.uint8))


def test_text_is_cut_without_loss_and_a_tenth_is_held_out():
    whole = text._shakespeare()
    assert "".join(text.stretches(whole)) == whole
    assert "%%" not in whole
    both = text.load("shakespeare")
    assert not set(both.train) & set(both.held_out)
    learnt, kept = (sum(map(len, part)) for part in (both.train, both.held_out))
    assert kept / (learnt + kept) == pytest.approx(0.1, abs=0.01)
    assert len(both.share(0.1).train) == round(0.1 * len(both.train))


def test_own_text_is_kept_and_bad_files_get_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("GLASSBOX_UPLOADS", str(tmp_path))
    key = text.keep_text(("čaj " * 3000).encode(), "tea.txt")
    mine = text.load(key)
    assert mine.held_out
    assert "čaj" in mine.train[0]
    run = LanguageTraining(LanguageTraining.SMOKE.variant(text=key, share=1))
    assert run.step() is not None
    assert BytePairs(BytePairs.SMOKE.variant(text=key, share=1)).words()
    for raw, cure in [
        (b"", "at|longer|fewest"),
        (b"a", "fewest"),
        ("שלום 😀".encode(), "fewest"),
        (b"\xff\xd8\xff\xe0" * 4000, "UTF-8"),
        (b"word \0" * 4000, "NUL"),
        (b"x" * (5 * 10**6 + 1), "5 MB"),
        ("語".encode() * 6000, "blank"),
    ]:
        with pytest.raises(ConfigError, match=cure):
            text.keep_text(raw, "x.txt")
    with pytest.raises(ConfigError, match="no text"):
        text.load(own.keep({"photo": np.zeros(3, np.uint8)}))


def test_texts_of_emoji_or_dots_alone_and_one_too_short_for_the_context(tmp_path, monkeypatch):
    monkeypatch.setenv("GLASSBOX_UPLOADS", str(tmp_path))
    run = LanguageTraining(
        LanguageTraining.SMOKE.variant(text=text.keep_text(("😀🎉 " * 4000).encode(), ""), share=1)
    )
    run.step()
    assert run.backdrop()["passage"].size
    dots = text.keep_text(b". " * 6000, "")
    run = LanguageTraining(LanguageTraining.SMOKE.variant(text=dots, share=1))
    assert 0 < len(run.picture()["expected"]) < 8
    short = text.keep_text(("word " * 1300).encode(), "")
    config = LanguageTraining.SMOKE.variant(text=short, share=1, context=256)
    with pytest.raises(ConfigError, match="smaller context"):
        LanguageTraining(config)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_leaks_from_the_future_and_weights_are_tied(kind):
    net = typechecked(language_model)(kind, 50, SMALL, generator(0))
    tokens = torch.randint(50, (2, 12), generator=generator(1))
    before = net(tokens)
    tokens[:, 7] += 1 - 2 * (tokens[:, 7] == 49).long()
    after = net(tokens)
    assert torch.equal(before[:, :7], after[:, :7])
    assert (before[:, 7:] - after[:, 7:]).abs().amax(dim=(0, 2)).min() > 1e-6
    tables = [p for p in net.parameters() if p.shape == (50, SMALL.dim)]
    assert len(tables) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_nets_come_back_from_a_state(kind):
    net = language_model(kind, 50, SMALL, generator(3))
    saved = {f"{kind}.{k}": v for k, v in net.state_dict().items()} | {
        "form": form_to_tensor(SMALL)
    }
    tokens = torch.randint(50, (2, 9), generator=generator(1))
    assert torch.equal(typechecked(restored)(saved, kind)(tokens), net(tokens))
    other = next(k for k in KINDS if k != kind)
    with pytest.raises(ConfigError, match=KINDS[kind]):
        restored(saved, other)


def test_surprise_and_windows_by_hand():
    net = language_model("lstm", 50, SMALL, generator(0))
    tokens = torch.randint(50, (45,), generator=generator(1))
    cut = typechecked(windows)(tokens, 11)
    assert cut.shape == (4, 12)
    assert torch.equal(cut[1], tokens[11:23])
    logits = net(cut[:, :-1]).detach()
    expected = cross_entropy(logits.flatten(0, 1), cut[:, 1:].flatten())
    assert nats_per_token(net, cut) == pytest.approx(float(expected), rel=1e-5)
    assert typechecked(surprise)(net, cut).shape == (4, 11)


def test_counting_by_hand():
    tokens = torch.tensor([0, 1, 0, 1, 0, 2])
    single = typechecked(counting.unigram)(tokens, 3)
    assert single.tolist() == pytest.approx([4 / 9, 3 / 9, 2 / 9])
    pairs = typechecked(counting.bigram)(tokens, 3)
    torch.testing.assert_close(pairs.sum(dim=1), torch.ones(3).double())
    assert float(pairs[0, 1]) == pytest.approx((2 + 50 * 3 / 9) / 53)
    alone, _ = counting.nats(tokens, torch.tensor([[0, 1]]), 3)
    assert alone == pytest.approx(-math.log(3 / 9))


def test_nets_learn_more_than_counting_single_pieces():
    run = LanguageTraining(
        LanguageTraining.Config(share=0.02, pieces=256, dim=32, layers=1, mlp=64, steps=150)
    )
    for _ in iter(run.step, None):
        pass
    singles, _ = run.counted
    assert float(run.figures.max()) < singles - 0.05
    assert float(run.figures.min()) < singles - 0.2
    assert "diverged" not in run.words()


def test_divergence_is_said():
    run = LanguageTraining(LanguageTraining.SMOKE.variant(learning_rate=10.0, clip=1000.0))
    with torch.no_grad():
        for net in run.nets.values():
            next(net.parameters()).fill_(torch.nan)
    run.step()
    run.evaluate()
    assert "diverged" in run.words()
    assert not any(np.isinf(a).any() for a in run.picture().values() if a.dtype.kind == "f")


def test_the_table_moves_without_the_net():
    writer = LanguageWriting(LanguageWriting.SMOKE)
    writer.step()
    first = writer.picture()
    writer.net = None  # type: ignore[assignment]  # it must not be asked
    writer.config = writer.config.variant(temperature=0.1, top_k=2)
    assert int((writer.shares() > 0).sum()) <= 2
    assert float(writer.shares().max()) > float(first["after"].max())
    writer.config = writer.config.variant(temperature=1.0, top_k=2000, top_p=1.0)
    torch.testing.assert_close(writer.shares(), writer.logits.softmax(0))


def test_writing_is_in_whole_words_and_the_prompt_has_no_end():
    prompt = "My dear Watson, you see"
    writer = LanguageWriting(LanguageWriting.Config(prompt=prompt, length=20))
    assert writer.prompt.tolist() == bpe.encode(writer.tokeniser, prompt).tolist()
    for _ in iter(writer.step, None):
        pass
    assert writer.says().startswith("my dear watson, you see")
    assert min(writer.text.tolist()) >= len(bpe.SPECIALS)
    tokens = writer.tokens[None]
    logits = writer.net(tokens[:, :-1])[0]
    expected = cross_entropy(logits[-20:], tokens[0, -20:]).item()
    assert float(writer.nats.mean()) == pytest.approx(expected, abs=0.2)  # specials are left out


def test_a_net_is_asked_to_read_no_more_than_it_learnt_from(monkeypatch):
    learnt = LanguageTraining(LanguageTraining.SMOKE.variant(context=8))
    monkeypatch.setattr(checkpoints, "of_run", lambda key: learnt.state_dict())
    writer = LanguageWriting(LanguageWriting.SMOKE.variant(weights="0" * 32, prompt="a rose " * 9))
    assert len(writer.tokens) > 8
    assert writer.looks.shape[-2:] == (8, 8)
    picture = writer.picture()
    shown = len(picture["pieces"])
    assert picture["heard"][: shown - 8].sum() == 0
    assert picture["heard"].sum() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("prompt", ["", "  \n", "\0"])
def test_nothing_to_begin_with_gets_a_sentence(prompt):
    with pytest.raises(ConfigError, match="begin with a letter"):
        LanguageWriting(LanguageWriting.SMOKE.variant(prompt=prompt))


@pytest.mark.parametrize("prompt", ["a", "😀", "שלום עולם", "\0\0 x", "zzqx " * 300])
def test_odd_beginnings_are_gone_on_from(prompt):
    writer = LanguageWriting(LanguageWriting.SMOKE.variant(prompt=prompt))
    assert writer.step() is not None
    assert "pieces are left" in writer.words()
    with pytest.raises(ConfigError, match="too long"):
        LanguageWriting.Config.parse({"prompt": "x" * 10_000})


def test_shipped_net_is_as_good_as_its_manifest_says():
    saved = checkpoints.shipped("language_model")
    noted = checkpoints.about("language_model")["figures"]
    net, tokeniser = restored(saved, "transformer"), bpe.from_bytes(saved["tokeniser"])
    held_out = " ".join(text.load("shakespeare").held_out[:6])
    found = nats_per_token(net, windows(bpe.encode(tokeniser, held_out), 128))
    assert found == pytest.approx(noted["shakespeare"], abs=0.15)  # of a part of it
    assert tokeniser.get_vocab_size() == 2048
    assert noted["books"] <= 3.9
    if Path(os.environ.get("GLASSBOX_DATA", "/none"), "local", "books").is_dir():
        tail = " ".join(text.load("books").held_out[-4:])  # of War and Peace
        assert nats_per_token(net, windows(bpe.encode(tokeniser, tail), 128)) <= 3.9


def test_steps_that_would_keep_a_cpu_for_long_are_refused():
    with pytest.raises(ConfigError, match="take a CPU too long"):
        LanguageTraining(LanguageTraining.Config(batch_size=256, context=256, dim=512, layers=6))
