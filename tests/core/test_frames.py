"""Frames survive the wire; histories stay bounded and span the run."""

import json
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.frames import (
    HYPHEN,
    Series,
    Timeline,
    csv,
    decode_backdrop,
    decode_frame,
    encode_backdrop,
    encode_frame,
)


def test_a_minus_sign_is_no_hyphen():
    words = "From -1.5 by -.5 to (-3, 2): PGD-10 and 1e-05 are names and numbers."
    assert HYPHEN.sub("−", words) == words.replace(" -", " −").replace("(-", "(−")


def test_frame_round_trip_keeps_what_json_cannot():
    arrays = {
        "points": np.array([[1.5, np.nan], [np.inf, -np.inf]], np.float32),
        "labels": np.array([3, -1], np.int32),
        "picture": np.arange(12, dtype=np.uint8).reshape(2, 2, 3),
        "names": np.array(["α", "</script>"]),
    }
    scalars = {"loss": float("nan"), "norm": float("inf"), "step size": 1e-30}
    frame = decode_frame(encode_frame(7, scalars, "what to see", arrays))
    assert frame.step == 7
    assert frame.words == "what to see"
    np.testing.assert_equal(dict(frame.scalars), scalars)
    for name, array in arrays.items():
        np.testing.assert_array_equal(frame.arrays[name], array)


def test_layout_is_what_a_dozen_lines_of_javascript_read():
    message = encode_frame(1, {}, "", {"b": np.zeros(3, np.uint8), "a": np.ones(2, np.float32)})
    (length,) = struct.unpack_from("<Q", message)
    header = json.loads(message[8 : 8 + length])
    assert header["__metadata__"]["kind"] == "frame"
    start, end = header["a"]["data_offsets"]
    assert (8 + length + start) % 4 == 0, "typed arrays need alignment"
    assert np.frombuffer(message[8 + length + start : 8 + length + end], "<f4").tolist() == [1, 1]


def test_arrays_the_browser_has_no_type_for_are_refused():
    with pytest.raises(TypeError, match="float64"):
        encode_frame(0, {}, "", {"x": np.zeros(2)})


def test_backdrop_round_trip():
    arrays, about = decode_backdrop(encode_backdrop({"x": np.zeros(2, np.int32)}, {"data": "d"}))
    assert about == {"data": "d"}
    assert arrays["x"].tolist() == [0, 0]


@given(st.integers(1, 3000), st.integers(2, 50))
def test_timeline_is_bounded_and_spans_the_run(steps, most):
    timeline = Timeline(most=most)
    for step in range(steps + 1):
        if timeline.wants(step):
            timeline.add(step, b"frame")
    kept = sorted(timeline.frames)
    assert len(kept) <= most
    assert kept == list(range(0, steps + 1, timeline.stride))
    assert timeline.stride == 1 or len(kept) > most // 2 - 1


def test_timeline_is_bounded_in_bytes():
    timeline = Timeline(most=1000, most_bytes=1000)
    for step in range(500):
        if timeline.wants(step):
            timeline.add(step, bytes(100))
    assert sum(map(len, timeline.frames.values())) <= 1000
    assert 0 in timeline.frames


def test_timeline_cut_forgets_the_future():
    timeline = Timeline()
    for step in range(10):
        timeline.add(step, b"x")
    timeline.cut(after=4)
    assert sorted(timeline.frames) == [0, 1, 2, 3, 4]
    assert timeline.wants(5)


@given(st.lists(st.integers(1, 40), min_size=1, max_size=30), st.integers(2, 64))
def test_series_keeps_multiples_of_its_stride(chunks, most):
    series, step = Series(most=most), 0
    for rows in chunks:
        steps = np.arange(step + 1, step + rows + 1)
        series.extend(["a", "b"], steps, np.stack([steps, -steps], 1).astype(float))
        step += rows
    assert len(series.steps) <= most
    assert series.steps.tolist() == list(range(series.stride, step + 1, series.stride))
    assert (series.values[:, 0] == series.steps).all()


def test_series_sends_what_a_viewer_lacks():
    series = Series()
    series.extend(["loss"], np.arange(1, 6), np.array([[1.0], [np.nan], [3], [4], [5]]))
    arrays, _ = _decode_series(series.encode(after=3))
    assert arrays["steps"].tolist() == [4, 5]
    assert arrays["values"].ravel().tolist() == [4, 5]
    assert csv(series.names, series.steps, series.values).startswith("step,loss\n1,1.0\n2,nan\n")
    series.cut(after=2)
    assert series.last == 2


def _decode_series(message):
    from safetensors.numpy import load

    return load(message), message
