"""Attention in the plane and by hand: what is heard, what can be built, what order is to it."""

import pytest
import torch
from torch.nn.functional import conv1d, pad, scaled_dot_product_attention

from core.config import ConfigError
from core.experiments.sequences.attention_constructions import KERNEL, KERNEL_SCALE
from core.experiments.sequences.attention_constructions import AttentionConstructions as Build
from core.experiments.sequences.attention_lookup import AttentionLookup as Lookup
from core.experiments.sequences.attention_lookup import parse_points
from core.experiments.sequences.attention_order import AttentionOrder as Order


def done(experiment):
    rows = []
    while (row := experiment.step()) is not None:
        rows.append({name: float(value) for name, value in row.items()})
    return rows


def test_what_is_heard_is_torchs():
    lookup = Lookup(Lookup.Config(length=2.5, beta=3.0))
    lookup.step()
    expected = scaled_dot_product_attention(
        lookup.query(), lookup.keys(), parse_points(lookup.config.values), scale=3.0
    )
    torch.testing.assert_close(lookup.look()[1][None], expected)
    assert lookup.keys()[0].norm() == pytest.approx(
        2.5 * parse_points(lookup.config.keys)[0].norm()
    )


def test_no_sharpness_averages_much_copies():
    values = parse_points(Lookup.Config().values)
    torch.testing.assert_close(Lookup(Lookup.Config(beta=0)).look()[1], values.mean(dim=0))
    torch.testing.assert_close(Lookup(Lookup.Config(beta=50)).look()[1], values[0])
    assert "a copy of v1" in Lookup(Lookup.Config(beta=50)).words()
    assert "mean of all" in Lookup(Lookup.Config(beta=0)).words()


def test_the_query_comes_round():
    lookup = Lookup(Lookup.Config())
    first = lookup.query()
    rows = done(lookup)
    torch.testing.assert_close(lookup.query(), first)
    assert [max(row[f"w{i}"] for row in rows) > 0.7 for i in range(1, 6)] == [True] * 5
    for row in rows:
        assert sum(row[f"w{i}"] for i in range(1, 6)) == pytest.approx(1, abs=1e-5)


def test_a_query_that_is_moved_turns_from_there():
    lookup = Lookup(Lookup.Config())
    for _ in range(10):
        lookup.step()
    lookup.config = lookup.config.variant(query_at="-1 0")
    assert lookup.query().tolist() == [[-1, 0]]
    lookup.step()
    assert lookup.query()[0].tolist() == pytest.approx([-0.99619, -0.08716], abs=1e-4)


@pytest.mark.parametrize(
    ("points", "cure"), [("1 2", "5 points"), ("1 2; 3", "5 points"), ("1 a", "no number")]
)
def test_points_that_cannot_be_placed_are_refused(points, cure):
    with pytest.raises(ConfigError, match=cure):
        Lookup.Config.parse({"keys": points})
    with pytest.raises(ConfigError, match="within"):
        Lookup.Config.parse({"query_at": "9 1"})


@pytest.mark.parametrize("positions", ["onehot", "relative", "sinusoids"])
def test_seven_heads_are_a_convolution(positions):
    build = Build(Build.Config(construction="convolution", positions=positions, beta=100))
    done(build)
    signal = pad(build.x.T[None], (3, 3), mode="replicate")
    expected = conv1d(signal, KERNEL_SCALE * torch.tensor(KERNEL)[None, None])[0, 0]
    torch.testing.assert_close(build.heard, expected, rtol=0, atol=0.02)
    assert build.heard.std() > 0.1


def test_order_can_be_turned_by_places_not_by_distances():
    for positions, possible in {"onehot": True, "relative": False, "none": False}.items():
        build = Build(Build.Config(construction="permutation", positions=positions, beta=20))
        done(build)
        assert (build.error() < 0.01) == possible, positions
        assert torch.allclose(build.heard, build.x[:, 0].flip(0), atol=0.01) == possible


def test_causal_mask_leaves_the_past_alone():
    build = Build(Build.Config(construction="permutation", causal=True))
    done(build)
    assert not build.weights[0].triu(1).any()
    assert build.error() > 1


def test_a_shuffle_is_nothing_without_positions_and_no_word_hears_the_future():
    largest = {}
    for settings in ({}, {"positions": True}, {"causal": True}):
        rows = done(Order(Order.Config(**settings)))
        largest[str(settings)] = {name: max(row[name] for row in rows) for name in rows[0]}
    plain, placed, masked = largest.values()
    assert plain["shuffled"] < 1e-5 < 0.5 < placed["shuffled"]
    assert masked["before"] == 0.0 < 1 < plain["before"]
    assert masked["shuffled"] > 0.5  # the mask alone tells what comes first


@pytest.mark.parametrize("text", ["", "word", "a " * 15])
def test_sentences_of_no_use_are_refused(text):
    with pytest.raises(ConfigError, match="2 to 14 words"):
        Order(Order.Config(sentence=text))


def test_unknown_words_and_other_scripts_are_read():
    assert done(Order(Order.Config(sentence="qqqq שלום 🙂 \x00 zzzz")))
