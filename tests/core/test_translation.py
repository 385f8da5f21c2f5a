"""Translation: the rule, the padding, the cache, the beam, and what the shipped net can do."""

import pytest
import torch

from core import checkpoints
from core.config import ConfigError, generator
from core.experiments.sequences.translate_beams import TranslateBeams as Search
from core.experiments.sequences.translate_training import TranslateTraining as Learn
from core.experiments.sequences.translate_writing import TranslateWriting as Write
from core.nets.transformer import Form
from core.translation import pig_latin, sorting
from core.translation.nets import NETS, form_of, of
from core.translation.pig_latin import dressed, of_sentence, of_word, read_sentence
from core.translation.tasks import TASKS

FORM = Form(dim=24, heads=2, layers=2, mlp=32)
LONG = "she sells sea shells by the quiet shore every bright summer morning"


def a_net(kind, masks=True, task="pig_latin"):
    """A net that is not trained, but whose letters differ."""
    net = NETS[kind](TASKS[task].alphabet, FORM, generator(3), masks=masks)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.mul_(1.5)
    return net


def done(experiment):
    rows = []
    while (row := experiment.step()) is not None:
        rows.append(row)
    return rows


@pytest.mark.parametrize(
    ("word", "latin"),
    [
        ("pig", "igpay"),
        ("latin", "atinlay"),
        ("string", "ingstray"),
        ("queen", "eenquay"),
        ("squirrel", "irrelsquay"),
        ("apple", "appleay"),
        ("yellow", "ellowyay"),
        ("rhythm", "rhythmay"),
        ("my", "myay"),
        ("u", "uay"),
        ("q", "qay"),
        ("qu", "quay"),
        ("iraq", "iraqay"),
    ],
)
def test_the_rule(word, latin):
    assert of_word(word) == latin


def test_the_rule_again_from_its_words():
    for word in pig_latin.words("validation")[:500]:
        at = 0
        while at < len(word) and (word[at] not in "aeiou" or word[at - 1 : at + 1] == "qu"):
            at += 1
        moved = word[:at] if at < len(word) else ""
        assert of_word(word) == word[len(moved) :] + moved + "ay"


def test_no_word_is_both_learnt_and_held_out():
    learnt, held_out = (set(pig_latin.words(part)) for part in ("train", "validation"))
    assert not learnt & held_out
    assert len(held_out) / len(learnt) == pytest.approx(1 / 9, abs=0.01)
    for text, answer in TASKS["pig_latin"].pairs("validation", [12, 1], generator(0)):
        assert set(text.split()) <= held_out
        assert answer == of_sentence(text)
    for part in ("train", "validation"):
        for text, answer in TASKS["sorting"].pairs(part, [4] * 20, generator(0)):
            numbers = list(map(int, text.split()))
            assert (sum(numbers) % 10 == 0) == (part == "validation")
            assert answer == " ".join(map(str, sorted(numbers)))


def test_anyones_text_keeps_what_the_net_does_not_see():
    for text, read, latin in [
        ("The Fox, 42!", "the fox", "Ethay Oxfay, 42!"),
        ("Don’t SHOUT", "dont shout", "Ontday OUTSHAY"),
        ("Café  über", "cafe uber", "Afecay  uberay"),
        ("שלום hi 🙂\x00", "hi", "שלום ihay 🙂"),
        ("I", "i", "Iay"),
    ]:
        assert read_sentence(text) == read
        assert dressed(text, of_sentence(read)) == latin
    assert dressed("one two", "eway") == "eway"


@pytest.mark.parametrize("text", ["", " ", "42!", "🙂", "שלום", "\x00", "a " * 13, "x" * 10_000])
def test_texts_of_no_use_are_refused_with_the_cure(text):
    with pytest.raises(ConfigError, match=r"letters|most"):
        Write(Write.Config.model_construct(**(Write.Config().model_dump() | {"sentence": text})))
    with pytest.raises(ConfigError, match=r"number|most|Numbers"):
        sorting.read_numbers(text.replace("a", "7").replace("42", "4200") or "")


@pytest.mark.parametrize("kind", NETS)
def test_padded_is_alone_and_without_masks_it_is_not(kind):
    texts = ["a", "the small brown fox", "queens"]
    differ = {}
    for masks in (True, False):
        net = a_net(kind, masks)
        alone = [net.begin([text]).next()[0] for text in texts]
        together = net.begin(texts, fill=5).next()[0]
        differ[masks] = (torch.cat(alone) - together).abs().max()
    assert differ[True] < 1e-4 < 1e-2 < differ[False]


@pytest.mark.parametrize("kind", NETS)
def test_lessons_teach_what_is_written(kind):
    """A letter's logits are the same while learning, all at once, and while writing."""
    net = a_net(kind)
    pairs = TASKS["pig_latin"].pairs("train", [1, 3], generator(1))
    lesson = net.lesson(pairs)
    logits, counted = net(lesson), lesson.target != net.alphabet.pad
    for row, (text, answer) in enumerate(pairs):
        writing, tokens = net.begin([text]), net.read(answer)
        assert lesson.target[row][counted[row]].tolist() == tokens
        for token, expected in zip(tokens, logits[row][counted[row]], strict=True):
            torch.testing.assert_close(writing.next()[0][0], expected, rtol=0, atol=1e-4)
            writing.add(torch.tensor([token]))


@pytest.mark.parametrize("kind", ["encoder_decoder", "decoder_only"])
def test_cached_is_uncached_and_computes_one_vector_per_letter(kind):
    net = a_net(kind)
    kept, anew = (net.begin(["the fox"], cached=cached) for cached in (True, False))
    first = kept.tokens.shape[1]
    for at in range(12):
        if at == 6:  # the switch, both ways
            kept.use_cache(False)
            anew.use_cache(True)
        (mine, looks), (theirs, other) = kept.next(), anew.next()
        torch.testing.assert_close(mine, theirs, rtol=0, atol=1e-5)
        for a, b in zip(sum(looks, ()), sum(other, ()), strict=True):
            torch.testing.assert_close(a, b, rtol=0, atol=1e-5)
        token = mine.argmax(dim=-1)
        kept.add(token)
        anew.add(token)
        if at in (3, 9):
            assert sorted((kept.computed, anew.computed)) == [1, first + at]


@pytest.mark.parametrize("kind", NETS)
@pytest.mark.parametrize("task", TASKS)
def test_a_run_learns_and_its_net_comes_back(kind, task):
    run = Learn(Learn.SMOKE.variant(net=kind, task=task, steps=40, dim=48, learning_rate=0.01))
    first = float(run.figures[0])
    done(run)
    assert float(run.figures[0]) < 0.85 * first
    net, name = of(run.state_dict())
    assert (net.kind, name) == (kind, task)
    assert form_of(net, name).tolist() == form_of(run.net, task).tolist()
    pairs = run.held_out
    assert torch.equal(net(net.lesson(pairs)), run.net(run.net.lesson(pairs)))


def test_right_is_written_to_the_letter():
    net, _ = of(checkpoints.shipped("translator"))
    pairs = TASKS["pig_latin"].pairs("validation", [2] * 10, generator(5))
    pairs[3] = (pairs[3][0], "wrong")
    made = net.write([text for text, _ in pairs], 60)
    written = [net.alphabet.decode(row) for row in made.tolist()]
    expected = [text == answer for text, (_, answer) in zip(written, pairs, strict=True)]
    assert net.right(pairs).tolist() == expected
    assert expected.count(False) == 1


def test_shipped_net_writes_held_out_sentences_short_and_long():
    figures = checkpoints.about("translator")["figures"]
    assert min(figures["exact_short"], figures["exact_long"]) > 0.995
    net, name = of(checkpoints.shipped("translator"))
    right = [
        net.right(TASKS[name].pairs("validation", [count] * 40, generator(100 + count)))
        for count in range(1, 13)
    ]
    assert float(torch.cat(right).float().mean()) == pytest.approx(figures["exact"], abs=0.015)


@pytest.mark.parametrize("text", ["The quick brown fox jumps over the lazy dog!", LONG])
def test_it_writes_letter_by_letter_whatever_the_padding(text):
    plain, padded, anew = (
        Write(Write.Config(sentence=text, **more))
        for more in ({}, {"filling": 40}, {"cache": False})
    )
    rows = [done(write) for write in (plain, padded, anew)]
    assert dressed(text, of_sentence(read_sentence(text))) in plain.words()
    assert torch.equal(plain.made, padded.made)
    assert torch.equal(plain.made, anew.made)
    count = plain.steps
    ones = torch.ones(2, 2, count)
    torch.testing.assert_close(padded.cross[:, :, :count].sum(-1), ones)
    torch.testing.assert_close(padded.own[:, :, :count].sum(-1), ones)
    assert not padded.cross[..., -40:].any()  # padding is heard by nobody
    assert not padded.own[:, :, :count].triu(1).any()
    assert [row["computed"] for row in rows[0]] == [1.0] * count
    assert [row["computed"] for row in rows[2]] == list(range(1, count + 1))


def test_without_masks_padding_spoils_it():
    spoilt = Write(Write.Config(masks=False, filling=30))
    done(spoilt)
    assert "the rule says" in spoilt.words()


def test_all_nets_and_tasks_can_be_watched(monkeypatch):
    for kind in NETS:
        run = Learn(Learn.SMOKE.variant(net=kind, task="sorting", steps=10))
        done(run)
        monkeypatch.setattr(checkpoints, "of_run", lambda key, run=run: run.state_dict())
        for show in ("cross", "own", "encoder"):
            write = Write(Write.Config(sentence="42 7 13", weights="0" * 32, show=show))
            assert done(write)
            assert write.picture()["small"].max() > 0
        assert done(Search(Search.Config(sentence="3 1 2", weights="0" * 32)))
    monkeypatch.setattr(checkpoints, "of_run", lambda key: {"net.weight": torch.zeros(1)})
    with pytest.raises(ConfigError, match="no translator"):
        Write(Write.Config(weights="0" * 32))


@pytest.mark.parametrize("temperature", [1.0, 4.0])
def test_a_beam_is_as_likely_as_greedy_or_more(temperature):
    for text in ("squirrels chew rhythm", "zzyzx qua iiiii"):
        search = Search(Search.Config(sentence=text, width=6, temperature=temperature))
        rows = done(search)
        assert search.greedy[1] == 1
        assert rows[-1]["best"] >= rows[-1]["greedy"] - 1e-4
        alone = Search(Search.Config(sentence=text, width=1, temperature=temperature))
        last = done(alone)[-1]
        assert last["best"] == pytest.approx(last["greedy"], abs=1e-4)
