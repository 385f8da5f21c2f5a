"""Every NumPy layer, loss and optimiser against PyTorch in float64: values and all gradients."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from core.config import generator
from core.nets.layers import (
    ELU,
    GELU,
    MSE,
    SGD,
    BatchNorm,
    BCEWithLogits,
    Conv,
    Dropout,
    Flatten,
    LeakyReLU,
    Linear,
    MaxPool,
    MulticlassSVM,
    ReLU,
    Sequential,
    Sigmoid,
    SoftmaxCrossEntropy,
    Softplus,
    SpatialBatchNorm,
    Tanh,
    as_in_torch,
    build_twin,
    copy_to_twin,
)

few = settings(max_examples=15, deadline=None, derandomize=True)
small = st.integers(1, 6)
seeds = st.integers(0, 2**31 - 1)
scales = st.sampled_from([0.01, 1.0, 30.0])  # up to where exponentials would overflow if naive


def drawn(seed, *shape, scale=1.0):
    return scale * torch.randn(shape, dtype=torch.float64, generator=generator(seed)).numpy()


def near(ours, theirs):
    np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=1e-8, atol=1e-8)


def assert_like(layer, twin, x, seed=0):
    """Same output, same gradient by the input and, transposed where PyTorch does, by parameters."""
    y = layer.forward(x)
    x_twin = torch.tensor(x, requires_grad=True)
    y_twin = twin(x_twin)
    near(y, y_twin)
    dy = drawn(seed + 1, *y.shape)
    dx = layer.backward(dy)
    y_twin.backward(torch.from_numpy(dy))
    near(dx, x_twin.grad)
    if isinstance(twin, nn.Module):
        theirs = dict(twin.named_parameters())
        assert layer.gradients.keys() == layer.parameters.keys() == theirs.keys()
        for name, gradient in layer.gradients.items():
            near(gradient, as_in_torch(theirs[name].grad))


def copied(layer, twin):
    """`twin` in float64, with the parameters of `layer`."""
    copy_to_twin(layer, twin.double())
    return twin


ACTIVATIONS = (
    (ReLU(), functional.relu),
    (LeakyReLU(0.1), lambda x: functional.leaky_relu(x, 0.1)),
    (Sigmoid(), torch.sigmoid),
    (Tanh(), torch.tanh),
    (Softplus(), functional.softplus),
    (GELU(), functional.gelu),
    (ELU(0.7), lambda x: functional.elu(x, 0.7)),
)


@pytest.mark.parametrize(
    ("layer", "twin"), ACTIVATIONS, ids=[type(layer).__name__ for layer, _ in ACTIVATIONS]
)
@few
@given(rows=small, columns=small, seed=seeds, scale=scales)
def test_activations(layer, twin, rows, columns, seed, scale):
    assert_like(layer, twin, drawn(seed, rows, columns, scale=scale), seed)


@pytest.mark.parametrize(
    ("layer", "twin"), ACTIVATIONS, ids=[type(layer).__name__ for layer, _ in ACTIVATIONS]
)
def test_activations_at_zero_and_far_out(layer, twin):
    assert_like(layer, twin, np.array([-800.0, -1.0, -0.0, 0.0, 1.0, 800.0]))


@few
@given(batch=small, inputs=small, outputs=small, seed=seeds)
def test_linear(batch, inputs, outputs, seed):
    layer = Linear(inputs, outputs, generator(seed))
    assert_like(layer, copied(layer, nn.Linear(inputs, outputs)), drawn(seed, batch, inputs), seed)


@few
@given(
    batch=small,
    channels=small,
    filters=small,
    kernel=st.integers(1, 4),
    stride=st.integers(1, 3),
    padding=st.integers(0, 2),
    more=st.tuples(small, small),
    seed=seeds,
)
def test_conv(batch, channels, filters, kernel, stride, padding, more, seed):
    layer = Conv(channels, filters, kernel, generator(seed), stride, padding)
    twin = copied(layer, nn.Conv2d(channels, filters, kernel, stride, padding))
    height, width = (max(kernel - 2 * padding, 0) + side for side in more)
    assert_like(layer, twin, drawn(seed, batch, channels, height, width), seed)


@few
@given(batch=small, kernel=st.integers(1, 4), stride=st.integers(1, 4), more=small, seed=seeds)
def test_max_pool(batch, kernel, stride, more, seed):
    x = drawn(seed, batch, 3, kernel + more, kernel + 2 * more)
    assert_like(MaxPool(kernel, stride), lambda x: functional.max_pool2d(x, kernel, stride), x)
    ties = np.round(x)
    assert_like(MaxPool(kernel), lambda x: functional.max_pool2d(x, kernel), ties)


@pytest.mark.parametrize(
    ("layer_kind", "twin_kind", "shape"),
    [(BatchNorm, nn.BatchNorm1d, ()), (SpatialBatchNorm, nn.BatchNorm2d, (3, 2))],
)
@few
@given(batch=st.integers(2, 6), features=small, seed=seeds, momentum=st.sampled_from([0.1, 0.5]))
def test_batch_norm_in_training_then_evaluation(
    layer_kind, twin_kind, shape, batch, features, seed, momentum
):
    layer = layer_kind(features, momentum, epsilon=1e-3)
    layer.parameters["weight"][...] = drawn(seed, features)
    layer.parameters["bias"][...] = drawn(seed + 1, features)
    twin = copied(layer, twin_kind(features, eps=1e-3, momentum=momentum))
    for step in range(3):
        x = 3 + 2 * drawn(seed + step, batch, features, *shape)
        assert_like(layer, twin, x, seed)
        twin.zero_grad()
        for name, buffer in layer.buffers.items():
            near(buffer, twin.get_buffer(name))
    layer.train(False)
    twin.eval()
    assert_like(layer, twin, drawn(seed, batch, features, *shape), seed)
    near(layer.buffers["running_mean"], twin.running_mean)


def test_batch_norm_needs_two_rows_to_train():
    layer = BatchNorm(3)
    with pytest.raises(ValueError, match="2 or more rows"):
        layer.forward(np.ones((1, 3)))
    layer.train(False)
    assert layer.forward(np.ones((1, 3))).shape == (1, 3)


@few
@given(p=st.floats(0, 0.95), seed=seeds)
def test_dropout(p, seed):
    layer = Dropout(p, generator(seed))
    x = drawn(seed, 5, 6)
    y = layer.forward(x)
    assert ((y == 0) | np.isclose(y, x / (1 - p), rtol=1e-12)).all()
    mask = torch.from_numpy(layer.mask)
    layer.source.manual_seed(seed)
    assert_like(layer, lambda x: x * mask, x)
    layer.train(False)
    assert_like(layer, lambda x: x, x)


def test_dropout_leaves_out_its_share_and_keeps_the_mean():
    layer = Dropout(0.3, generator(0))
    y = layer.forward(np.ones((400, 250)))
    assert (y == 0).mean() == pytest.approx(0.3, abs=0.01)
    assert y.mean() == pytest.approx(1, abs=0.01)
    with pytest.raises(ValueError, match="below 1"):
        Dropout(1.0, generator(0))


def svm(x, target):
    """PyTorch's hinge loss divides by the number of classes, the textbook's does not."""
    return x.shape[1] * functional.multi_margin_loss(x, target)


@pytest.mark.parametrize(
    ("loss", "twin"),
    [(SoftmaxCrossEntropy(), functional.cross_entropy), (MulticlassSVM(), svm)],
    ids=["softmax", "svm"],
)
@few
@given(batch=small, classes=st.integers(2, 10), seed=seeds, scale=st.sampled_from([0.01, 1, 1e3]))
def test_losses_of_classes(loss, twin, batch, classes, seed, scale):
    target = torch.randint(classes, (batch,), generator=generator(seed))
    x = drawn(seed, batch, classes, scale=float(scale))
    assert_loss_like(loss, twin, x, target)


@pytest.mark.parametrize(
    ("loss", "twin"),
    [(MSE(), functional.mse_loss), (BCEWithLogits(), functional.binary_cross_entropy_with_logits)],
    ids=["mse", "bce"],
)
@few
@given(batch=small, outputs=small, seed=seeds, scale=st.sampled_from([0.01, 1, 1e3]))
def test_losses_of_numbers(loss, twin, batch, outputs, seed, scale):
    target = torch.rand(batch, outputs, dtype=torch.float64, generator=generator(seed))
    assert_loss_like(loss, twin, drawn(seed, batch, outputs, scale=float(scale)), target)


def assert_loss_like(loss, twin, x, target):
    x_twin = torch.tensor(x, requires_grad=True)
    wanted = twin(x_twin, target)
    wanted.backward()
    near(loss.forward(x, target.numpy()), wanted)
    near(loss.backward(), x_twin.grad)


def test_losses_of_a_net_that_knows_nothing():
    x, target = drawn(0, 5000, 10, scale=1e-4), np.arange(5000) % 10
    assert SoftmaxCrossEntropy().forward(x, target) == pytest.approx(np.log(10), abs=1e-4)
    assert MulticlassSVM().forward(x, target) == pytest.approx(9, abs=1e-3)
    assert BCEWithLogits().forward(x, (x > 0) * 1.0) == pytest.approx(np.log(2), abs=1e-4)


def build_pair(seed):
    """A net of many layers, and the same in PyTorch with the same start."""
    source = generator(seed)
    ours = Sequential(
        [
            Conv(2, 4, 3, source, padding=1),
            SpatialBatchNorm(4),
            ReLU(),
            MaxPool(2),
            Flatten(),
            Linear(36, 8, source),
            BatchNorm(8),
            Tanh(),
            Linear(8, 5, source),
        ]
    )
    theirs = nn.Sequential(
        nn.Conv2d(2, 4, 3, padding=1),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(36, 8),
        nn.BatchNorm1d(8),
        nn.Tanh(),
        nn.Linear(8, 5),
    )
    return ours, copied(ours, theirs)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("weight_decay", [0.0, 0.05])
def test_a_net_trained_beside_its_twin(momentum, weight_decay):
    ours, theirs = build_pair(seed=3)
    loss, optimiser = SoftmaxCrossEntropy(), SGD(ours, 0.1, momentum, weight_decay)
    twin = torch.optim.SGD(theirs.parameters(), 0.1, momentum, weight_decay=weight_decay)
    for step in range(25):
        x, target = drawn(step, 12, 2, 6, 6), np.arange(12) % 5
        ours_now = loss.forward(ours.forward(x), target)
        ours.backward(loss.backward())
        optimiser.step()
        twin.zero_grad()
        theirs_now = functional.cross_entropy(theirs(torch.from_numpy(x)), torch.from_numpy(target))
        theirs_now.backward()
        twin.step()
        assert ours_now == pytest.approx(theirs_now.item(), rel=1e-8)
    for name, parameter in theirs.named_parameters():
        near(ours.parameters[name], as_in_torch(parameter))
    ours.train(False)
    theirs.eval()
    near(ours.forward(x), theirs(torch.from_numpy(x)))


@pytest.mark.parametrize(("layer", "twin"), ACTIVATIONS)
def test_a_twin_is_built_for_every_activation(layer, twin):
    x = torch.linspace(-3, 3, 20, dtype=torch.float64)
    torch.testing.assert_close(build_twin(Sequential([layer]))(x), twin(x))


def test_a_twin_is_built_for_a_net_of_many_layers():
    ours, theirs = build_pair(seed=1)
    built = build_twin(ours)
    assert repr(built) == repr(theirs)
    x = torch.from_numpy(drawn(0, 4, 2, 6, 6))
    torch.testing.assert_close(built(x), theirs(x))
    with pytest.raises(TypeError, match="Dropout has no twin"):
        build_twin(Sequential([Dropout(0.5, generator(0))]))


def test_a_twin_of_other_names_is_refused():
    with pytest.raises(ValueError, match=r"0\.weight"):
        copy_to_twin(BatchNorm(2), nn.Sequential(nn.Linear(2, 2)))
