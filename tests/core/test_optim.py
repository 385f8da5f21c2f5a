"""Each optimiser walks the path of its twin in `torch.optim`."""

from typing import get_args

import pytest
import torch

from core import optim
from core.surfaces import SURFACES

TWINS = [
    (optim.SGD(0.003), torch.optim.SGD, {"lr": 0.003}),
    (optim.Momentum(0.001), torch.optim.SGD, {"lr": 0.001, "momentum": 0.9}),
    (optim.Momentum(0.002, momentum=0.7), torch.optim.SGD, {"lr": 0.002, "momentum": 0.7}),
    (
        optim.Nesterov(0.001, momentum=0.8),
        torch.optim.SGD,
        {"lr": 0.001, "momentum": 0.8, "nesterov": True},
    ),
    (optim.RMSProp(0.01), torch.optim.RMSprop, {"lr": 0.01}),
    (
        optim.RMSProp(0.02, decay=0.9, epsilon=1e-3),
        torch.optim.RMSprop,
        {"lr": 0.02, "alpha": 0.9, "eps": 1e-3},
    ),
    (optim.Adam(0.01), torch.optim.Adam, {"lr": 0.01}),
    (
        optim.Adam(0.05, beta1=0.7, beta2=0.95, epsilon=1e-4),
        torch.optim.Adam,
        {"lr": 0.05, "betas": (0.7, 0.95), "eps": 1e-4},
    ),
    (optim.AdamW(0.01), torch.optim.AdamW, {"lr": 0.01}),
    (
        optim.AdamW(0.05, beta1=0.8, beta2=0.9, epsilon=1e-6, weight_decay=0.3),
        torch.optim.AdamW,
        {"lr": 0.05, "betas": (0.8, 0.9), "eps": 1e-6, "weight_decay": 0.3},
    ),
]


@pytest.mark.parametrize(("ours", "twin", "constants"), TWINS)
def test_equals_torch(ours, twin, constants):
    surface = SURFACES["himmelblau"]
    start = torch.rand(7, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    parameter = start.clone().requires_grad_()
    theirs = twin([parameter], **constants)
    point, state = start, ours.start(start)
    for _ in range(50):
        parameter.grad = surface.gradient(parameter.detach())
        theirs.step()
        point, state = ours.step(point, surface.gradient(point), state)
        torch.testing.assert_close(point, parameter.detach(), rtol=0, atol=1e-10)


@pytest.mark.parametrize("name", optim.OPTIMISERS)
def test_steps_are_pure(name):
    optimiser = optim.OPTIMISERS[name](0.1)
    point = torch.ones(3, 2, dtype=torch.float64)
    gradient, state = 2 * point, optimiser.start(point)
    before = {slot: tensor.clone() for slot, tensor in state.items()}
    optimiser.step(point, gradient, state)
    assert (point == 1).all()
    assert (gradient == 2).all()
    assert all(torch.equal(before[slot], state[slot]) for slot in state)


def test_names_agree():
    assert get_args(optim.OptimiserName) == tuple(optim.OPTIMISERS) == tuple(optim.LABELS)
