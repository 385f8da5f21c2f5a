"""An ensemble is the same as its members one after another."""

import pytest
import torch
from torch import nn
from torch.nn.functional import mse_loss

from core.config import generator
from core.nets.ensemble import ensemble, mean_square_errors, member, pad
from core.nets.mlp import mlp

SIZES = (2, 7, 5, 3)
LENGTHS = (4, 11, 1, 6)  # data of each member


def sources() -> list[torch.Generator]:
    return [generator(k) for k in range(len(LENGTHS))]


def assert_same_nets(a: nn.Sequential, b: nn.Sequential, **tolerance: float) -> None:
    mine, theirs = a.state_dict(), b.state_dict()
    assert mine.keys() == theirs.keys()
    for name in mine:
        torch.testing.assert_close(mine[name], theirs[name], **tolerance)


def test_members_start_as_nets_of_their_own():
    net = ensemble(SIZES, sources())
    for k, source in enumerate(sources()):
        assert_same_nets(member(net, k), mlp(SIZES, source), rtol=0, atol=0)


def test_a_member_is_a_copy():
    net = ensemble(SIZES, sources())
    before = net[0].weight.detach().clone()
    with torch.no_grad():
        member(net, 1)[0].weight.zero_()
    assert torch.equal(net[0].weight, before)


@pytest.mark.parametrize("activation", [nn.ReLU, nn.Tanh])
@pytest.mark.parametrize(
    "optimiser",
    [
        lambda parameters: torch.optim.SGD(parameters, 0.05, momentum=0.9),
        lambda parameters: torch.optim.AdamW(parameters, 0.01, weight_decay=0.1),
    ],
    ids=("momentum", "AdamW"),
)
def test_trains_as_its_members_one_after_another(activation, optimiser):
    draws = generator(9)
    data = [torch.randn(n, 2, generator=draws).double() for n in LENGTHS]
    targets = [torch.randn(n, 3, generator=draws).double() for n in LENGTHS]

    together = ensemble(SIZES, sources(), activation).double()
    (x, mask), (y, _) = pad(data), pad(targets)
    steps = optimiser(together.parameters())
    rows = []
    for _ in range(30):
        losses = mean_square_errors(together(x), y, mask)
        steps.zero_grad()
        losses.sum().backward()
        steps.step()
        rows.append(losses.detach())

    for k, source in enumerate(sources()):
        alone = mlp(SIZES, source, activation).double()
        steps = optimiser(alone.parameters())
        for row in rows:
            loss = mse_loss(alone(data[k]), targets[k])
            torch.testing.assert_close(row[k], loss.detach(), rtol=1e-9, atol=1e-12)
            steps.zero_grad()
            loss.backward()
            steps.step()
        assert_same_nets(member(together, k), alone, rtol=1e-9, atol=1e-12)


def test_what_is_padded_does_not_count():
    padded, mask = pad([torch.ones(n, 2) for n in LENGTHS])
    assert padded.shape == (4, 11, 2)
    assert mask.sum(1).tolist() == list(LENGTHS)
    assert torch.equal(padded.sum((1, 2)), 2.0 * mask.sum(1))
    outputs = torch.full((4, 11, 1), 3.0)
    errors = mean_square_errors(outputs, torch.full((4, 11, 1), 1.0), mask)
    assert errors.tolist() == [4.0] * 4
