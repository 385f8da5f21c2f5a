"""Numbers, ticks and inks as the stage writes them."""

from __future__ import annotations

import json

import pytest

from tests.browser.conftest import Open, evaluate
from tests.dashboard.test_colours import luminance


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([0.5, 1.25, -2], [".5", "1.25", "−2"]),
        ([3, 3, 3, 3.01], ["3", "3", "3", "3.01"]),
        ([3.00251], ["3.003"]),  # not 3, which it is not
        ([0.12341, 0.12344], [".12341", ".12344"]),
        ([2 + 1e-9], ["2"]),  # as good as
        ([0.00132, -0.103], [".0013", "−.103"]),
        ([1e-4, 2345.6], ["1e−4", "2,346"]),
    ],
)
def test_numbers_that_stand_together_are_told_apart(open_page: Open, values, texts) -> None:
    found = evaluate(open_page, "figures(values)", *values)
    assert found == texts, json.dumps(found, ensure_ascii=False)


@pytest.mark.parametrize("scale", ["ticks(...range).values", "logTicks(...range)"])
def test_an_axis_has_two_ticks_at_least_and_not_many(open_page: Open, scale) -> None:
    ranges = [(1 + i / 7, (1 + i / 7) * (1.05 + j / 9)) for i in range(63) for j in range(80)]
    asked = [(low, high, count) for low, high in ranges for count in (2, 3, 6)]
    found = evaluate(open_page, f"values.map((range) => {scale})", *asked)
    for (low, high, count), values in zip(asked, found, strict=True):
        assert 2 <= len(values) <= 2 * count + 1, (low, high, values)
        assert all(low * 0.999 <= value <= high * 1.001 for value in values)


def test_one_row_has_one_tick(open_page: Open) -> None:
    assert evaluate(open_page, "ticks(...values)", -0.5, 0.5, 1) == {"values": [0], "step": 1}


@pytest.mark.parametrize(("ink", "card"), [("#1c2430", "#ffffff"), ("#e8ecf1", "#1a2028")])
def test_numbers_can_be_read_on_every_colour(open_page: Open, ink, card) -> None:
    shades = range(0, 256, 15)
    fills = [f"#{r:02x}{g:02x}{b:02x}" for r in shades for g in shades for b in shades]
    over = f"Theme.prototype.over.call({{ ink: '{ink}', card: '{card}' }}, fill)"
    inks = evaluate(open_page, f"values.map((fill) => {over})", *fills)
    for fill, chosen in zip(fills, inks, strict=True):
        dark, bright = sorted((luminance(fill), luminance(chosen)))
        assert bright / dark >= 4.5, (fill, chosen)
    assert inks[0] == max(ink, card)  # on black
    assert inks[-1] == min(ink, card)
