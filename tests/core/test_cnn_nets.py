"""Classifiers of pictures: their sizes, their first layer, their start."""

import pytest
import torch
from torch import nn

from core import checkpoints
from core.config import generator
from core.data import cifar
from core.nets.cnn import NAMES, WORK, build, restore
from core.nets.cnn.classifier import MEAN, SPREAD
from core.nets.cnn.trained import classifier, provenance
from core.probes.accuracy import accuracy

PARAMETERS = {
    "small": 114_186,
    "five": 141_354,
    "all_cnn": 1_667_166,
    "resnet18": 11_173_962,
    "resnet34": 21_282_122,
    "resnet50": 23_520_842,
}


@pytest.mark.parametrize("name", NAMES)
def test_parameters_and_outputs(name):
    net = build(name, generator(0)).eval()
    assert sum(p.numel() for p in net.parameters()) == PARAMETERS[name]
    x = torch.rand(2, 3, 32, 32, generator=generator(1))
    activations = net.activations(x)
    assert len(activations) == len(net.blocks)
    torch.testing.assert_close(net.head(activations[-1]), net(x))
    assert net(x).shape == (2, 10)
    assert net.filters().shape[1:] == (3, 3, 3)


@pytest.mark.parametrize("name", NAMES)
def test_multiplications_of_a_picture(name):
    net = build(name, generator(0)).eval()
    counts = []

    def count(module, _, out):
        places = out[0, 0].numel() if isinstance(module, nn.Conv2d) else 1
        counts.append(places * module.weight.numel())

    for module in net.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            module.register_forward_hook(count)
    net(torch.zeros(1, 3, 32, 32))
    assert sum(counts) / 1e6 == pytest.approx(WORK[name], rel=0.01)


def test_pixels_of_the_training_pictures_are_normalised():
    net = build("small", generator(0))
    x = net.normalise(cifar.pixels(cifar.load("train").images))
    torch.testing.assert_close(x.mean(dim=(0, 2, 3)), torch.zeros(3), atol=0.02, rtol=0)
    torch.testing.assert_close(x.std(dim=(0, 2, 3)), torch.ones(3), atol=0.02, rtol=0)
    assert len(MEAN) == len(SPREAD) == 3


def test_start_is_drawn_from_its_source_alone():
    state = torch.get_rng_state()
    first, second, other = (build("five", generator(seed)) for seed in (0, 0, 1))
    assert torch.equal(state, torch.get_rng_state())
    for mine, same, foreign in zip(
        first.parameters(), second.parameters(), other.parameters(), strict=True
    ):
        assert torch.equal(mine, same)
        assert mine.ndim == 1 or not torch.equal(mine, foreign)
    spread = first.blocks[4][1].weight.detach().std()
    assert spread == pytest.approx((2 / (9 * 64)) ** 0.5, rel=0.02)


def test_larger_pictures_pass():
    x = torch.rand(1, 3, 64, 48, generator=generator(0))
    for name in NAMES:
        assert build(name, generator(0)).eval()(x).shape == (1, 10)


def test_restored_nets_answer_as_before():
    net = build("five", generator(3)).eval()
    state = {f"net.{key}": value for key, value in net.state_dict().items()}
    x = torch.rand(2, 3, 32, 32, generator=generator(1))
    again = restore("five", state | {"steps": torch.tensor(7)})
    torch.testing.assert_close(again(x), net(x))
    with pytest.raises(RuntimeError):
        restore("small", state)


def test_shipped_weights_are_as_good_as_their_manifest_says():
    noted = checkpoints.about("cifar_small")["figures"]
    assert accuracy("small", checkpoints.shipped("cifar_small")) == pytest.approx(noted, abs=2e-3)
    assert noted["validation_accuracy"] >= 0.78
    assert noted["test_accuracy"] >= 0.78
    assert f"{100 * noted['validation_accuracy']:.1f} %" in provenance("cifar_small")
    assert not classifier("cifar_small").training
