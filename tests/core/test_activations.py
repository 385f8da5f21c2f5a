"""The scenes of activations and losses: what moves, what stays, what dies."""

import numpy as np
import pytest
import torch
from torch import nn

from core.config import ConfigError
from core.experiments import find
from core.functions.activations import LABELS, activation
from core.functions.margins import MARGIN_LOSSES
from core.nets.layers import copy_to_twin
from core.probes.units import dead, slopes

ActivationShapes = find("activation_shapes")
ActivationUnit = find("activation_unit")
DyingUnits = find("dying_units")
MarginLosses = find("margin_losses")
SoftmaxTemperature = find("softmax_temperature")
ALL = tuple(LABELS)


def drained(kind, **settings):
    """An experiment that is over, and the scalars of its steps."""
    experiment = kind(kind.Config(**settings))
    return experiment, list(iter(experiment.step, None))


def test_the_point_goes_to_and_fro_through_zero():
    shapes, rows = drained(ActivationShapes, activations=("relu", "sigmoid"))
    assert len(rows) == 960
    assert shapes.z == pytest.approx(-6)
    turned = ActivationShapes(ActivationShapes.Config())
    turned.steps = 120
    assert turned.z == 0  # exactly: at the ReLU's kink its slope is that of the left
    assert rows[119]["relu.slope"] == 0
    assert rows[120]["relu.slope"] == 1
    assert rows[119]["sigmoid.slope"] == pytest.approx(0.25)
    assert max(row["sigmoid.slope"] for row in rows) == pytest.approx(0.25)


def test_tangents_have_the_slope():
    shapes = ActivationShapes(ActivationShapes.Config(activations=ALL))
    shapes.steps = 137
    picture, scalars = shapes.picture(), shapes.initial()
    for name in ALL:
        rise = np.diff(picture[f"{name}.tangent_y"]) / np.diff(picture[f"{name}.tangent_x"])
        assert rise == pytest.approx(scalars[f"{name}.slope"], abs=1e-6)
        (x, y), (at, slope) = picture[f"{name}.point"][0], picture[f"{name}.slope"][0]
        assert x == at == pytest.approx(shapes.z, abs=1e-6)
        assert y == pytest.approx(picture[f"{name}.tangent_y"].mean(), abs=1e-6)
        assert slope == pytest.approx(scalars[f"{name}.slope"], abs=1e-6)


def test_ten_sigmoids_leave_a_millionth():
    shapes = ActivationShapes(ActivationShapes.Config(activations=("relu", "sigmoid"), layers=10))
    shapes.steps = 121
    np.testing.assert_allclose(shapes.picture()["left"], [1, 9.5e-7], rtol=0.02)


def test_words_name_who_passes_nothing():
    activations = ("relu", "tanh", "leaky_relu")
    shapes = ActivationShapes(ActivationShapes.Config(activations=activations, layers=1))
    assert shapes.words() == (
        "At z = -6.00, through 1 layer, ReLU and tanh pass less than 1 % of the gradient;"
        " leaky ReLU passes 10 %."
    )


def test_live_slope_bends_the_graph():
    shapes = ActivationShapes(ActivationShapes.Config(activations=("leaky_relu",)))
    assert shapes.picture()["leaky_relu.graph"][0] == pytest.approx(-0.6)
    shapes.config = shapes.config.variant(slope=0.5)
    assert shapes.picture()["leaky_relu.graph"][0] == pytest.approx(-3)


@pytest.mark.parametrize("name", ALL)
def test_a_unit_follows_the_gradient_that_autograd_finds(name):
    _, rows = drained(ActivationUnit, activations=(name,), start=1.5, max_steps=50)
    functions = {
        "relu": torch.relu,
        "leaky_relu": nn.LeakyReLU(0.1),
        "elu": nn.ELU(),
        "gelu": nn.GELU(),
        "softplus": nn.Softplus(threshold=100),
        "tanh": torch.tanh,
        "sigmoid": torch.sigmoid,
    }
    z = torch.tensor(1.5, dtype=torch.float64, requires_grad=True)
    for row in rows:
        error = (functions[name](z) - 0.8) ** 2 / 2
        (gradient,) = torch.autograd.grad(error, z)
        z = (z - 0.2 * gradient).detach().requires_grad_()
        assert row[f"{name}.z"] == pytest.approx(z.item(), abs=1e-10)


def test_who_sleeps_stays_and_who_leaks_arrives():
    unit, rows = drained(ActivationUnit)
    assert rows[-1]["relu.z"] == -3
    assert rows[-1]["gelu.z"] < -3
    met = next(i for i, row in enumerate(rows, 1) if abs(row["leaky_relu.output"] - 0.8) < 0.05)
    assert met == 173
    assert unit.words() == (
        "Met the target: leaky ReLU and sigmoid; stuck where the slope is under 1 %: ReLU and GELU."
    )


def test_one_long_step_kills_a_relu():
    unit, rows = drained(ActivationUnit, start=3.0, learning_rate=2.0)
    assert rows[0]["relu.z"] == rows[-1]["relu.z"] == pytest.approx(-1.4)
    assert "under 1 %: ReLU and GELU" in unit.words()
    assert max(row["leaky_relu.z"] for row in rows[100:]) > 0


def test_a_unit_diverges_calmly():
    unit, rows = drained(ActivationUnit, activations=("leaky_relu",), slope=1.0, learning_rate=5.0)
    assert unit.words() == "Diverged: leaky ReLU."
    assert np.isfinite([*rows[-1].values()]).all()


def train(**settings):
    experiment, rows = drained(DyingUnits, **settings)
    return experiment, rows[-1]


def test_a_large_learning_rate_kills_relus_and_costs():
    _, slow = train(learning_rate=0.01)
    dying, fast = train(learning_rate=0.1)
    assert slow["relu.dead"] <= 6
    assert fast["relu.dead"] >= 24
    assert fast["leaky_relu.dead"] == slow["leaky_relu.dead"] == 0
    assert fast["relu.validation"] > 5 * fast["leaky_relu.validation"]
    assert slow["relu.validation"] < 0.02 > fast["leaky_relu.validation"]
    assert dying.words().startswith(f"Dead: {fast['relu.dead']:.0f} of 48 ReLU units, 0 of 48")


def test_dead_at_birth_is_dead_for_good():
    born, last = train(bias=-3.0, other="gelu", learning_rate=0.01)
    assert last["relu.validation"] == pytest.approx(born.y_validation.var(), abs=0.01)
    assert born.words().endswith("A whole ReLU layer is dead: one answer for every input.")
    assert np.ptp(born.picture()["relu.fit"]) == 0
    assert last["gelu.validation"] < 0.03


@pytest.mark.parametrize("scale", [1.0, 0.3])
def test_nets_walk_the_path_of_their_twins_in_torch(scale):
    dying = DyingUnits(DyingUnits.Config(other="elu", scale=scale, bias=0.1, width=8))
    twins = {}
    for name, layer in {"relu": nn.ReLU(), "elu": nn.ELU()}.items():
        linears = [nn.Linear(*sizes).double() for sizes in ((1, 8), (8, 8), (8, 1))]
        twins[name] = nn.Sequential(linears[0], layer, linears[1], layer, linears[2])
        copy_to_twin(dying.learners[name].net, twins[name])
    x, y = torch.from_numpy(dying.x), torch.from_numpy(dying.y)
    adams = {name: torch.optim.Adam(twin.parameters(), lr=0.1) for name, twin in twins.items()}
    for _ in range(20):
        row = dying.step()
        for name, twin in twins.items():
            adams[name].zero_grad()
            nn.functional.mse_loss(twin(x), y).backward()
            adams[name].step()
            loss = nn.functional.mse_loss(twin(x), y).item()
            assert row[f"{name}.loss"] == pytest.approx(loss, rel=1e-8)


def test_both_nets_start_from_the_same_weights():
    dying = DyingUnits(DyingUnits.Config(bias=-1.0, scale=2.0))
    relu, other = (learner.net.parameters for learner in dying.learners.values())
    for name, parameter in relu.items():
        np.testing.assert_array_equal(parameter, other[name])
    assert np.abs(relu["2.weight"]).max() == pytest.approx(2 * (6 / 24) ** 0.5, rel=0.02)
    assert (relu["2.bias"] == -1).all()
    assert (relu["4.bias"] == 0).all()


def test_a_unit_is_dead_where_it_is_flat_at_every_input():
    z = np.array([[-9.0, -9.0, 9.0], [9.0, 0.0, 9.0]])  # two inputs, three units
    assert dead(activation("tanh").derivative(z)).tolist() == [True, False, True]
    assert dead(activation("relu").derivative(z)).tolist() == [False, True, False]


def test_dead_units_pass_no_gradient():
    dying, last = train(max_steps=100)
    net = dying.learners["relu"].net
    net.backward(np.ones_like(net.forward(dying.x)))
    gone = dead(np.stack(slopes(net, dying.x, activation("relu"))))
    assert gone.sum() == last["relu.dead"] > 0
    for layer, weight in enumerate(("0.weight", "2.weight")):
        moved = (net.gradients[weight] != 0).any(axis=0)
        assert not moved[gone[layer]].any()
        assert moved[~gone[layer]].any()


def test_maps_show_each_unit_at_each_input():
    dying = DyingUnits(DyingUnits.Config(bias=-3.0))
    picture, backdrop = dying.picture(), dying.backdrop()
    chart = picture["slopes"]
    assert chart.shape == (49, 64)
    assert backdrop["map"].tolist() == [-2, 2, 0, 49]
    assert np.isnan(chart[24]).all()
    units = np.delete(chart, 24, axis=0)
    assert set(np.unique(units)) == {-3, 0}
    assert (units == -3).all(axis=1).sum() == dying.initial()["relu.dead"]


@pytest.mark.parametrize("other", ["gelu", "tanh"])
def test_extremes_stay_calm(other):
    settings = {"scale": 10.0, "learning_rate": 1.0, "layers": 3, "bias": 5.0, "max_steps": 30}
    dying, last = train(other=other, **settings)
    assert np.isfinite([*last.values()]).all()
    assert not any(np.isinf(array).any() for array in dying.picture().values())


def test_softmax_scene_turns_its_scores():
    wheel, rows = drained(SoftmaxTemperature, swing=2.0)
    assert len(rows) == 720
    for row in rows:
        assert sum(row[name] for name in "ABCDE") == pytest.approx(1)
    np.testing.assert_allclose(wheel.scores(), SoftmaxTemperature(wheel.config).scores())
    still = SoftmaxTemperature(SoftmaxTemperature.Config(swing=0.0, a=3.0))
    np.testing.assert_allclose(still.scores(), [3, 1, 0, -0.5, -1])


def test_temperature_goes_from_one_winner_to_equal_shares():
    picture = SoftmaxTemperature(SoftmaxTemperature.Config()).picture()
    assert (np.diff(picture["largest"]) <= 1e-6).all()
    assert (np.diff(picture["spread"]) >= -1e-6).all()
    assert picture["largest"][0] > 0.999
    assert picture["spread"][-1] > 0.99
    np.testing.assert_allclose(picture["jacobian"].sum(axis=0), 0, atol=1e-7)


def test_only_the_shift_survives_large_scores():
    wheel = SoftmaxTemperature(SoftmaxTemperature.Config(factor=1000.0))
    picture = wheel.picture()
    assert np.isnan(picture["naive"]).any()
    assert picture["shares"].sum() == pytest.approx(1)
    assert "overflows" in wheel.words()


def test_margins_come_to_rest_where_their_losses_are_content():
    losses, rows = drained(MarginLosses, losses=tuple(MARGIN_LOSSES), max_steps=2000)
    rest = {name: rows[-1][f"{name}.margin"] for name in MARGIN_LOSSES}
    assert rest["zero_one"] == -2
    assert rest["perceptron"] == pytest.approx(0, abs=0.02)
    assert rest["hinge"] == pytest.approx(1, abs=0.02)
    assert rest["squared_hinge"] == rest["square"] == pytest.approx(1)
    assert rest["exponential"] > rest["logistic"] > 3
    assert "right, and still pushed: logistic and exponential" in losses.words()


def test_only_the_square_pulls_back():
    losses, rows = drained(MarginLosses, start=3.0, max_steps=20)
    pushes = {name: rows[-1][f"{name}.push"] for name in losses.losses}
    assert [name for name, push in pushes.items() if push < 0] == ["square"]
    assert losses.words().endswith("too right, and pulled back: square.")


def test_a_margin_diverges_calmly():
    losses, rows = drained(MarginLosses, learning_rate=2.0)
    assert losses.words().endswith("diverged: square.")
    assert np.isfinite([*rows[-1].values()]).all()


@pytest.mark.parametrize(
    ("kind", "settings", "sentence"),
    [
        (ActivationShapes, {"activations": ()}, "Activations: choose at least one"),
        (ActivationUnit, {"activations": ("relu", "relu")}, "Activations: choose each only once"),
        (ActivationUnit, {"activations": ("swish",)}, "not “swish”"),
        (MarginLosses, {"losses": ()}, "Losses: choose at least one"),
        (MarginLosses, {"losses": ("hinge", "hinge")}, "Losses: choose each only once"),
        (DyingUnits, {"other": "relu"}, "not “relu”"),
        (SoftmaxTemperature, {"temperature": 0}, "from 0.05 to 20"),
    ],
)
def test_bad_settings(kind, settings, sentence):
    with pytest.raises(ConfigError, match=sentence):
        kind.Config.parse(settings)
