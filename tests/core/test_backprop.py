"""The gradient check and its planted bugs, the graph, the twins, and the Jacobians."""

import io
import math

import numpy as np
import pytest
import torch

from core.backprop.place_map import PlaceMap
from core.backprop.two_layers import BACKWARD, FORWARD, MOVES, NODES
from core.config import ConfigError
from core.data import own
from core.data.rainfall import keep_places, load_places, load_rainfall
from core.experiments import find
from core.functions.activations import LABELS
from core.probes.gradient_check import centred_difference, relative_error
from core.probes.jacobians import jacobian_column, jacobian_row

BackpropGraph, GradientCheck = find("backprop_graph"), find("gradient_check")
Jacobians, Rainfall = find("jacobians"), find("rainfall")


def run(kind, **settings):
    """A run that is over, and the scalars of its steps."""
    experiment = kind(kind.Config(**settings))
    return experiment, list(iter(experiment.step, None))


def test_centred_difference_of_a_cubic_is_off_by_h_squared():
    point = np.array([2.0, 5.0])
    slope = centred_difference(lambda: float(point[0] ** 3), point, (0,), 1e-2)
    assert slope == pytest.approx(12 + 1e-4, abs=1e-9)
    assert point.tolist() == [2, 5]


def test_relative_error():
    analytic, numeric = np.array([1.0, 0.5, -1.0, 0.0, 1e-9]), np.array([1.0, 1.0, 1.0, 0.0, 0.0])
    assert relative_error(analytic, numeric) == pytest.approx([0, 0.5, 2, 0, 1e-5])


@pytest.mark.parametrize(
    ("net", "activation", "loss"),
    [("conv", "relu", "svm"), ("batch_norm", "relu", "softmax"), ("batch_norm", "gelu", "svm")]
    + [("linear", activation, "softmax") for activation in LABELS],
)
def test_every_gradient_passes_its_check(net, activation, loss):
    experiment, rows = run(GradientCheck, net=net, activation=activation, loss=loss)
    assert len(rows) == experiment.total
    assert max(row["error"] for row in rows) < 1e-6
    assert "All agree" in experiment.words()


@pytest.mark.parametrize(
    ("bug", "wrong", "factor"),
    [
        ("A", "W1, b1, W2, b2", None),
        ("B", "W1, b1, W2, b2, W3, b3", 1 / 16),
        ("C", "b1, b2, b3", 1 / 16),
        ("D", "W1, b1, W2, b2, W3, b3", None),
        ("E", "W1, b1", 0.6),
    ],
)
def test_each_bug_is_found_where_it_is(bug, wrong, factor):
    experiment, rows = run(GradientCheck, bug=bug)
    said = "by no common factor" if factor is None else f"{factor:.3g} times the slope, always"
    assert f"Disagreement in {wrong}. There," in experiment.words()
    assert said in experiment.words()
    digits = dict(zip(experiment.backdrop()["names"], experiment.picture()["digits"], strict=True))
    for name, agreeing in digits.items():
        assert (agreeing < 0.5) == (name.partition(" ")[0] in wrong.split(", "))
    assert max(row["error"] for row in rows) > 0.3


@pytest.mark.parametrize("settings", [{"h": 1e-12}, {"h": 0.1}, {"precision": "float32"}])
def test_a_rough_difference_does_not_blame_backward(settings):
    experiment, _ = run(GradientCheck, **settings)
    assert "too rough to blame backward" in experiment.words()


def test_the_best_h_is_neither_large_nor_small():
    experiment, _ = run(GradientCheck, activation="tanh")
    typical = experiment.picture()["typical"]
    best = experiment.backdrop()["sizes"][typical.argmin()]
    assert 1e-6 <= best <= 1e-3
    assert typical[0] > 1e4 * typical.min()
    assert typical[-1] > 1e4 * typical.min()


def test_errors_fill_in_one_by_one():
    experiment = GradientCheck(GradientCheck.Config(net="conv"))
    for step in range(4):
        assert np.isfinite(experiment.picture()["errors"]).sum() == step
        experiment.step()


def test_graph_lights_up_forward_and_then_back():
    experiment = BackpropGraph(BackpropGraph.Config())
    for move in (*FORWARD, *BACKWARD):
        before = dict(zip(NODES, experiment.picture()["progress"], strict=True))
        experiment.step()
        picture = experiment.picture()
        after = dict(zip(NODES, picture["progress"], strict=True))
        assert NODES[picture["active"][0]] == move
        assert after[move] == before[move] + 1
        assert np.isfinite(picture[f"d{move}" if after[move] == 2 else move]).all()
    assert after == dict.fromkeys(NODES, 2) | {"t": 1}


@pytest.mark.parametrize("loss", ["softmax", "svm", "bce", "mse"])
def test_graph_is_that_of_autograd(loss):
    experiment = BackpropGraph(BackpropGraph.Config(loss=loss, activation="gelu"))
    tape = experiment.tape
    leaves = {name: tape[name].clone().requires_grad_() for name in ("x", "W1", "b1", "W2", "b2")}
    z = leaves["x"] @ leaves["W1"] + leaves["b1"]
    s = torch.nn.functional.gelu(z) @ leaves["W2"] + leaves["b2"]
    functional, t = torch.nn.functional, tape["t"]
    value = {
        "softmax": lambda: functional.cross_entropy(s, t),
        "svm": lambda: 2 * functional.multi_margin_loss(s, t),
        "bce": lambda: functional.binary_cross_entropy_with_logits(s, t),
        "mse": lambda: functional.mse_loss(s, t),
    }[loss]()
    value.backward()
    torch.testing.assert_close(tape["L"][0], value.detach())
    for name, leaf in leaves.items():
        torch.testing.assert_close(tape[f"d{name}"], leaf.grad, rtol=1e-10, atol=1e-12)


def test_update_goes_downhill_and_the_next_pass_begins():
    experiment = BackpropGraph(BackpropGraph.Config(learning_rate=0.25))
    weight = experiment.tape["W1"].clone()
    for _ in MOVES[:-1]:
        row = experiment.step()
    torch.testing.assert_close(experiment.tape["W1"], weight - 0.25 * experiment.tape["dW1"])
    assert "4 update" in experiment.words()
    assert experiment.step()["loss"] < row["loss"]
    assert experiment.words().startswith("Iteration 2")


def test_operations_and_iterations_lead_to_the_same_net():
    slow = BackpropGraph(BackpropGraph.Config(iterations=5))
    fast = BackpropGraph(BackpropGraph.Config(iterations=5, pace="iteration"))
    slow_rows, fast_rows = (list(iter(each.step, None)) for each in (slow, fast))
    assert (len(slow_rows), len(fast_rows)) == (5 * len(MOVES) - 1, 5)
    assert slow_rows[-1] == fast_rows[-1]


def test_xor_is_learnt_by_three_units_and_not_by_one():
    _, rows = run(BackpropGraph, pace="iteration", learning_rate=1.0)
    assert next(i for i, row in enumerate(rows, 1) if row["accuracy"] == 1) == 20
    _, rows = run(BackpropGraph, pace="iteration", learning_rate=1.0, hidden=1)
    assert max(row["accuracy"] for row in rows) == 0.75


def test_graph_diverges_calmly():
    experiment, rows = run(
        BackpropGraph, pace="iteration", loss="mse", activation="relu", learning_rate=100.0
    )
    assert len(rows) < 300
    assert "Diverged" in experiment.words()
    assert all(math.isfinite(row["loss"]) for row in rows)
    assert not any(np.isinf(array).any() for array in experiment.picture().values())


def test_rainfall_is_split_once_for_all():
    table = load_rainfall()
    assert (len(table.x_train), len(table.x_val), len(table.x_test)) == (1376, 344, 0)
    places = {tuple(place) for place in torch.cat([table.x_train, table.x_val]).tolist()}
    assert len(places) == 1720
    assert 0 < table.y_train.min() < table.y_train.max() < 800


def test_rainfall_as_its_twin():
    experiment, rows = run(Rainfall, epochs=100)
    last = rows[-1]
    assert last["explained"] > 0.85
    assert abs(last["explained"] - last["twin_explained"]) < 1e-9
    assert max(row["apart"] for row in rows) < 1e-9
    measured, predicted = experiment.picture()["held_out"].T
    assert 1 - np.var(measured - predicted) / np.var(measured) == pytest.approx(
        last["explained"], abs=1e-5
    )
    learnt, known = experiment.picture()["learnt"], experiment.backdrop()["measured"]
    assert np.isfinite(learnt[np.isfinite(known)]).all()
    assert np.isnan(learnt).any()


def test_a_planted_bug_leaves_the_twin_behind():
    _, rows = run(Rainfall, epochs=5, bug="C")
    assert rows[0]["apart"] > 0.01
    experiment, rows = run(Rainfall, epochs=10, bug="A")
    assert experiment.words().endswith("and 100 %.")
    assert rows[-1]["explained"] < 0.1 < 0.5 < rows[-1]["twin_explained"]


def test_rainfall_diverges_calmly():
    experiment, rows = run(Rainfall, learning_rate=1.0, width1=300, epochs=20)
    assert 0 < len(rows) < 20
    assert experiment.words() == f"Diverged in step {len(rows)}: lower the learning rate."
    assert np.isnan(experiment.picture()["held_out"][:, 1]).all()


def test_words_and_pictures_wait_for_no_net_but_the_map(monkeypatch):
    experiment, _ = run(Rainfall, epochs=2, width1=8, width2=8)
    said, held_out = experiment.words(), experiment.picture()["held_out"]
    again = Rainfall(experiment.config)
    again.load_state_dict(experiment.state_dict())
    assert again.words() == said
    np.testing.assert_array_equal(again.picture()["held_out"], held_out)
    monkeypatch.delattr(Rainfall, "predict")
    assert again.words() == said


def test_rainfall_told_without_absurd_shares(tmp_path, monkeypatch):
    monkeypatch.setenv("GLASSBOX_UPLOADS", str(tmp_path / "kept"))
    narrow = {"y_val": 7 + 1e-4 * np.arange(20)}
    experiment, rows = run(Rainfall, data=uploaded(tmp_path, own_table(**narrow)), epochs=2)
    assert rows[-1]["explained"] < -1
    assert "The net explains nothing (worse than the mean) of the held-out" in experiment.words()


def own_table(**changes):
    """A file of a plane, as a visitor might upload it."""
    x = np.random.default_rng(0).uniform(-3, 5, (60, 2))
    y = 2 * x[:, 0] - x[:, 1] + 7
    parts = {"x_train": x[:40], "y_train": y[:40], "x_val": x[40:], "y_val": y[40:]}
    return parts | {"x_test": x[:3]} | changes


def uploaded(tmp_path, arrays):
    np.savez(tmp_path / "own.npz", **arrays)
    return keep_places((tmp_path / "own.npz").read_bytes(), "own.npz")


def test_own_places(tmp_path, monkeypatch):
    monkeypatch.setenv("GLASSBOX_UPLOADS", str(tmp_path / "kept"))
    key = uploaded(tmp_path, own_table())
    experiment, rows = run(Rainfall, data=key, batch=8, epochs=60)
    assert rows[-1]["explained"] > 0.98
    table = np.genfromtxt(io.BytesIO(experiment.file("predictions.csv")), delimiter=",", names=True)
    places = load_places(key)
    assert np.column_stack([table["x1"], table["x2"]]) == pytest.approx(places.x_test.numpy())
    assert table["net"] == pytest.approx(places.y_train[:3].numpy(), abs=1)
    assert table["twin"] == pytest.approx(table["net"])
    with pytest.raises(KeyError):
        experiment.file("../checkpoint.safetensors")
    assert "of your own" in experiment.provenance()["data"]
    with pytest.raises(ConfigError, match="upload the file again"):
        Rainfall(Rainfall.Config(data="0" * 32))
    with pytest.raises(ConfigError, match="upload the file again"):
        Rainfall.Config.parse({"data": "../rainfall"})


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"x_train": np.ones((40, 3))}, "make it N × 2"),
        ({"y_val": np.ones(20)}, "“y_val” has a column that varies too little"),
        ({"y_train": np.ones(40)}, "“y_train” has a column that varies too little"),
        ({"y_val": 1e-200 * np.arange(20)}, "“y_val” has a column that varies too little"),
        ({"x_test": np.ones((5_001, 2))}, "has 5,001 points and 5,000 are the most"),
        ({"y_train": np.full(40, np.nan)}, "NaN or infinity"),
        ({"x_val": np.ones((1, 2)), "y_val": np.ones(1)}, "at least 10"),
    ],
)
def test_bad_own_places(tmp_path, monkeypatch, changes, sentence):
    monkeypatch.setenv("GLASSBOX_UPLOADS", str(tmp_path / "kept"))
    with pytest.raises(ConfigError, match=sentence):
        uploaded(tmp_path, own_table(**changes))
    assert own.folder().parent == tmp_path


def test_map_of_places():
    points = np.array([[0.0, 0.0], [0.0, 0.0], [4.0, 2.0]])
    place_map = PlaceMap(points, np.array([1.0, 3.0, 5.0]))
    assert sorted(place_map.known[np.isfinite(place_map.known)]) == [2, 5]
    drawn = place_map.draw(lambda at: at[:, 0] + 10 * at[:, 1])
    assert drawn[np.isfinite(place_map.known)] == pytest.approx([0, 24], abs=1)
    assert np.isnan(drawn[0, -1])
    assert place_map.value_range.tolist() == [2, 6]
    assert PlaceMap(points, np.array([7.0, 7.0, 7.0])).value_range.tolist() == [7, 8]


def test_jacobians_are_those_of_autograd_and_of_the_chain_rule():
    for activation in LABELS:
        experiment, rows = run(Jacobians, batch=2, activation=activation)
        assert rows[-1]["error"] < 1e-12
        picture = experiment.picture()
        product = picture["linear2"] @ picture["activation"] @ picture["linear1"]
        np.testing.assert_allclose(product, picture["net"], atol=1e-6)
        np.testing.assert_allclose(picture["differences"], picture["net"], atol=1e-6)
        assert (picture["net"][:3, 4:] == 0).all()
        assert "(6 × 10)(10 × 10)(10 × 8)" in experiment.words()


def test_rows_and_columns_of_one_jacobian():
    experiment = Jacobians(Jacobians.Config())
    layer, x, by = experiment.cases["weight"]
    rows = np.stack([jacobian_row(layer, x, row, by) for row in range(5)])
    weight = layer.parameters["weight"]
    columns = [jacobian_column(lambda: layer.forward(x), weight, at) for at in range(weight.size)]
    np.testing.assert_allclose(rows, np.stack(columns, axis=1), atol=1e-9)
    assert (rows != 0).mean() == pytest.approx(1 / 5)
    assert math.isclose(rows[0, 0], x[0, 0])
