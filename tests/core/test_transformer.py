"""The transformer is PyTorch's own, sees no future and no padding, and forgets nothing cached."""

import math

import pytest
import torch
from torch import nn
from torch.nn.functional import scaled_dot_product_attention

from core.config import generator
from core.nets.transformer import (
    Attention,
    Block,
    Decoder,
    Encoder,
    EncoderDecoder,
    Form,
    attend,
    causal,
    padding,
    sinusoids,
)

FORM = Form(dim=24, heads=3, layers=2)
WORDS = 11  # of the vocabulary


def randoms(*shape, seed=1):
    return torch.randn(*shape, dtype=torch.float64, generator=generator(seed))


def tokens(n, length, seed=2):
    return torch.randint(WORDS, (n, length), generator=generator(seed))


def scattered(module):
    """The module in float64, with no parameter left at a start that hides it."""
    source = generator(3)
    module = module.double()
    with torch.no_grad():
        for parameter in module.parameters():
            noise = torch.randn(parameter.shape, dtype=torch.float64, generator=source)
            parameter.copy_(1.0 * (parameter == 1) + 0.2 * noise)
    return module


def torchs(attention, width):
    """PyTorch's attention with the same weights."""
    twin = nn.MultiheadAttention(width, attention.heads, batch_first=True).double()
    mine = attention.state_dict()
    twin.load_state_dict(
        {f"in_proj_{kind}": mine[f"to_qkv.{kind}"] for kind in ("weight", "bias")}
        | {f"out_proj.{kind}": mine[f"to_out.{kind}"] for kind in ("weight", "bias")}
    )
    return twin


@pytest.mark.parametrize("masked", [False, True])
def test_attend_is_torchs(masked):
    q, k, v = randoms(2, 3, 5, 4), randoms(2, 3, 7, 4, seed=4), randoms(2, 3, 7, 6, seed=5)
    mask = causal(5, 7) if masked else None
    heard, weights = attend(q, k, v, mask)
    expected = scaled_dot_product_attention(q, k, v, attn_mask=mask)
    torch.testing.assert_close(heard, expected, rtol=0, atol=1e-12)
    torch.testing.assert_close(weights.sum(-1), torch.ones(2, 3, 5).double())
    assert not masked or not weights[..., 0, 3:].any()


def test_who_may_hear_nobody_hears_all_alike_and_learns_nothing_bad():
    q, k, v = (randoms(1, 2, 3).requires_grad_() for _ in range(3))
    heard, weights = attend(q, k, v, torch.zeros(2, 2, dtype=torch.bool))
    torch.testing.assert_close(weights, torch.full((1, 2, 2), 0.5).double())
    heard.sum().backward()
    assert q.grad.isfinite().all()


@pytest.mark.parametrize("cross", [False, True])
def test_attention_is_torchs_with_masks(cross):
    ours = scattered(Attention(24, 3))
    x, memory = randoms(4, 6, 24), randoms(4, 9, 24, seed=6) if cross else None
    keep = torch.arange(9 if cross else 6) < torch.tensor([[2], [4], [6], [3]])
    told, weights = ours(x, memory, padding(keep))
    asked = x if memory is None else memory
    expected, expected_weights = torchs(ours, 24)(
        x, asked, asked, key_padding_mask=~keep, average_attn_weights=False
    )
    torch.testing.assert_close(told, expected, rtol=0, atol=1e-12)
    torch.testing.assert_close(weights, expected_weights, rtol=0, atol=1e-12)
    assert weights[:, :, :, :2].std() > 0.01  # not all alike, or there were nothing to compare


def test_decoder_block_is_torchs():
    ours = scattered(Block(24, 3, mlp=40, cross=True))
    twin = nn.TransformerDecoderLayer(
        24, 3, 40, 0.0, "gelu", batch_first=True, norm_first=True
    ).double()
    mine, names = ours.state_dict(), {"norm1": "norm1", "norm2": "norm_cross", "norm3": "norm2"}
    names |= {"linear1": "widen", "linear2": "narrow"}
    names |= {"self_attn.out_proj": "attention.to_out", "multihead_attn.out_proj": "cross.to_out"}
    state = {f"{a}.{kind}": mine[f"{b}.{kind}"] for a, b in names.items() for kind in KINDS}
    for a, b in {"self_attn": "attention", "multihead_attn": "cross"}.items():
        state |= {f"{a}.in_proj_{kind}": mine[f"{b}.to_qkv.{kind}"] for kind in KINDS}
    twin.load_state_dict(state)
    x, memory = randoms(2, 5, 24), randoms(2, 7, 24, seed=7)
    y, looks = ours(x, causal(5, 5), memory)
    expected = twin(x, memory, tgt_mask=~causal(5, 5))
    torch.testing.assert_close(y, expected, rtol=0, atol=1e-10)
    assert [look.shape for look in looks] == [(2, 3, 5, 5), (2, 3, 5, 7)]


KINDS = ("weight", "bias")


def test_width_of_a_head_is_free():
    attention = Attention(24, 2, width=5)
    told, weights = attention(torch.randn(1, 4, 24, generator=generator(0)))
    assert told.shape == (1, 4, 24)
    assert weights.shape == (1, 2, 4, 4)
    assert attention.to_qkv.weight.shape == (30, 24)


def test_positions_are_the_papers():
    found = sinusoids(torch.tensor([[0, 1, 7, 500]]), 10)
    for row, place in enumerate((0, 1, 7, 500)):
        for i in range(5):
            angle = place / 10_000 ** (2 * i / 10)
            assert float(found[0, row, 2 * i]) == pytest.approx(math.sin(angle), abs=1e-4)
            assert float(found[0, row, 2 * i + 1]) == pytest.approx(math.cos(angle), abs=1e-4)


def test_positions_a_step_apart_differ_by_a_turn_that_is_everywhere_the_same():
    p = sinusoids(torch.arange(40), 16)
    torch.testing.assert_close((p[3] * p[9]).sum(), (p[23] * p[29]).sum(), rtol=0, atol=1e-4)


@pytest.mark.parametrize("cross", [False, True])
def test_no_leak_from_the_future(cross):
    net = scattered(Decoder(WORDS, FORM, generator(0), cross=cross))
    memory = randoms(1, 4, 24) if cross else None
    written = tokens(1, 9)
    before = net(written, memory=memory)
    changed = written.clone()
    changed[0, 5] = (written[0, 5] + 1) % WORDS
    after = net(changed, memory=memory)
    assert torch.equal(before[:, :5], after[:, :5])
    assert ((before - after)[0, 5:].abs().amax(dim=1) > 1e-6).all()


def test_encoder_sees_both_ways_and_without_positions_no_order():
    net = scattered(Encoder(WORDS, FORM, generator(0)))
    read, order = tokens(1, 6), torch.tensor([3, 0, 5, 1, 4, 2])
    changed = read.clone()
    changed[0, 5] = (read[0, 5] + 1) % WORDS
    assert ((net(read) - net(changed))[0].abs().amax(dim=1) > 1e-6).all()
    x = net.embedding.table(read)
    for block in net.blocks:
        x = block(x)[0]
    shuffled = net.embedding.table(read[:, order])
    for block in net.blocks:
        shuffled = block(shuffled)[0]
    torch.testing.assert_close(shuffled, x[:, order], rtol=0, atol=1e-12)
    assert (net(read[:, order]) - net(read)[:, order]).abs().max() > 1e-3


@pytest.mark.parametrize("left", [False, True])
def test_padded_is_alone(left):
    net = scattered(EncoderDecoder(WORDS, FORM, generator(0)))
    read, written = tokens(1, 5), tokens(1, 4, seed=8)
    fill = torch.zeros(1, 3, dtype=torch.long)
    parts = [(fill, False), (read, True)] if left else [(read, True), (fill, False)]
    padded = torch.cat([part for part, _ in parts], dim=1)
    keep = torch.cat([torch.full_like(part, kept, dtype=torch.bool) for part, kept in parts], dim=1)
    alone = net(read, written)
    torch.testing.assert_close(net(padded, written, keep), alone, rtol=0, atol=1e-12)
    assert (net(padded, written) - alone).abs().max() > 1e-4  # masks off: another answer
    own = Decoder(WORDS, FORM, generator(0)).double()
    kept = own(padded, keep)[keep]
    torch.testing.assert_close(kept, own(read)[0], rtol=0, atol=1e-12)


@pytest.mark.parametrize("chunk", [1, 3])
def test_cached_is_uncached(chunk):
    net = EncoderDecoder(WORDS, FORM, generator(0))
    read, written = tokens(2, 5), tokens(2, 9)
    keep = torch.arange(5) < torch.tensor([[5], [3]])
    own = torch.ones(2, 9, dtype=torch.bool)
    own[1, :2] = False  # padded on the left
    memory, cache, made = net.encoder(read, keep), {}, []
    for at in range(0, 9, chunk):
        to = at + chunk
        made.append(net.decoder(written[:, at:to], own[:, :to], memory, keep, cache))
    expected = net.decoder(written, own, memory, keep)
    torch.testing.assert_close(torch.cat(made, 1)[own], expected[own], rtol=0, atol=1e-5)
    assert net.decoder.read_so_far(cache) == 9
    cache, made = {}, []  # the same without padding
    for at in range(0, 9, chunk):
        made.append(net.decoder(written[:, at : at + chunk], None, memory, keep, cache))
    everything = torch.ones_like(own)
    expected = net.decoder(written, everything, memory, keep)
    torch.testing.assert_close(torch.cat(made, 1), expected, rtol=0, atol=1e-5)


def test_looking_inside_changes_nothing():
    net = EncoderDecoder(WORDS, FORM, generator(0))
    read, written = tokens(2, 5), tokens(2, 7)
    memory, looks = net.encoder.watch(read)
    logits, seen = net.decoder.watch(written, memory=memory)
    assert torch.equal(logits, net(read, written))
    assert [look.shape for look in looks] == [(2, 3, 5, 5)] * 2
    assert [[look.shape for look in layer] for layer in seen] == [[(2, 3, 7, 7), (2, 3, 7, 5)]] * 2


def test_net_starts_from_its_seed_alone():
    net = EncoderDecoder(WORDS, FORM, generator(5))
    torch.rand(3)  # the global generator has no say
    again = EncoderDecoder(WORDS, FORM, generator(5))
    for name, value in net.state_dict().items():
        assert torch.equal(again.state_dict()[name], value), name
