"""Deep networks as one batch: each as if alone; where they learn with batch norm and without."""

import copy

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from core.config import generator
from core.experiments import find
from core.nets.ensemble import cross_entropies
from core.nets.towers import Towers

Training = find("batch_norm_training")
SIZES, DEPTHS, SCALES = (6, 8, 3), (4, 2), (0.5, 1.0, 3.0)


def towers(normalise):
    return Towers(SIZES, DEPTHS, SCALES, normalise, generator(0)).double()


def alone(net, member):
    """One member as an ordinary network."""
    layers = []
    for layer in range(net.depths[member]):
        weight, bias = net.weights[layer][member], net.biases[layer][member, 0]
        linear = nn.Linear(*weight.shape, bias=not net.normalise, dtype=torch.float64)
        norm = nn.BatchNorm1d(len(bias), dtype=torch.float64)
        with torch.no_grad():
            linear.weight.copy_(weight.T)
            (norm if net.normalise else linear).bias.copy_(bias)
        layers += [linear, norm, nn.ReLU()] if net.normalise else [linear, nn.ReLU()]
    head = nn.Linear(*net.head[member].shape, dtype=torch.float64)
    with torch.no_grad():
        head.weight.copy_(net.head[member].T)
        head.bias.copy_(net.head_bias[member, 0])
    return nn.Sequential(*layers, head)


@pytest.mark.parametrize("normalise", [False, True])
def test_each_member_trains_as_if_alone(normalise):
    net = towers(normalise)
    singles = [alone(net, k) for k in range(len(net.depths))]
    optimizers = [torch.optim.SGD(m.parameters(), lr=0.05) for m in (net, *singles)]
    x = torch.randn(5, 16, 6, generator=generator(1), dtype=torch.float64)
    y = torch.randint(3, (5, 16), generator=generator(2))
    for images, labels in zip(x, y, strict=True):
        for optimizer in optimizers:
            optimizer.zero_grad()
        cross_entropies(net(images).logits, labels).sum().backward()
        for single in singles:
            cross_entropy(single(images), labels).backward()
        for optimizer in optimizers:
            optimizer.step()
    for mode in (True, False):
        net.train(mode)
        logits = net(x[0], remember=False).logits
        for k, single in enumerate(singles):
            expected = copy.deepcopy(single).train(mode)(x[0])
            torch.testing.assert_close(logits[k], expected, rtol=1e-8, atol=1e-8)


def test_means_and_spreads_are_of_the_activations():
    net = towers(normalise=False)
    x = torch.randn(16, 6, generator=generator(1), dtype=torch.float64)
    outputs = net(x)
    single = alone(net, 1)
    for layer in range(4):
        h = single[: 2 * layer + 2](x).detach()
        assert float(outputs.means[1, layer]) == pytest.approx(float(h.mean()))
        assert float(outputs.spreads[1, layer]) == pytest.approx(float(h.std(correction=0)))
    assert (outputs.spreads[3:, 2:] == 0).all()  # two layers only


def test_batch_norm_forgets_the_scale_of_the_weights():
    x = torch.randn(64, 6, generator=generator(1), dtype=torch.float64)
    with_norm, without = (towers(normalise)(x).spreads[:3] for normalise in (True, False))
    torch.testing.assert_close(with_norm[0], with_norm[2], rtol=1e-3, atol=0)
    torch.testing.assert_close(without[0] * 6 ** torch.arange(1.0, 5.0), without[2])


def test_measuring_leaves_the_running_means():
    net = towers(normalise=True)
    before = copy.deepcopy(dict(net.named_buffers()))
    net(torch.randn(8, 6, generator=generator(1), dtype=torch.float64), remember=False)
    assert all(torch.equal(before[name], buffer) for name, buffer in net.named_buffers())


def test_reach_with_batch_norm_deep_networks_learn_from_every_scale():
    experiment = Training(Training.Config(depth=10))
    for _ in range(120):
        scalars = experiment.step()
    plain, normalised = (accuracy[experiment.rows()] for accuracy in experiment.accuracies[:2])
    assert int((normalised > 0.5).sum()) >= 8
    assert int((plain > 0.5).sum()) <= 2
    assert scalars["normalised.10"] < 1 < 2 < scalars["plain.10"]
    assert "diverged" in experiment.words()


@pytest.mark.parametrize(
    ("steps", "sentence"),
    [(2, "in layer 1 and beyond all numbers in layer 20"), (3, "beyond all numbers from layer 1")],
)
def test_what_has_diverged_is_said_in_words(steps, sentence):
    experiment = Training(Training.Config(scale=8.0))
    for _ in range(steps):
        experiment.step()
    words = experiment.words()
    assert sentence in words
    assert not {"nan", "inf"} & set(words.replace(".", " ").split())


def test_what_is_looked_at_is_chosen_without_a_new_run():
    experiment = Training(Training.SMOKE)
    linked, problems = Training.Config.read({"depth": "4", "scale": "8"})
    assert not problems
    shallow = experiment.config.variant(depth=linked.depth, scale=linked.scale)
    assert experiment.config.only_live_changes(shallow)
    experiment.config = shallow
    picture = experiment.picture()
    assert picture["scale"] == 8
    assert picture["plain_spreads"].shape == (4, 11)
    assert picture["plain_mean"].shape == (4,)
