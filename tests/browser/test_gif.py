"""Animated GIFs as the stage writes them, read by Pillow."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from tests.browser.conftest import Open, evaluate

ENCODED = """(async () => {
  const [width, height, frames] = values;
  const gif = new Gif(width, height);
  for (const pixels of frames) gif.add(Uint32Array.from(pixels), 7);
  return [...new Uint8Array(await gif.toBlob().arrayBuffer())];
})()"""
RNG = np.random.default_rng(0)
COLORS = RNG.integers(0, 256, (200, 3)).astype(np.uint8) & 0xF8 | 4  # each in a cell of its own


def encoded(open_page: Open, frames: np.ndarray) -> Image.Image:
    """A GIF of frames (frame, row, column, channel)."""
    _, height, width, _ = frames.shape
    opaque = np.full((*frames.shape[:3], 1), 255, np.uint8)
    pixels = np.concatenate([frames, opaque], axis=3).view("<u4").reshape(len(frames), -1)
    raw = evaluate(open_page, ENCODED, width, height, pixels.tolist())
    return Image.open(io.BytesIO(bytes(raw)))


@pytest.mark.parametrize(
    ("shape", "colors"),
    [
        ((1, 1), 1),
        ((40, 30), 1),
        ((3, 5), 2),
        ((120, 119), 200),  # noise: the dictionary is full more than once
        ((1, 254), 200),  # the codes grow to ten bits with the last
        ((1, 255), 200),
        ((1, 256), 200),
    ],
)
def test_up_to_255_colours_come_back_exactly(open_page: Open, shape, colors) -> None:
    frames = COLORS[RNG.integers(0, colors, (4, *shape))]
    frames[2] = frames[1]  # nothing changes
    frames[3, 0, 0] = COLORS[-1]
    gif = encoded(open_page, frames)
    assert gif.info["loop"] == 0  # for ever
    for number in range(gif.n_frames):
        gif.seek(number)
        assert gif.info["duration"] == 70 * (2 if number == 1 and gif.n_frames == 3 else 1)
        np.testing.assert_array_equal(gif.convert("RGB"), frames[number])


def test_of_more_colours_the_nearest_are_taken(open_page: Open) -> None:
    red, green = np.mgrid[0:256, 0:256].astype(np.uint8)
    frame = np.stack([red, green, red // 2 + green // 2], axis=2)
    frame[100, 20:220] = (0, 0, 255)  # a thin line keeps a colour of its own
    off = np.abs(np.asarray(encoded(open_page, frame[None]).convert("RGB"), int) - frame)
    assert off[100, 20:220].max() == 0
    assert off.mean() < 6


def test_an_animation_shows_steps_evenly_spread(open_page: Open) -> None:
    spread = """(() => {
      const timeline = new Timeline();
      for (const step of values[0]) timeline.add({ step });
      return timeline.spread(5);
    })()"""
    assert evaluate(open_page, spread, []) == []
    assert evaluate(open_page, spread, [0, 1, 2]) == [0, 1, 2]
    assert evaluate(open_page, spread, list(range(101))) == [0, 25, 50, 75, 100]
    few_then_many = [0, 50, *range(90, 101)]
    assert evaluate(open_page, spread, few_then_many) == [0, 50, 90, 100]


@pytest.mark.parametrize(
    ("steps", "delays"),
    [
        ([0], [200]),
        ([0, 1, 2], [50, 50, 200]),
        ([0, 10, 11, 12, 100], [20, 2, 2, 176, 200]),
        (list(range(0, 1010, 10)), [10] * 100 + [200]),
    ],
)
def test_time_runs_as_steps_do(open_page: Open, steps, delays) -> None:
    assert evaluate(open_page, "delaysOf(values)", *steps) == delays


def test_rows_that_come_later_are_not_in_a_snapshot(open_page: Open) -> None:
    found = evaluate(
        open_page,
        """(() => {
          const rows = (steps, values) =>
            ({ names: ["loss"], stride: 1,
              arrays: { steps: { data: steps }, values: { data: values } } });
          const series = new Series();
          series.append(rows([0, 1, 2, 3], [5, 4, 3, 2]));
          const { columns, ...kept } = series.snapshot();
          series.append(rows([4], [9]));
          series.thin(2);
          return [kept.length, [...kept.steps.slice(0, 4)], [...columns.get("loss").slice(0, 4)],
            kept.extremes.get("loss").high, series.length];
        })()""",
    )
    assert found == [4, [0, 1, 2, 3], [5, 4, 3, 2], 5, 3]
