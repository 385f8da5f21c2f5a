"""The state of an experiment: copies in one block, and back from there."""

import safetensors.torch
import torch

from core.state import ALIGNED, pack, unpack


def parts():
    net = torch.nn.Conv2d(3, 2, 3).to(memory_format=torch.channels_last)
    net.register_buffer("none", torch.zeros(0, 3))
    optimizer = torch.optim.AdamW(net.parameters())
    net(torch.randn(1, 3, 4, 4)).sum().backward()
    optimizer.step()
    source = torch.Generator().manual_seed(3)
    return {
        "flag": torch.tensor(True),
        "half": torch.randn(3).bfloat16(),
        "net": net,
        "optimizer": optimizer,
        "source": source,
    }


def test_a_state_is_one_block_of_copies():
    begun = parts()
    state = pack(begun)
    assert len({value.untyped_storage().data_ptr() for value in state.values()}) == 1
    places = [value.data_ptr() for value in state.values() if value.numel()]
    assert len(set(places)) == len(places)
    assert all(place % ALIGNED == places[0] % ALIGNED for place in places)
    before = state["half"].clone()
    begun["half"].zero_()
    assert torch.equal(state["half"], before)
    assert state["net.weight"].is_contiguous()


def test_a_state_leads_back_from_memory_and_from_a_file():
    begun = parts()
    state = pack(begun)
    drawn = torch.rand(4, generator=begun["source"])
    for saved in (state, safetensors.torch.load(safetensors.torch.save(state))):
        other = parts()
        unpack(other, saved)
        again = pack(other)
        assert again.keys() == state.keys()
        for key, value in state.items():
            assert torch.equal(again[key], value), key
        assert torch.equal(torch.rand(4, generator=other["source"]), drawn)


def test_nothing_has_an_empty_state():
    assert pack({}) == {}
