"""The echo and the temporal-order task, what learns them, and what is said of it."""

import numpy as np
import pytest
import torch

from core.config import ConfigError, generator
from core.data import echo, temporal_order
from core.data.temporal_order import CLASSES, LEVELS, SYMBOLS, Level, grown
from core.experiments.sequences.loss_spikes import LossSpikes, changes
from core.experiments.sequences.recurrent_echo import RecurrentEcho
from core.experiments.sequences.recurrent_reach import NAMES, RecurrentReach
from core.nets.cells import LSTM
from core.probes.memory import clear, told
from core.probes.spikes import Spikes
from tests import typechecked


@pytest.mark.parametrize("variable", [False, True])
def test_an_echo_is_the_letter_of_so_many_steps_before(variable):
    drawn = typechecked(echo.echoes)(200, 9, 5, 3, variable, generator(0))
    assert set(drawn.delays.tolist()) == (set(range(4)) if variable else {3})
    for letters, delay, target in zip(*map(torch.Tensor.tolist, drawn), strict=True):
        assert target == ([echo.SILENT] * delay + letters)[:9]
    x = typechecked(echo.encode)(drawn, 5, 4 if variable else 0)
    assert x.shape == (200, 9, 9 if variable else 5)
    assert torch.equal(x[..., :5].argmax(2), drawn.letters)
    if variable:
        assert torch.equal(x[:, 4, 5:].argmax(1), drawn.delays)


@pytest.mark.parametrize("level", LEVELS.values(), ids=LEVELS)
def test_temporal_order_is_that_of_the_paper(level: Level):
    drawn = typechecked(temporal_order.orders)(400, level, generator(0))
    for n in range(400):
        length = int(drawn.lengths[n])
        text = "".join(SYMBOLS[i] for i in drawn.symbols[n, :length].tolist())
        assert level.length[0] <= length <= level.length[1]
        assert (text[0], text[-1]) == ("E", "B")
        marks = [(i, s) for i, s in enumerate(text) if s in "XY"]
        assert [i for i, _ in marks] == drawn.places[n].tolist()
        assert level.first[0] <= marks[0][0] <= level.first[1]
        assert level.second[0] <= marks[1][0] <= level.second[1]
        order = "".join(s for _, s in marks)
        assert CLASSES[drawn.target[n]] == {"XX": "Q", "XY": "R", "YX": "S", "YY": "U"}[order]
        assert set(text[1:-1]) <= set("abcdXY")
        assert (drawn.symbols[n, length:] == temporal_order.PADDING).all()
    assert drawn.lengths.unique().tolist() == list(range(level.length[0], level.length[1] + 1))
    assert drawn.target.bincount().min() > 70
    x = temporal_order.encode(drawn.symbols)
    assert torch.equal(x.sum(dim=2), (drawn.symbols >= 0).float())


def test_sequences_grow_from_short_to_long():
    short, long = LEVELS["easy"], LEVELS["published"]
    assert [grown(short, long, share) for share in (0.0, 1.0, 3.0)] == [short, long, long]
    half = grown(short, long, 0.5)
    assert half.length == (54, 60)
    for share in torch.linspace(0, 1, 50).tolist():
        level = grown(short, long, share)
        assert 0 < level.first[0] <= level.first[1] < level.second[0]
        assert level.second[0] <= level.second[1] < level.length[0] - 1


@pytest.mark.parametrize(
    ("cell", "settings"),
    [("rnn", {"batches": 250}), ("attention", {"batches": 200, "width": 48, "variable": True})],
)
def test_the_echo_is_learnt_and_the_gradient_reaches_it(cell, settings):
    run = RecurrentEcho(RecurrentEcho.Config(cell=cell, **settings))
    assert run.initial()["accuracy"] < 0.2
    before = run.from_delay()
    while (row := run.step()) is not None:
        last = row
    assert last["accuracy"] >= 0.99
    assert run.from_delay() > 2 * before
    picture = run.picture()
    wanted, says = run.backdrop()["wanted"], picture["says"]
    assert (wanted == says)[run.config.delay :].mean() > 0.9
    assert picture["strength"][-1] == pytest.approx(1)
    np.testing.assert_allclose(picture["reach"], picture["strength"][::-1])


def test_gates_have_a_name_each_and_lie_between_shut_and_open():
    for cell in NAMES:
        run = RecurrentEcho(RecurrentEcho.SMOKE.variant(cell=cell, length=8))
        gates = run.picture()["gates"]
        assert gates.shape == (len(run.backdrop()["gate_names"]), 8)
        assert gates.min() >= 0
        assert gates.max() <= 1
        if cell.startswith("attention"):
            np.testing.assert_allclose(gates.sum(axis=0), 1, rtol=1e-5)
        assert np.isnan(run.picture()["cell_reach"]).all() == (cell != "lstm")


def test_what_leaves_nothing_to_say_is_refused():
    with pytest.raises(ConfigError, match="shorter delay"):
        RecurrentEcho.Config.parse({"delay": 8, "length": 8})


def test_a_cell_that_has_diverged_says_so():
    run = RecurrentEcho(RecurrentEcho.SMOKE)
    with torch.no_grad():
        run.cell.weight_hh.fill_(torch.nan)
    run.evaluate()
    assert "diverged" in run.words()
    assert not any(np.isinf(a).any() for a in run.picture().values() if a.dtype.kind == "f")


def test_small_scales_vanish_and_large_ones_explode():
    sweep = RecurrentReach(RecurrentReach.Config(width=64, length=30, scales=4, scale=2))
    at = [sweep.step() for _ in range(4)]
    assert at[0]["rnn"] < 1e-6 < 1 < at[3]["rnn"]
    picture = sweep.picture()
    assert picture["map"].shape == (30, 4)
    assert picture["map"][0].tolist() == [0, 0, 0, 0]  # no step back: the identity
    assert "scale 2.00" in sweep.words()


def test_parameters_grow_with_k_only_where_untied():
    sizes = RecurrentReach(RecurrentReach.SMOKE).backdrop()
    assert (np.diff(sizes["size.attention"]) == 3 * 3**2).all()
    assert len(set(sizes["size.attention_all"])) == 1
    assert sizes["size.attention_all"][0] == sizes["size.attention"][0]
    assert sizes["size.lstm"][0] == 4 * sizes["size.rnn"][0]


def test_temporal_order_is_learnt_from_a_guess_and_says_what_it_heard():
    settings = {"level": "easy", "learning_rate": 0.01, "schedule": "cosine", "batches": 300}
    run = LossSpikes(LossSpikes.Config(**settings))
    assert run.accuracy() <= 0.3
    while run.step() is not None:
        pass
    assert run.accuracy() >= 0.95
    assert run.rate() == pytest.approx(0, abs=1e-6)
    one, picture = run.one(), run.picture()
    assert picture["says"][-1] == CLASSES[int(one.target)]
    assert picture["states"].shape == (12, int(one.lengths))
    assert picture["gates"].shape == (len(LSTM.gates), int(one.lengths))


def test_no_weight_moves_further_than_rmsprop_can():
    run = LossSpikes(LossSpikes.SMOKE.variant(memory=0.96))
    moves = [run.step()["move"] for _ in range(20)]
    assert moves[0] == pytest.approx(5, rel=1e-3)  # η / √(1 − ρ)
    assert max(moves) <= 5.001


def test_clipping_and_growing_are_part_of_the_training():
    free, clipped = (LossSpikes(LossSpikes.SMOKE.variant(clip=c)) for c in (0, 1e-3))
    for run in (free, clipped):
        for _ in range(3):
            run.step()
    assert not torch.equal(free.cell.weight_hh, clipped.cell.weight_hh)
    growing = LossSpikes(LossSpikes.Config(level="published", grow=True, batches=100))
    assert growing.level() == LEVELS["easy"]
    growing.steps = 60
    assert growing.level() == LEVELS["published"]


def test_a_spike_is_far_above_what_was_lately():
    spikes = Spikes(1.0)
    for step in range(1, 101):
        spikes.note(step, 0.01)
    assert (spikes.count, spikes.last) == (0, 0)
    spikes.note(101, 0.04)  # small, whatever it is a multiple of
    spikes.note(102, 1.5)
    assert (spikes.count, spikes.last) == (1, 102)


def test_norms_are_told_as_people_write_them():
    norms = [0.0, 0.0123, 1.0, 42.0, 2.3e-7, 1.6e12, float("inf")]
    assert [*map(told, norms)][:4] == ["0", "0.012", "1", "42"]
    assert [*map(told, norms)][4:] == ["2·10⁻⁷", "2·10¹²", "beyond all numbers"]


def test_what_is_said_is_shown_where_it_changes():
    assert changes(list("QQRRRQQ")) == ["Q", "", "R", "", "", "Q", "Q"]
    assert np.isnan(typechecked(clear)(torch.tensor([0.0, 2.0, torch.inf])))[[0, 2]].all()
