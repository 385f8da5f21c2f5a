"""The vision transformer: equal to PyTorch's own modules, raced fairly, read rightly."""

import itertools
import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import conv2d, unfold

from core import checkpoints
from core.config import ConfigError, generator
from core.data.cifar import load, pixels
from core.experiments.vision.vit_attention import VitAttention
from core.experiments.vision.vit_shares import VitShares
from core.experiments.vision.vit_training import VitTraining
from core.nets.cnn.of_size import of_size
from core.nets.rivals import Rivals, count
from core.nets.transformer import Attention, Block
from core.nets.vit import VisionTransformer, cut, paste, rearrange
from core.optim.cosine import cosine_rate
from core.probes.attention import distances, rollout, spread
from core.probes.judge import judge
from core.probes.spotlight import DIM, spotlight

WIDTH, HEADS = 48, 3


def randoms(*shape):
    return torch.randn(*shape, dtype=torch.float64, generator=generator(1))


def scattered(module):
    """The module in float64, with no parameter left at a start that hides it."""
    source = generator(2)
    module = module.double()
    with torch.no_grad():
        for parameter in module.parameters():
            noise = torch.randn(parameter.shape, dtype=torch.float64, generator=source)
            parameter.copy_(1.0 * (parameter == 1) + 0.2 * noise)
    return module


def torchs_block(block, width=WIDTH, heads=HEADS):
    twin = nn.TransformerEncoderLayer(
        width, heads, 4 * width, 0.0, "gelu", batch_first=True, norm_first=True
    ).double()
    pairs = {
        "self_attn.in_proj_": "attention.to_qkv.",
        "self_attn.out_proj.": "attention.to_out.",
        "linear1.": "widen.",
        "linear2.": "narrow.",
        "norm1.": "norm1.",
        "norm2.": "norm2.",
    }
    mine = block.state_dict()
    twin.load_state_dict(
        {a + kind: mine[b + kind] for a, b in pairs.items() for kind in ("weight", "bias")}
    )
    return twin


def test_attention_is_torchs():
    ours = scattered(Attention(WIDTH, HEADS))
    twin = nn.MultiheadAttention(WIDTH, HEADS, batch_first=True).double()
    mine = ours.state_dict()
    twin.load_state_dict(
        {f"in_proj_{kind}": mine[f"to_qkv.{kind}"] for kind in ("weight", "bias")}
        | {f"out_proj.{kind}": mine[f"to_out.{kind}"] for kind in ("weight", "bias")}
    )
    x = randoms(5, 17, WIDTH)
    told, weights = ours(x)
    expected, expected_weights = twin(x, x, x, average_attn_weights=False)
    torch.testing.assert_close(told, expected, rtol=0, atol=1e-12)
    torch.testing.assert_close(weights, expected_weights, rtol=0, atol=1e-12)
    assert weights.std() > 0.01  # not all alike, or there were nothing to compare


def test_block_is_torchs_with_its_gradients():
    ours = scattered(Block(WIDTH, HEADS))
    twin = torchs_block(ours)
    x = randoms(4, 10, WIDTH).requires_grad_()
    y, _ = ours(x)
    expected = twin(x)
    torch.testing.assert_close(y, expected, rtol=0, atol=1e-10)
    mine = torch.autograd.grad(y.square().sum(), [x, ours.attention.to_qkv.weight])
    theirs = torch.autograd.grad(expected.square().sum(), [x, twin.self_attn.in_proj_weight])
    for gradient, other in zip(mine, theirs, strict=True):
        torch.testing.assert_close(gradient, other, rtol=1e-9, atol=1e-9)


def test_whole_net_is_a_convolution_torchs_blocks_and_a_linear_layer():
    net = scattered(VisionTransformer(8, HEADS, 2, generator(0)))
    images = torch.rand(3, 3, 32, 32, dtype=torch.float64, generator=generator(3))
    kernel = net.embedding.weight.reshape(WIDTH, 3, 8, 8)
    x = conv2d(net.normalise(images), kernel, net.embedding.bias, stride=8).flatten(2).mT
    x = torch.cat([net.cls.expand(3, 1, WIDTH), x], dim=1) + net.positions
    for block in net.blocks:
        x = torchs_block(block)(x)
    expected = net.head(net.norm(x)[:, 0])
    torch.testing.assert_close(net(images), expected, rtol=0, atol=1e-9)


def test_patches_are_cut_as_unfold_cuts_them_and_lie_as_they_lay():
    images = randoms(2, 3, 12, 12)
    patches = cut(images, 4)
    torch.testing.assert_close(patches, unfold(images, 4, stride=4).mT)
    torch.testing.assert_close(paste(patches, 4), images)


def test_without_positions_the_order_of_patches_is_nothing_to_it():
    net = scattered(VisionTransformer(8, HEADS, 2, generator(0)))
    images = torch.rand(3, 3, 32, 32, dtype=torch.float64, generator=generator(3))
    places = torch.randperm(16, generator=generator(4))
    shuffled = rearrange(images, 8, places)
    told_apart = (net(images) - net(shuffled)).abs().max()
    assert told_apart > 1e-3
    with torch.no_grad():  # embeddings that were shuffled alike make up for it
        own = net.positions[1:].clone()
        there = net(images)
        net.positions[1:] = own[places]
        torch.testing.assert_close(net(shuffled), there, rtol=0, atol=1e-10)
        net.positions[1:] = 0
        torch.testing.assert_close(net(shuffled), net(images), rtol=0, atol=1e-10)


def test_net_comes_back_from_its_state_and_starts_from_its_seed_alone():
    net = VisionTransformer(4, 2, 3, generator(5))
    torch.rand(3)  # the global generator has no say
    again = VisionTransformer(4, 2, 3, generator(5))
    back = VisionTransformer.of({f"vit.{k}": v for k, v in net.state_dict().items()})
    for other in (again, back):
        for name, value in net.state_dict().items():
            torch.testing.assert_close(other.state_dict()[name], value, rtol=0, atol=0)
    assert (back.patch, back.heads, back.depth, back.side) == (4, 2, 3, 8)


@pytest.mark.parametrize("patch", [4, 8, 16])
def test_rivals_are_of_equal_size(patch):
    for heads, depth in itertools.product((1, 3, 12), (1, 4, 12)):
        size = count(VisionTransformer(patch, heads, depth, generator(0)))
        assert count(of_size(size, generator(0))) == pytest.approx(size, rel=0.02), (heads, depth)


def test_rate_rises_evenly_then_is_torchs_cosine():
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 95)
    cosine = []
    for _ in range(95):
        cosine.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    rates = [cosine_rate(0.3, step, 100) for step in range(100)]
    assert rates == pytest.approx([0.06, 0.12, 0.18, 0.24, 0.3, *cosine])


def test_rollout_and_reach_of_attention_known_by_heart():
    alone, evenly = torch.eye(17), torch.full((17, 17), 1 / 17)
    torch.testing.assert_close(rollout(alone.expand(3, 2, 17, 17)), alone)
    mixed = rollout(evenly.expand(2, 2, 17, 17))
    torch.testing.assert_close(mixed, 0.25 * alone + 0.75 * evenly)
    assert spread(torch.stack([alone[0], evenly[0]])).tolist() == pytest.approx([1, 17])
    found = distances(torch.stack([alone, evenly])[None, None])
    places = [(i, j) for i in range(4) for j in range(4)]
    mean = np.mean([math.dist(a, b) for a in places for b in places])
    assert found[0, 0].tolist() == pytest.approx([0, mean], abs=1e-5)


def test_spotlight_is_brightest_where_the_weight_is():
    white = torch.full((1, 3, 8, 8), 200, dtype=torch.uint8)
    lit = spotlight(white, torch.tensor([[0.0, 0.1, 0.4, 0.2]]))
    assert lit.shape == (1, 8, 8, 3)
    assert lit[0, ::4, ::4, 0].flatten().tolist() == [
        round(200 * (DIM + (1 - DIM) * share)) for share in (0, 0.25, 1, 0.5)
    ]
    assert spotlight(white, torch.full((1, 4), torch.nan)).max() == 0


def test_both_learn_and_the_transformer_learns_where_places_are():
    settings = {"share": 0.1, "epochs": 12, "patch": 8, "heads": 2, "depth": 2, "mixed": False}
    race = VitTraining(VitTraining.Config(**settings))
    before = race.neighbours()
    assert abs(before[0]) < 0.1
    while race.step() is not None:
        pass
    assert min(race.accuracies().values()) > 0.2  # on pictures not learnt from; by chance: 0.1
    near, far = race.neighbours()
    assert near > far + 0.1
    assert "2 %" not in race.words()


def test_a_batch_is_all_pictures_at_most():
    config = VitTraining.Config(patch=16, heads=1, depth=1, share=0.01, batch_size=1024, epochs=2)
    run = VitTraining(config)
    assert (len(run.batch()[1]), run.per_epoch, run.total) == (90, 1, 2)
    assert "Epoch 0.00 of 2" in run.words()


def test_every_share_begins_with_the_same_nets():
    race = VitShares(VitShares.SMOKE)
    first = {name: net.state_dict() for name, net in race.rivals.nets.items()}
    fresh = {n: {k: v.clone() for k, v in first[n].items()} for n in first}
    while race.steps < race.config.batches:
        race.step()
    moved = race.rivals.nets["vit"].state_dict()["head.weight"]
    assert not torch.equal(moved, fresh["vit"]["head.weight"])
    race.begin()
    for name, net in race.rivals.nets.items():
        for key, value in net.state_dict().items():
            assert torch.equal(value, fresh[name][key]), key
    assert race.counts == [1000, 3000, 9000]


def test_what_a_picture_is_worth_is_read_between_the_shares():
    race = VitShares(VitShares.SMOKE)
    race.steps = race.total
    race.figures.copy_(torch.tensor([[0.1, 0.2, 0.3], [0.2, 0.4, 0.5]]))
    assert "about 1,732 of them" in race.worth()  # halfway from 1,000 to 3,000, in logarithms
    race.figures[0, 2] = 0.9
    assert race.worth() == ""


def test_divergence_is_said():
    race = VitTraining(VitTraining.SMOKE.variant(learning_rate=1.0))
    with torch.no_grad():
        race.vit.head.weight.fill_(torch.nan)
    race.evaluate()
    assert "diverged" in race.words()
    assert not any(np.isinf(a).any() for a in race.picture().values() if a.dtype.kind == "f")


def test_shipped_transformer_is_as_good_as_its_manifest_says():
    net = VisionTransformer.of(checkpoints.shipped("cifar_vit"))
    noted = checkpoints.about("cifar_vit")["figures"]["test_accuracy"]
    _, right = judge(net, load("test"))
    assert right == pytest.approx(noted, abs=0.002)


def test_attention_is_that_of_the_whole_net_and_goes_on_to_the_next_picture():
    reader = VitAttention(VitAttention.Config(picture=7))
    for _ in range(reader.depth):
        reader.step()
    logits, weights = reader.vit.watch(pixels(load("validation").images[7:8]))
    torch.testing.assert_close(reader.says(), logits[0].softmax(0))
    torch.testing.assert_close(reader.weights, torch.cat(weights))
    reader.step()
    assert (reader.index, reader.layer) == (8, 1)
    assert not reader.weights[1:].any()


def test_only_heads_that_have_read_the_picture_are_shown():
    reader = VitAttention(VitAttention.Config())
    for layer in range(reader.depth + 1):
        assert len(reader.picture()["heads"]) == layer * reader.heads
        reader.step()  # the last one reads the next picture
    assert len(reader.picture()["heads"]) == reader.heads


def test_attention_reads_photos_and_refuses_weights_that_are_none(tmp_path, monkeypatch):
    reader = VitAttention(VitAttention.Config(photo="flower"))
    while reader.step() is not None:
        pass
    assert reader.steps == reader.depth
    assert "photo" in reader.words()
    monkeypatch.setattr(checkpoints, "of_run", lambda key: {"net.weight": torch.zeros(1)})
    with pytest.raises(ConfigError, match="no vision transformer"):
        VitAttention(VitAttention.Config(weights="0" * 32))


def test_attention_refuses_weights_that_have_diverged(monkeypatch):
    race = VitTraining(VitTraining.SMOKE)
    with torch.no_grad():
        next(race.vit.parameters()).fill_(torch.nan)
    monkeypatch.setattr(checkpoints, "of_run", lambda key: race.state_dict())
    with pytest.raises(ConfigError, match="diverged"):
        VitAttention(VitAttention.Config(weights="0" * 32))


def test_a_net_that_learnt_shuffled_pictures_reads_such(monkeypatch):
    race = VitTraining(VitTraining.SMOKE.variant(shuffle=True))
    monkeypatch.setattr(checkpoints, "of_run", lambda key: race.state_dict())
    reader = VitAttention(VitAttention.Config(weights="0" * 32))
    torch.testing.assert_close(reader.pictures.images[:1000], race.held_out.images)
    assert not torch.equal(race.held_out.images, load("validation").first(1000).images)


def test_rivals_learn_alone_or_together_alike():
    x = torch.rand(8, 3, 32, 32, generator=generator(0))
    target = torch.arange(8)
    both, alone = (Rivals(16, 1, 1, 0, torch.device("cpu"), cnn=cnn) for cnn in (True, False))
    for rivals in (both, alone):
        for _ in range(3):
            rivals.learn(x, target, 0.01)
    for key, value in alone.vit.state_dict().items():
        assert torch.equal(value, both.vit.state_dict()[key]), key
