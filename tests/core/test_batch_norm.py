"""The derivation of batch norm against PyTorch, node by node; what is said of a small batch."""

import numpy as np
import pytest
import torch
from torch import nn

from core.config import ConfigError
from core.data.typed import LONGEST, parse_table, read_table
from core.experiments import find
from core.nets.derivation import LOSSES, Derivation, Tape
from core.nets.layers.batch_norm import BatchNorm as Layer

BatchNorm = find("batch_norm")
CASES = [(mode, loss) for mode in ("train", "eval") for loss in LOSSES]
CLOSE = {"rtol": 0, "atol": 1e-8}


def given(m=6, d=3, seed=0, epsilon=1e-5):
    """A random batch and all else that a derivation starts from."""
    rng = np.random.default_rng(seed)
    values = {"z": 2 * rng.normal(size=(m, d)) + 1}
    for name in ("gamma", "beta", "running_mean"):
        values[name] = rng.normal(size=d)
    values["running_var"] = rng.uniform(0.5, 2, d)
    weights = rng.normal(size=(m, d))
    return Tape(epsilon=epsilon, momentum=0.1, weights=weights, values=values)


def finished(mode, loss, tape):
    derivation = Derivation(mode, loss)
    return derivation, derivation(tape, derivation.total)


def leaf(array):
    return torch.tensor(array, requires_grad=True)


@pytest.mark.parametrize(("mode", "loss"), CASES)
@pytest.mark.parametrize("seed", range(5))
def test_every_gradient_is_that_of_autograd(mode, loss, seed):
    tape = given(m=2 + seed, d=1 + seed % 3, seed=seed)
    nodes = {name: leaf(array) for name, array in tape.values.items()}
    weights = torch.from_numpy(tape.weights)
    if mode == "train":
        nodes["mu"] = nodes["z"].mean(0)
        nodes["var"] = ((nodes["z"] - nodes["mu"]) ** 2).mean(0)
        mean, var = nodes["mu"], nodes["var"]
    else:
        mean, var = nodes["running_mean"].detach(), nodes["running_var"].detach()
    nodes["u"] = (nodes["z"] - mean) / (var + tape.epsilon).sqrt()
    nodes["y"] = nodes["gamma"] * nodes["u"] + nodes["beta"]
    y = nodes["y"]
    nodes["loss"] = {"weighted": (weights * y).sum(), "sum": y.sum(), "squares": (y**2).sum() / 2}[
        loss
    ]
    for node in nodes.values():
        node.retain_grad()
    nodes["loss"].backward()
    _, done = finished(mode, loss, tape)
    assert done.gradients.keys() == {n for n in nodes if not n.startswith("running")}
    for name, gradient in done.gradients.items():
        np.testing.assert_allclose(gradient, nodes[name].grad.numpy(), **CLOSE, err_msg=name)


@pytest.mark.parametrize(("mode", "loss"), CASES)
def test_every_local_derivative_is_that_of_its_formula(mode, loss):
    derivation, done = finished(mode, loss, given())
    for (start, end), local in done.local.items():
        known = done[start]
        tiny = 1e-6 * np.ones_like(known)
        formula = derivation.forward[end]
        values = []
        for sign in (1, -1):
            done.values[start] = known + sign * tiny
            values.append(formula(done))
        done.values[start] = known
        slope = (values[0] - values[1]) / 2e-6
        # All of `start` moved at once: where each of it enters one sum, the slopes add up.
        sums = np.ndim(slope) < local.ndim
        expected = local.sum(axis=None if end == "loss" else 0) if sums else local
        np.testing.assert_allclose(slope, np.broadcast_to(expected, slope.shape), atol=1e-7)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("mode", ["train", "eval"])
def test_equal_to_batch_norm_1d_and_to_the_layer(mode, seed):
    tape = given(m=3 + seed, d=2, seed=seed)
    theirs, ours = nn.BatchNorm1d(2, dtype=torch.float64), Layer(2)
    with torch.no_grad():
        for name, key in (("weight", "gamma"), ("bias", "beta")):
            getattr(theirs, name).copy_(torch.from_numpy(tape[key]))
            ours.parameters[name][:] = tape[key]
        for name in ("running_mean", "running_var"):
            getattr(theirs, name).copy_(torch.from_numpy(tape[name]))
            ours.buffers[name][:] = tape[name]
    theirs.train(mode == "train")
    ours.train(mode == "train")
    z = leaf(tape["z"])
    y = theirs(z)
    (torch.from_numpy(tape.weights) * y).sum().backward()
    ours_y = ours.forward(tape["z"])
    dz = ours.backward(tape.weights)
    _, done = finished(mode, "weighted", tape)
    for expected, found in (
        (y.detach(), done["y"]),
        (ours_y, done["y"]),
        (z.grad, done.gradients["z"]),
        (dz, done.gradients["z"]),
        (theirs.weight.grad, done.gradients["gamma"]),
        (theirs.bias.grad, done.gradients["beta"]),
        (theirs.running_mean, done["running_mean"]),
        (theirs.running_var, done["running_var"]),
    ):
        np.testing.assert_allclose(found, np.asarray(expected), **CLOSE)


def test_equal_to_batch_norm_2d_with_pixels_as_rows():
    rng = np.random.default_rng(0)
    images, weights = rng.normal(size=(2, 4, 3, 5, 2))
    theirs = nn.BatchNorm2d(3, dtype=torch.float64)
    z = leaf(images)
    (torch.from_numpy(weights) * theirs(z)).sum().backward()
    rows, c = (np.moveaxis(a, 1, -1).reshape(-1, 3) for a in (images, weights))
    values = {"z": rows, "gamma": np.ones(3), "beta": np.zeros(3)}
    values |= {"running_mean": np.zeros(3), "running_var": np.ones(3)}
    tape = Tape(epsilon=theirs.eps, momentum=0.1, weights=c, values=values)
    _, done = finished("train", "weighted", tape)
    expected = np.moveaxis(z.grad.numpy(), 1, -1).reshape(-1, 3)
    np.testing.assert_allclose(done.gradients["z"], expected, **CLOSE)
    np.testing.assert_allclose(done["running_var"], theirs.running_var.numpy(), **CLOSE)


def run(**settings):
    """A derivation at its end, and what was said on the way."""
    experiment = BatchNorm(BatchNorm.Config(**settings))
    words = [experiment.words()]
    while experiment.step() is not None:
        words.append(experiment.words())
    return experiment, words


@pytest.mark.parametrize(("mode", "loss"), CASES)
def test_the_page_says_how_far_it_is_from_autograd(mode, loss):
    experiment, words = run(mode=mode, loss=loss, batch="1 5; 2 3; 4 4; 9 0")
    assert experiment.difference() < 1e-8
    assert "differ by" in words[-1]


def test_one_node_lights_up_after_the_other():
    experiment = BatchNorm(BatchNorm.Config())
    seen = []
    while True:
        picture = experiment.picture()
        seen.append((picture["progress"].sum(), (picture["flow"] > 1).sum()))
        if experiment.step() is None:
            break
    progress, back = zip(*seen, strict=True)
    assert list(progress) == sorted(progress)
    assert list(back) == sorted(back)
    assert progress[0] == 5  # z, γ, β and the running means are given
    assert (progress[-1], back[-1]) == (18, 10)  # ten values, eight gradients; ten edges
    np.testing.assert_allclose(picture["dz"], picture["aim"])


def test_what_the_exercises_say():
    experiment, words = run()
    assert "σ² = Σ (z − μ)² / m = 9.5" in words[2]
    assert "σ̄² = (1 − α) σ̄² + α σ² m / (m − 1) = 2.17" in words[6]
    tape = experiment.tape(experiment.total)
    assert abs(tape.local["mu", "var"]).max() < 1e-12
    experiment, _ = run(loss="sum")
    tape = experiment.tape(experiment.total)
    assert abs(tape.gradients["z"]).max() < 1e-12
    assert abs(tape.gradients["gamma"]).max() < 1e-12
    assert tape.gradients["u"] * tape.local["z", "u"] == pytest.approx(0.487, abs=1e-3)
    experiment, _ = run(batch="1; 2")
    assert 5e-5 < abs(experiment.tape(experiment.total).gradients["z"]).max() < 2e-4


def test_in_evaluation_no_example_sees_another():
    experiment, _ = run(mode="eval")
    tape = experiment.tape(experiment.total)
    assert "mu" not in tape.gradients
    slope = tape["gamma"] / np.sqrt(tape["running_var"] + tape.epsilon)
    np.testing.assert_allclose(tape.gradients["z"], slope * tape.weights)


def test_gamma_moves_the_picture_at_once():
    experiment, _ = run()
    before = experiment.picture()["value.y"]
    experiment.config = experiment.config.variant(gamma=3.0)
    after = experiment.picture()["value.y"]
    np.testing.assert_allclose(after - 0.5, 2 * (before - 0.5), rtol=1e-6)


@pytest.mark.parametrize("batch", ["3; 3; 3", "10000; -10000", "1e-9; 2e-9", "1 2 3 4;" * 8])
def test_strange_batches_are_calm(batch):
    experiment, words = run(batch=batch, epsilon=1e-8)
    for name, array in experiment.picture().items():
        assert array.dtype.kind != "f" or np.isfinite(array).all(), name
    assert "differ by" in words[-1]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "2 to 8 rows"),
        ("1 2 3", "2 to 8 rows"),
        ("1;" * 9, "2 to 8 rows"),
        ("1 2; 3", "as many numbers"),
        ("1 2 3 4 5; 1 2 3 4 5", "1 to 4"),
        ("1; two", "“two”"),
        ("1; nan", "“nan”"),
        ("1; 1e9", "“1e9”"),
        ("1,5; 2,5", "“1,5” has a comma; write 1.5"),
    ],
)
def test_bad_batches(text, sentence):
    with pytest.raises(ConfigError, match=sentence):
        BatchNorm.Config.parse({"batch": text})


def test_a_table_from_a_file():
    assert read_table(b"height,weight\n1,2.5\n3,4\n", "own.csv") == "1 2.5; 3 4"
    assert read_table(b"a;b\n1;2\n3;4\n", "own.csv") == "1 2; 3 4"
    assert read_table(b"1\t2\r\n3\t4\r\n", "own.csv") == "1 2; 3 4"
    assert parse_table("1, 2.5; 3, 4").tolist() == [[1, 2.5], [3, 4]]


def test_no_digit_of_a_file_is_lost():
    text = read_table(b"0.123456789\n0.1234567\n9999.5555\n9999.5556\n", "own.csv")
    assert text == "0.123456789; 0.1234567; 9999.5555; 9999.5556"
    largest = np.full((8, 4), -np.nextafter(1e-300, 0))  # as many characters as a float can have
    raw = "\n".join(",".join(map(repr, row)) for row in largest.tolist())
    text = read_table(raw.encode(), "own.csv")
    assert len(text) <= LONGEST
    assert (parse_table(BatchNorm.Config.parse({"batch": text}).batch) == largest).all()


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "0 points; give at least 2"),
        (b"\xff\xfe\x00", "not CSV text"),
        (b"a;b\n1;2\n3\n", "Line 3 has 1 columns"),
        (b"1,5;2,5\n3,5;4,5\n", "Line 1 has “1,5” where a number belongs; write 1.5"),
        (b"a;b\n1;2,5\n3;4\n", "Line 2 has “2,5” where a number belongs; write 1.5"),
        (b"1,2\n" * 9, "2 to 8 rows"),
        (b"1,nan\n3,4\n", "“nan”"),
    ],
)
def test_bad_files(raw, sentence):
    with pytest.raises(ConfigError, match=sentence):
        read_table(raw, "own.csv")
