"""The colours of categories can be told apart, by colour-blind people as well."""

from __future__ import annotations

import itertools
import re
import tomllib

import numpy as np
import pytest

from dashboard.catalog import ROOT
from dashboard.stage.bundle import css

FOUND = re.findall(r"--gb-c\d: (#\w{6});", css())
PALETTES = {"light": FOUND[:10], "dark": FOUND[10:]}
CARDS = {"light": "#ffffff", "dark": "#1a2028"}
# Machado, Oliveira and Fernandes (2009), table 1, severity 1, on linear RGB.
SIGHT = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]]
    ),
    "deuteranopia": np.array(
        [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]]
    ),
}


def linear(colour: str) -> np.ndarray:
    """Linear RGB of a colour "#rrggbb" (IEC 61966-2-1)."""
    values = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def oklab(rgb: np.ndarray) -> np.ndarray:
    """Where differences are as large as they look (Ottosson, 2020): lightness, a, b."""
    lms = [[0.4122, 0.5363, 0.0514], [0.2119, 0.6807, 0.1074], [0.0883, 0.2817, 0.6300]]
    lab = [[0.2105, 0.7936, -0.0041], [1.9780, -2.4286, 0.4506], [0.0259, 0.7828, -0.8087]]
    return np.array(lab) @ np.cbrt(np.array(lms) @ np.clip(rgb, 0, 1))


def luminance(colour: str) -> float:
    return float(np.array([0.2126, 0.7152, 0.0722]) @ linear(colour)) + 0.05


@pytest.mark.parametrize("shade", PALETTES)
@pytest.mark.parametrize(("sight", "least"), [(s, 0.1 if s == "normal" else 0.05) for s in SIGHT])
def test_categories_differ(shade, sight, least):
    seen = [oklab(SIGHT[sight] @ linear(colour)) for colour in PALETTES[shade]]
    distances = {
        f"c{i}-c{j}": float(np.linalg.norm(seen[i] - seen[j]))
        for i, j in itertools.combinations(range(10), 2)
    }
    assert {pair: d for pair, d in distances.items() if d < least} == {}


@pytest.mark.parametrize("shade", PALETTES)
def test_categories_stand_out_from_the_card(shade):
    card = luminance(CARDS[shade])
    for colour in PALETTES[shade]:
        dark, bright = sorted((luminance(colour), card))
        assert bright / dark > 2.1, colour


def test_charts_that_stand_still_have_the_same_colours():
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["theme"]
    for shade, colours in PALETTES.items():
        assert [c.lower() for c in theme[shade]["chartCategoricalColors"]] == colours[:5]
