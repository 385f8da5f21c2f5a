"""Summaries and distillation: padding counts for nothing, each term by hand, the student gains."""

import json

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import kl_div, mse_loss

from core import checkpoints
from core.config import ConfigError, generator
from core.data import own, summaries
from core.data.docstrings import split
from core.distillation import losses
from core.distillation.trace import trace
from core.experiments.sequences.distillation import Distillation
from core.experiments.sequences.summary_training import SummaryTraining
from core.nets.summariser import restored
from core.nets.transformer import EncoderDecoder, Form
from core.probes.summaries import held_out_loss, summarise
from core.text import bpe
from core.text.padded import Padded, masked_loss, pad
from tests import typechecked

FORM = Form(dim=16, heads=2, layers=2, width=8, mlp=32)
NET = EncoderDecoder(60, FORM, generator(0)).eval()


def batch():
    """Three pairs of different lengths, filled up."""
    read = torch.randint(5, 60, (3, 10), generator=generator(1))
    written = torch.randint(5, 60, (3, 7), generator=generator(2))
    read[1, 6:], read[2, 3:] = bpe.PAD, bpe.PAD
    written[:, 0], written[1, 4:] = bpe.CLS, bpe.PAD
    return Padded(read, written)


def test_docstrings_are_split_into_first_line_and_prose():
    body = "It adds them as one\n    would by hand, one by one."
    doc = f"Adds two things.\n\n    {body}\n\n    Args:\n    x: n."
    assert split(doc) == ("It adds them as one would by hand, one by one.", "Adds two things.")
    assert split("No end\n\nIt adds them as one would by hand, one by one.") is None
    assert split("Adds two things.") is None
    assert split("") is None


def test_no_text_and_no_summary_is_both_learnt_from_and_held_out():
    both = summaries.load("docstrings")
    assert len(both.train) > 1000
    for of_pair in (0, 1):
        assert not {pair[of_pair] for pair in both.train} & {p[of_pair] for p in both.held_out}
    share = len(both.held_out) / (len(both.train) + len(both.held_out))
    assert share == pytest.approx(0.1, abs=0.02)


def test_own_pairs_are_kept_and_bad_files_get_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("GLASSBOX_UPLOADS", str(tmp_path))
    lines = [
        json.dumps({"article": f"text {n} 😀 café", "summary": f"sum {n}"}) for n in range(300)
    ]
    lines[0] = '{"article": "one line\u2028of text\x85 to JSON", "summary": "sum 0"}'
    key = summaries.keep_pairs("\r\n\n".join(lines).encode(), "x.jsonl")
    assert len(summaries.load(key).train) + len(summaries.load(key).held_out) == 300
    run = SummaryTraining(SummaryTraining.SMOKE.variant(data=key))
    assert run.step() is not None
    assert run.picture()["pieces"].size
    for raw, cure in [
        (b"", "fewest"),
        (b"a", "Line 1"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b'{"article": "x"}', "Line 1"),
        (b"[1]", "Line 1"),
        (b'{"article": "\\ud800", "summary": "x"}', "Line 1"),
        (b'{"article": "x", "summary": 3}', "Line 1 has an empty"),
        (b'{"article": "\\u0000 ", "summary": " "}', "Line 1 has an empty"),
        (b"[" * 100_000, "Line 1"),
        (b"\n[" + b"[]," * 400_000 + b"[]]", "Line 2 has more than 1,000,000 characters"),
    ]:
        with pytest.raises(ConfigError, match=cure):
            summaries.keep_pairs(raw, "x.jsonl")
    with pytest.raises(ConfigError, match="no summaries"):
        summaries.load(own.keep({"photo": np.zeros(3, np.uint8)}))


def test_padding_is_neither_heard_nor_counted():
    pairs = batch()
    target = pairs.written[:, 1:]
    logits = NET(pairs.read, pairs.written[:, :-1], pairs.keep).detach()
    alone, pieces = 0.0, 0
    for row in range(3):
        read = pairs.read[row : row + 1, : int(pairs.keep[row].sum())]
        length = int((pairs.written[row] != bpe.PAD).sum())
        one = NET(read, pairs.written[row : row + 1, : length - 1]).detach()
        torch.testing.assert_close(one[0], logits[row, : length - 1], rtol=0, atol=1e-5)
        picked = one[0].log_softmax(-1)[torch.arange(length - 1), target[row, : length - 1]]
        alone, pieces = alone - float(picked.sum()), pieces + length - 1
    found = typechecked(masked_loss)(logits, target)
    assert float(found) == pytest.approx(alone / pieces, rel=1e-5)
    assert held_out_loss(NET, pairs) == pytest.approx(alone / pieces, rel=1e-5)


def test_pairs_are_cut_and_run_from_start_to_end():
    tokeniser = bpe.train(["alpha beta gamma delta " * 20], 60)
    made = typechecked(pad)(tokeniser, (("alpha beta", "gamma"), ("alpha", "beta " * 30)), 9, 6)
    assert made.written[:, 0].tolist() == [bpe.CLS] * 2
    assert made.written[1, -1] == bpe.SEP
    assert made.written.shape == (2, 6)
    assert bpe.decode(tokeniser, made.written[0]) == "gamma"
    assert made.take(torch.tensor([0])).written.shape[1] < 6 or made.written[0, -1] == bpe.SEP


def test_greedy_summaries_are_those_of_the_net_without_a_cache():
    pairs = batch()
    told = typechecked(summarise)(NET, pairs.read, 8)
    written = torch.full((3, 1), bpe.CLS)
    for at in range(told.shape[1]):
        logits = NET(pairs.read, written, pairs.keep)[:, -1]
        logits[:, [bpe.PAD, bpe.UNK, bpe.CLS, bpe.MASK]] = -torch.inf
        going = told[:, at] != bpe.PAD
        assert torch.equal(logits.argmax(1)[going], told[going, at])
        written = torch.cat([written, told[:, at : at + 1]], dim=1)


def test_a_trace_is_what_the_net_does():
    pairs = batch()
    found = typechecked(trace)(NET, pairs.read, pairs.written[:, :-1], pairs.keep)
    expected = NET(pairs.read, pairs.written[:, :-1], pairs.keep)
    torch.testing.assert_close(found.logits, expected, rtol=0, atol=1e-6)
    assert [len(part) for part in found.attention] == [2, 2, 2]
    assert float(found.attention[2][0][2, :, :, 3:].detach().abs().max()) == 0  # padding


def test_terms_by_hand_and_by_torch():
    source, counts = generator(4), torch.tensor([[True, True, False]])
    z, t = (torch.randn(1, 3, 9, generator=source) for _ in range(2))
    found = typechecked(losses.prediction_loss)(z, t, 3.0, counts)
    expected = 9 * kl_div(
        (z / 3).log_softmax(-1)[0, :2], (t / 3).softmax(-1)[0, :2], reduction="batchmean"
    )
    torch.testing.assert_close(found, expected)
    assert float(losses.prediction_loss(t, t, 3.0, counts)) == pytest.approx(0, abs=1e-6)
    project = nn.Linear(9, 9, bias=False)
    with torch.no_grad():
        project.weight.copy_(torch.eye(9))
        found = typechecked(losses.state_loss)(z, t, project, counts)
    expected = mse_loss(z[0, :2], t[0, :2]) / t[0, :2].square().mean()
    torch.testing.assert_close(found, expected)
    a, b = (torch.rand(1, 2, 3, 5, generator=source).softmax(-1) for _ in range(2))
    found = typechecked(losses.attention_loss)(a, b, counts)
    by_hand = [(b[0, h, q] * (b[0, h, q] / a[0, h, q]).log()).sum() for h in (0, 1) for q in (0, 1)]
    torch.testing.assert_close(found, torch.stack(by_hand).mean())


def test_layers_that_match():
    assert losses.layer_map("first", 2, 4) == [0, 1]
    assert losses.layer_map("last", 2, 4) == [2, 3]
    assert losses.layer_map("even", 2, 4) == [1, 3]
    assert losses.layer_map("even", 1, 3) == [2]


def test_a_net_that_is_its_own_teacher_has_no_loss_inside():
    pairs = batch()
    seen = trace(NET, pairs.read, pairs.written[:, :-1], pairs.keep)
    same = nn.Linear(16, 16)
    with torch.no_grad():
        same.weight.copy_(torch.eye(16))
        same.bias.zero_()
        counts = pairs.keep, pairs.written[:, 1:] != bpe.PAD
        found = losses.inner_losses(seen, seen, [same, same], [0, 1], counts)
    assert max(float(loss) for loss in found.values()) == pytest.approx(0, abs=1e-6)


def test_the_student_is_better_than_its_twin_on_held_out_pairs():
    run = Distillation(Distillation.Config(steps=60, share=0.1, batch_size=16))
    assert run.student.state_dict().keys() == run.twin.state_dict().keys()
    for name, value in run.student.state_dict().items():
        assert torch.equal(value, run.twin.state_dict()[name])
    for _ in iter(run.step, None):
        pass
    student, twin = run.losses.tolist()
    assert student < twin - 0.05
    assert run.taught < student
    assert "ahead of" in run.words()
    row = run.config.example
    for name, net in (("teacher", run.teacher), ("student", run.student), ("twin", run.twin)):
        told = bpe.decode(run.tokeniser, summarise(net, run.held_out.read[row : row + 1], 24)[0])
        assert " ".join(run.picture()[name]) == " ".join(told.split() or ["…"])


@pytest.mark.parametrize("kind", [SummaryTraining, Distillation])
def test_two_held_out_texts_are_enough(kind, monkeypatch):
    both = summaries.load("docstrings")
    few = summaries.Summaries(both.train[:200], both.held_out[:2])
    monkeypatch.setattr(summaries, "load", lambda name: few)
    run = kind(kind.SMOKE.variant(example=3))
    run.step()
    assert run.picture()["pieces"].size


def test_shipped_summariser_is_as_good_as_its_manifest_says():
    saved = checkpoints.shipped("summariser")
    noted = checkpoints.about("summariser")["figures"]
    pairs = summaries.load("docstrings").held_out[:150]
    padded = pad(bpe.from_bytes(saved["tokeniser"]), pairs, 64, 24)
    # The packages here may be of other versions than those the figure is from.
    assert held_out_loss(restored(saved), padded) == pytest.approx(noted["held_out"], abs=0.4)
    with pytest.raises(ConfigError, match="no summariser"):
        restored({"form": torch.zeros(1)})


def test_divergence_is_said():
    run = SummaryTraining(SummaryTraining.SMOKE)
    with torch.no_grad():
        next(run.net.parameters()).fill_(torch.nan)
    run.evaluate()
    assert "diverged" in run.words()
    assert not any(np.isinf(a).any() for a in run.picture().values() if a.dtype.kind == "f")


def test_worse_than_guessing_is_said_so():
    training = SummaryTraining(SummaryTraining.SMOKE)
    training.loss.fill_(np.log(training.tokeniser.get_vocab_size()) + 0.1)
    assert "worse than a blind guess" in training.words()
    training.loss.fill_(1.0)
    assert "as unsure as among 3 of" in training.words()
