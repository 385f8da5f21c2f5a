"""Convolution: every size, sum and gradient is torch's."""

import io
import re

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from torch.nn.functional import conv1d, conv2d, max_pool2d

from core.config import ConfigError
from core.convolution.along import by_input, by_kernel, laid
from core.convolution.grey import grey_picture
from core.convolution.kernels import NAMES, named_kernel, parse_kernel
from core.convolution.windows import output_size
from core.data.pictures import keep_photo
from core.experiments.vision.convolution_1d import Convolution1D
from core.experiments.vision.convolution_walk import ConvolutionWalk
from core.experiments.vision.max_pool import MaxPool


def run(experiment, steps=10**6):
    while experiment.steps < steps and experiment.step() is not None:
        pass
    return experiment


WINDOWS = {
    "padding": st.integers(0, 3),
    "stride": st.integers(1, 4),
    "dilation": st.integers(1, 3),
}


@given(n=st.integers(4, 12), k=st.integers(1, 5), **WINDOWS)
def test_output_size_is_torchs(n, k, padding, stride, dilation):
    arguments = {"padding": padding, "stride": stride, "dilation": dilation}
    try:
        expected = conv2d(torch.zeros(1, 1, n, n), torch.zeros(1, 1, k, k), **arguments).shape[-1]
    except RuntimeError:
        with pytest.raises(ConfigError, match="does not fit"):
            output_size(n, k, **arguments)
        with pytest.raises(ConfigError, match=f"spans {dilation * (k - 1) + 1} cells and the"):
            ConvolutionWalk.Config.parse({"pixels": n, "size": k, **arguments})
        return
    assert output_size(n, k, **arguments) == expected
    config = ConvolutionWalk.Config(pixels=n, size=k, **arguments)
    assert config.formula()[-1] == str(expected)
    assert worked_out(config.formula()[1]) == expected


def worked_out(text: str) -> int:
    """The value of such as "⌊(8 + 2·1 − 1·(3 − 1) − 1) / 2⌋ + 1"."""
    n, two, p, d, k, one, last, s, more = map(int, re.findall(r"\d+", text))
    assert (two, one, last, more) == (2, 1, 1, 1)
    return (n + two * p - d * (k - one) - last) // s + more


@settings(max_examples=40)
@given(
    n=st.integers(5, 9),
    k=st.integers(1, 4),
    kernel=st.sampled_from([n for n in NAMES if n != "own"]),
    **WINDOWS,
)
def test_the_walk_ends_with_torchs_convolution(n, k, kernel, padding, stride, dilation):
    try:
        config = ConvolutionWalk.Config.parse(
            {
                "pixels": n,
                "size": k,
                "kernel": kernel,
                "padding": padding,
                "stride": stride,
                "dilation": dilation,
            }
        )
    except ConfigError:
        return
    experiment = run(ConvolutionWalk(config))
    image, weights = experiment.image[None, None], named_kernel(kernel, k)[None, None]
    expected = conv2d(image, weights, padding=padding, stride=stride, dilation=dilation)[0, 0]
    torch.testing.assert_close(experiment.output, expected)
    assert experiment.steps == experiment.total == expected.numel()
    low, high = experiment.picture()["range"]
    assert low == pytest.approx(float(expected.min()), rel=1e-5, abs=1e-4)
    assert high == pytest.approx(float(expected.max()), rel=1e-5, abs=1e-4)


def test_the_arithmetic_shown_is_that_of_the_output():
    config = ConvolutionWalk.Config(kernel="own", padding=1, stride=2, dilation=2)
    experiment = run(ConvolutionWalk(config), 11)
    picture = experiment.picture()
    row, column = picture["here"][0, :2]
    assert (row, column) == divmod(10, config.outputs)
    np.testing.assert_allclose(picture["window"] * picture["kernel"], picture["products"])
    assert picture["products"].sum() == pytest.approx(picture["output"][row, column])
    taps = picture["taps"]
    padded = experiment.backdrop()["padded"]
    np.testing.assert_array_equal(padded[taps[:, 0], taps[:, 1]], picture["window"].flatten())
    assert np.isfinite(picture["output"]).sum() == 11
    assert f"= {picture['products'].sum():g}.".replace("-", "−") in experiment.words()
    assert "(−4)·" in experiment.words()


def test_a_kernel_changed_on_the_way_counts_from_there():
    experiment = run(ConvolutionWalk(ConvolutionWalk.Config(pixels=6)), 8)
    experiment.config = experiment.config.variant(kernel="identity")
    shown = experiment.picture()
    assert shown["products"].sum() == pytest.approx(shown["output"][1, 3])  # still the old one
    run(experiment)
    edges, identity = (
        conv2d(experiment.image[None, None], named_kernel(name, 3)[None, None])[0, 0].flatten()
        for name in ("edges", "identity")
    )
    torch.testing.assert_close(experiment.output.flatten(), torch.cat([edges[:8], identity[8:]]))


@pytest.mark.parametrize("size", range(1, 8))
def test_named_kernels_do_what_they_are_named_for(size):
    flat = torch.full((1, 1, 9, 9), 7.0, dtype=torch.float64)
    ramp = torch.arange(9, dtype=torch.float64).expand(1, 1, 9, 9)

    def on(picture, name):
        return conv2d(picture, named_kernel(name, size)[None, None])

    torch.testing.assert_close(on(flat, "blur"), torch.full_like(on(flat, "blur"), 7.0))
    torch.testing.assert_close(on(flat, "sharpen"), torch.full_like(on(flat, "blur"), 7.0))
    assert on(flat, "edges").abs().max() == 0
    assert named_kernel("identity", size).sum() == 1
    torch.testing.assert_close(on(flat, "emboss"), torch.full_like(on(flat, "blur"), 7.0))
    assert on(flat, "upright").abs().max() == 0
    if size % 2:  # an even kernel has no middle
        assert on(ramp, "edges").abs().max() < 1e-12
    if size > 1:
        assert on(ramp, "upright").min() > 0


def test_own_kernels_are_read_without_trust():
    assert parse_kernel("0 1; -2.5 1e1", 2).tolist() == [[0, 1], [-2.5, 10]]
    for text, sentence in {
        "1 2; 3": "Give my kernel 2 rows of 2 .* rows now: 2, of length 1 and 2",
        "": "rows now: 0, of length no",
        "1 2; 3 x": "“x” is no number",
        "1 2; 3 nan": "“nan” is no number",
        "__import__('os')": "is no number",
    }.items():
        with pytest.raises(ConfigError, match=sentence):
            parse_kernel(text, 2)
        with pytest.raises(ConfigError, match=sentence):
            ConvolutionWalk.Config.parse({"kernel": "own", "size": 2, "own_kernel": text})


def test_ones_own_picture_is_walked_over(tmp_path, monkeypatch):
    monkeypatch.setenv("GLASSBOX_UPLOADS", str(tmp_path))
    colours = np.zeros((40, 40, 3), np.uint8)
    colours[:, :20], colours[:, 20:] = (255, 0, 0), (0, 0, 255)
    stream = io.BytesIO()
    Image.fromarray(colours).save(stream, "PNG")
    config = ConvolutionWalk.Config(upload=keep_photo(stream.getvalue(), "a.png"), pixels=10)
    grey, source = grey_picture(config)
    assert grey[:, 0].tolist() == [76] * 10  # 0.299 · 255
    assert grey[:, -1].tolist() == [29] * 10
    assert source == "a picture of your own, in grey"
    with pytest.raises(ConfigError, match="upload the file again"):
        ConvolutionWalk.Config.parse({"upload": "../../etc/passwd"})


@settings(max_examples=60)
@given(n=st.integers(3, 9), k=st.integers(1, 4), seed=st.integers(0, 10**6), **WINDOWS)
def test_one_dimension_is_torchs_with_its_gradients(n, k, seed, padding, stride, dilation):
    source = np.random.default_rng(seed)
    signal, kernel = source.integers(-9, 10, n), source.integers(-9, 10, k)
    texts = {"signal": " ".join(map(str, signal)), "kernel": " ".join(map(str, kernel))}
    arguments = {"padding": padding, "stride": stride, "dilation": dilation}
    try:
        config = Convolution1D.Config.parse(texts | arguments)
    except ConfigError:
        return
    upstream = source.integers(-9, 10, config.outputs)
    config = config.variant(upstream=" ".join(map(str, upstream)))
    experiment = run(Convolution1D(config))
    for row, operation in enumerate(("correlation", "convolution")):
        x = torch.tensor(signal, dtype=torch.float64, requires_grad=True)
        w = torch.tensor(kernel, dtype=torch.float64, requires_grad=True)

        def f(x, w, operation=operation):
            weights = w.flip(0) if operation == "convolution" else w
            return conv1d(x[None, None], weights[None, None], **arguments)[0, 0]

        torch.testing.assert_close(experiment.f[row], f(x, w).detach())
        by_x, by_w = torch.autograd.functional.jacobian(f, (x, w))
        torch.testing.assert_close(by_input(experiment.kernel, operation, config), by_x)
        torch.testing.assert_close(by_kernel(experiment.x, operation, config), by_w)
        f(x, w).backward(torch.tensor(upstream, dtype=torch.float64))
        experiment.config = config.variant(operation=operation)
        picture = experiment.picture()
        np.testing.assert_allclose(picture["kernel_gradient"][0], w.grad)
        np.testing.assert_allclose(picture["input_gradient"][0], x.grad)


def test_convolution_is_numpys():
    config = Convolution1D.Config(signal="1 5 -2 0 3", kernel="1 2 3", padding=2)
    f = run(Convolution1D(config)).f
    np.testing.assert_allclose(f[1], np.convolve([1, 5, -2, 0, 3], [1, 2, 3]))
    np.testing.assert_allclose(f[0], np.correlate([1, 5, -2, 0, 3], [1, 2, 3], "full"))


def test_an_impulse_shows_the_flip():
    experiment = run(Convolution1D(Convolution1D.Config()))
    assert experiment.f[0].tolist() == [0, 0, 3, 2, 1, 0, 0]
    assert experiment.f[1].tolist() == [0, 0, 1, 2, 3, 0, 0]
    assert "Both are the same" not in experiment.words()
    same = run(Convolution1D(Convolution1D.Config(kernel="1 2 1")))
    assert "Both are the same" in same.words()
    assert laid(torch.tensor([1.0, 2.0]), "convolution").tolist() == [2, 1]


def test_gradients_fill_row_by_row():
    experiment = run(Convolution1D(Convolution1D.Config(signal="1 2 3 4 5")), 2)
    picture = experiment.picture()
    assert np.isfinite(picture["by_input"]).all(axis=1).tolist() == [True, True, False]
    assert picture["kernel_gradient"].tolist() == [[1 + 2, 2 + 3, 3 + 4]]


def test_numbers_in_a_row_are_checked():
    for name, text, sentence in (
        ("signal", "1", "The signal has 1 numbers: give 2 to 24"),
        ("signal", "1 2 oops", "“oops” is no number"),
        ("kernel", "1 2 3 4 5 6 7 8", "The kernel has 8 numbers: give 1 to 7"),
        ("kernel", " ".join(["1"] * 7), None),
        ("upstream", "1 2", "The gradient ∂ℓ/∂f has 2 numbers: give 7"),
        ("upstream", "", "The gradient ∂ℓ/∂f has 0 numbers"),
    ):
        if sentence is None:
            assert Convolution1D.Config.parse({name: text}).k == 7
            continue
        with pytest.raises(ConfigError, match=sentence):
            Convolution1D.Config.parse({name: text})


@settings(max_examples=40)
@given(n=st.integers(5, 10), k=st.integers(1, 4), **WINDOWS)
def test_max_pool_is_torchs_with_its_gradient(n, k, padding, stride, dilation):
    arguments = {"padding": padding, "stride": stride, "dilation": dilation}
    values = {"pixels": n, "size": k, "picture": "china", **arguments}
    try:
        config = MaxPool.Config.parse(values)
    except ConfigError:
        return
    experiment = run(MaxPool(config))
    image = experiment.image[None, None].clone().requires_grad_()
    expected = max_pool2d(image, k, **arguments)[0, 0]
    torch.testing.assert_close(experiment.output, expected.detach())
    expected.sum().backward()
    torch.testing.assert_close(experiment.gradient, image.grad[0, 0])


def test_a_winner_is_in_its_window():
    experiment = run(MaxPool(MaxPool.Config(size=3, stride=1, padding=1, pixels=6)), 9)
    picture, padded = experiment.picture(), experiment.backdrop()["padded"]
    row, column = picture["winner"][0, :2]
    assert [row, column, 1, 1] in picture["taps"].tolist()
    under = [padded[r, c] for r, c, *_ in picture["taps"].tolist()]
    assert padded[row, column] == np.nanmax(under) == picture["output"][1, 2]
    assert np.isnan(padded[0]).all()
    assert picture["won"].sum() == 9
    assert "% of the cells have no gradient so far" in experiment.words()


def test_padding_of_more_than_half_a_window_is_refused():
    with pytest.raises(ConfigError, match="Padding is at most half the window, 1 here"):
        MaxPool.Config.parse({"padding": 2})
