"""Recurrent cells against torch.nn, their Jacobians against autograd and against their formulae."""

import pytest
import torch
from torch import nn

from core.config import generator
from core.nets.cells import GRU, LSTM, RNN, AttentionRNN, Gated, at_end, build, unroll
from core.nets.cells.cell import drawn
from core.probes.memory import jacobians, reach
from tests import typechecked

DOUBLE = torch.float64
NAMES = ["rnn", "lstm", "gru", "gated", "attention", "attention_all"]


def x_of(batch: int, time: int, inputs: int) -> torch.Tensor:
    return torch.randn(batch, time, inputs, generator=generator(1), dtype=DOUBLE)


@pytest.mark.parametrize(
    ("mine", "theirs"), [(RNN, nn.RNNCell), (LSTM, nn.LSTMCell), (GRU, nn.GRUCell)]
)
def test_cells_equal_those_of_torch_with_their_gradients(mine, theirs):
    cell = mine(3, 5, generator(0)).double()
    twin = theirs(3, 5).double()
    twin.load_state_dict(cell.state_dict())
    x, state = x_of(4, 7, 3), None
    for t in range(7):
        state = twin(x[:, t], state)
    expected = state if isinstance(state, tuple) else (state,)
    run = typechecked(unroll)(cell, x)
    for a, b in zip(run.states[-1], expected, strict=True):
        torch.testing.assert_close(a, b)
    run.h[:, -1].square().sum().backward()
    expected[0].square().sum().backward()
    for (name, a), b in zip(cell.named_parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(a.grad, b.grad, msg=name)


def test_the_gated_cell_is_its_formula():
    cell = Gated(3, 5, generator(0)).double()
    x, h = x_of(1, 4, 3)[0], torch.randn(4, 5, generator=generator(2), dtype=DOUBLE)
    (new,), gates = cell(x, (h,))
    for n in range(4):
        c = 1 / (1 + torch.exp(-(cell.gate_x @ x[n] + cell.gate_h @ h[n])))
        torch.testing.assert_close(new[n], c * h[n] + (1 - c) * (cell.value @ x[n]))
        torch.testing.assert_close(gates["keep"][n], c)


@pytest.mark.parametrize(("k", "tied"), [(2, False), (3, True), (None, True)])
def test_attention_rnn_is_its_formula(k, tied):
    cell = AttentionRNN(3, 5, generator(0), k=k, tied=tied).double()
    x = x_of(2, 6, 3)
    run = unroll(cell, x)
    attention = run.gate("attention")
    for n in range(2):
        states = [torch.zeros(5, dtype=DOUBLE)] * (k or 1)
        for t in range(6):
            of_past = [cell.of_past[0 if tied else i] for i in range(len(states))]
            pairs = [(cell.of_x, x[n, t]), *zip(of_past, states, strict=True)]
            q, key, v = zip(*((m @ s).split(5) for m, s in pairs), strict=True)
            a = torch.stack([q[i] @ key[i] / 5**0.5 for i in range(len(pairs))]).softmax(0)
            h = sum(a[i] * v[i] for i in range(len(pairs)))
            torch.testing.assert_close(run.h[n, t], h)
            torch.testing.assert_close(attention[n, t, : len(a)], a)
            states = [h, *states][:k]


def test_attention_rnn_counts_its_parameters_and_refuses_endless_ones():
    def count(**options):
        return sum(p.numel() for p in AttentionRNN(3, 5, **options).parameters())

    x = 3 * 5 * 3
    assert [count(k=k) for k in (1, 2, 6)] == [x + 75 * k for k in (1, 2, 6)]
    assert {count(k=k, tied=True) for k in (1, 2, 6, None)} == {x + 75}
    with pytest.raises(ValueError, match="tied"):
        AttentionRNN(3, 5, k=None)


@pytest.mark.parametrize("name", NAMES)
def test_jacobians_equal_autograd(name):
    cell = build(name, 3, 4, generator(0), 1.3).double()
    x = x_of(2, 6, 3)
    found = typechecked(jacobians)(cell, x)
    for s in range(6):
        for n in range(2):
            before = unroll(cell, x[n : n + 1, : s + 1]).states[-1]

            def last(h, before=before, n=n, s=s):
                if s == 5:
                    return h[0]
                rest = unroll(cell, x[n : n + 1, s + 1 :], (h, *before[1:]))
                return rest.states[-1][0][0]

            expected = torch.autograd.functional.jacobian(last, before[0])[:, 0]
            torch.testing.assert_close(found[s, n], expected)


def test_jacobian_of_the_rnn_is_the_product_of_its_steps():
    cell = RNN(3, 4, generator(0), 1.3).double()
    x = x_of(1, 5, 3)
    h = unroll(cell, x).h[0].detach()
    product = torch.eye(4, dtype=DOUBLE)
    for t in (4, 3, 2):
        product = product @ torch.diag(1 - h[t] ** 2) @ cell.weight_hh
    torch.testing.assert_close(jacobians(cell, x)[1, 0], product)
    norm = product.norm() / 4**0.5
    torch.testing.assert_close(typechecked(reach)(cell, x)[3], norm)


def test_what_the_forget_gate_lets_through_is_the_jacobian_of_c():
    cell = LSTM(3, 4, generator(0), scale=0.0).double()  # h is not read: c_t = f c_{t−1} + …
    x = x_of(1, 5, 3)
    run = unroll(cell, x)
    c, forget, output = run.states[-1][1][0], run.gate("forget")[0], run.gate("output")[0]
    expected = output[-1] * (1 - c.tanh() ** 2) * forget[2:].prod(dim=0)
    torch.testing.assert_close(jacobians(cell, x, of=1)[1, 0], torch.diag(expected))


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_known_of_what_comes_later(name):
    cell = build(name, 3, 4, generator(0)).double()
    x = x_of(2, 8, 3)
    y = x.clone()
    y[:, 5] += 1
    a, b = unroll(cell, x).h, unroll(cell, y).h
    assert torch.equal(a[:, :5], b[:, :5])
    assert not torch.equal(a[:, 5], b[:, 5])


def test_padding_after_the_end_changes_nothing():
    cell = GRU(3, 4, generator(0)).double()
    x = x_of(2, 8, 3)
    ends = typechecked(at_end)(unroll(cell, x).h, torch.tensor([3, 8]))
    torch.testing.assert_close(ends[0], unroll(cell, x[:1, :3]).h[0, -1])


def test_scale_is_about_the_largest_eigenvalue_at_the_start():
    weight = RNN(1, 200, generator(0), scale=1.5).weight_hh.detach()
    assert float(torch.linalg.eigvals(weight).abs().max()) == pytest.approx(1.5, rel=0.1)
    assert float(drawn((1000,), 0.3, generator(0)).detach().abs().max()) <= 0.3
