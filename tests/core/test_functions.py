"""Activations, margin losses and softmax equal PyTorch's, values and derivatives by autograd."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from torch import nn
from torch.nn.functional import elu, gelu, leaky_relu, logsigmoid, mse_loss, relu

from core.functions.activations import activation
from core.functions.margins import MARGIN_LOSSES
from core.functions.softmax import entropy, jacobian, log_softmax, naive_softmax, softmax

TWINS = {
    "relu": (activation("relu"), relu),
    "leaky_relu": (activation("leaky_relu"), leaky_relu),
    "leaky_relu of 0.3": (activation("leaky_relu", slope=0.3), nn.LeakyReLU(0.3)),
    "elu": (activation("elu"), elu),
    "elu of 2.5": (activation("elu", alpha=2.5), nn.ELU(2.5)),
    "gelu": (activation("gelu"), gelu),
    # PyTorch's softplus is the straight line above 20, off by 2e-9 there; its logsigmoid is exact.
    "softplus": (activation("softplus"), lambda x: -logsigmoid(-x)),
    "tanh": (activation("tanh"), torch.tanh),
    "sigmoid": (activation("sigmoid"), torch.sigmoid),
    "perceptron": (MARGIN_LOSSES["perceptron"], lambda m: relu(-m)),
    "hinge": (MARGIN_LOSSES["hinge"], lambda m: relu(1 - m)),
    "squared_hinge": (MARGIN_LOSSES["squared_hinge"], lambda m: relu(1 - m).square()),
    "logistic": (MARGIN_LOSSES["logistic"], lambda m: -logsigmoid(m)),
    "exponential": (MARGIN_LOSSES["exponential"], lambda m: torch.exp(-m)),
    "square": (
        MARGIN_LOSSES["square"],
        lambda m: mse_loss(m, torch.ones_like(m), reduction="none"),
    ),
}
EXTREMES = np.array([-1000.0, -40.0, -1.0, -1e-9, -0.0, 0.0, 1e-9, 1.0, 40.0, 1000.0])


def numbers(size=30.0):
    return arrays(np.float64, array_shapes(max_dims=3), elements=st.floats(-size, size))


def twin(torch_function, x):
    """Its values, and its derivatives by autograd."""
    z = torch.tensor(x, requires_grad=True)
    values = torch_function(z)
    (slopes,) = torch.autograd.grad(values.sum(), z)
    return values.detach().numpy(), slopes.numpy()


pairs = pytest.mark.parametrize(("function", "torch_function"), TWINS.values(), ids=TWINS)


@pairs
@given(x=numbers())
def test_equal_to_torch(function, torch_function, x):
    values, slopes = twin(torch_function, x)
    np.testing.assert_allclose(function(x), values, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(function.derivative(x), slopes, rtol=1e-10, atol=1e-10)


@pairs
def test_extremes_are_finite_and_equal(function, torch_function):
    x = EXTREMES[1:] if function is MARGIN_LOSSES["exponential"] else EXTREMES  # e¹⁰⁰⁰ is no float
    values, slopes = twin(torch_function, x)
    assert np.isfinite(function(x)).all()
    assert np.isfinite(function.derivative(x)).all()
    np.testing.assert_allclose(function(x), values, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(function.derivative(x), slopes, rtol=1e-10, atol=1e-10)


def test_zero_one_counts_errors_and_never_pushes():
    zero_one = MARGIN_LOSSES["zero_one"]
    np.testing.assert_array_equal(zero_one(np.array([-2.0, 0.0, 0.1])), [1, 1, 0])
    assert not zero_one.derivative(EXTREMES).any()


@pytest.mark.parametrize("name", sorted({*MARGIN_LOSSES} - {"perceptron"}))
def test_losses_bound_the_error_from_above(name):
    m = np.linspace(-5, 5, 201)
    border = np.log(2) if name == "logistic" else 1.0
    assert (MARGIN_LOSSES[name](m) / border >= MARGIN_LOSSES["zero_one"](m)).all()


def scores():
    shapes = array_shapes(min_dims=1, max_dims=3, min_side=2)
    return arrays(np.float64, shapes, elements=st.floats(-1000, 1000))


TEMPERATURES = st.floats(0.05, 20)


@given(z=scores(), temperature=TEMPERATURES)
def test_softmax_equals_torch(z, temperature):
    expected = torch.from_numpy(z) / temperature
    np.testing.assert_allclose(softmax(z, temperature), expected.softmax(-1), atol=1e-10)
    logs = expected.log_softmax(-1)
    np.testing.assert_allclose(log_softmax(z, temperature), logs, rtol=1e-10, atol=1e-10)
    shares = torch.distributions.Categorical(logits=expected)
    np.testing.assert_allclose(entropy(z, temperature), shares.entropy(), atol=1e-10)


@given(
    z=arrays(np.float64, st.integers(1, 6), elements=st.floats(-1000, 1000)),
    temperature=TEMPERATURES,
)
def test_jacobian_equals_autograd(z, temperature):
    expected = torch.autograd.functional.jacobian(
        lambda z: (z / temperature).softmax(-1), torch.from_numpy(z)
    )
    np.testing.assert_allclose(jacobian(z, temperature), expected, atol=1e-10)


def test_the_shift_is_what_keeps_softmax_finite():
    z = np.array([1000.0, 999.0, 0.0])
    assert np.isnan(naive_softmax(z)).any()
    np.testing.assert_allclose(softmax(z), softmax(z - 500))
    np.testing.assert_allclose(naive_softmax(z / 100), softmax(z / 100))
