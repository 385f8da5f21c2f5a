"""A net that learns CIFAR-10: its examination, its optimiser, what is seen in it, the search."""

import io

import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn.functional import cross_entropy

from core.config import ConfigError, generator
from core.data import cifar
from core.data.pictures import keep_photo
from core.experiments.vision.cnn_inside import CNNInside
from core.experiments.vision.cnn_search import CNNSearch
from core.experiments.vision.cnn_training import CNNTraining, to_bytes
from core.nets.cnn.dropout import Dropout
from core.nets.cnn.settings import TrainingConfig
from core.nets.cnn.trained import classifier
from core.probes.exam import Exam


def run(experiment, steps=10**6):
    rows = []
    while len(rows) < steps and (row := experiment.step()) is not None:
        rows.append({name: float(value) for name, value in row.items()})
    return rows


@pytest.fixture(scope="module")
def held_out():
    return cifar.load("validation").first(230)


def test_a_round_in_parts_finds_what_the_whole_shows(held_out):
    net = classifier("cifar_small")
    exam = Exam(net, held_out, (0, 2))
    exam.begin(net)
    while not exam.done:
        exam.go_on(64)
    with torch.no_grad():
        logits = net(cifar.pixels(held_out.images))
        first, _, later = net.activations(cifar.pixels(held_out.images))
    torch.testing.assert_close(exam.loss(), cross_entropy(logits, held_out.labels))
    right = (logits.argmax(1) == held_out.labels).float().mean()
    assert float(exam.accuracy()) == pytest.approx(float(right))
    for name, maps in (("first", first), ("later", later)):
        norms = maps.square().sum(dim=(2, 3)).sqrt()
        for label in range(10):
            expected = norms[held_out.labels == label].mean(0)
            torch.testing.assert_close(exam.norms(name)[label], expected)
    assert exam.dead() == [0, 0, 0]


def test_a_round_is_of_the_net_as_it_was_when_it_began(held_out):
    net = classifier("cifar_small")
    exam = Exam(net, held_out, (0, 2))
    exam.begin(net)
    exam.go_on(50)
    with torch.no_grad():
        net.head[2].weight.zero_()
    exam.go_on(500)
    assert exam.accuracy() > 0.7
    exam.whole(net)
    assert exam.accuracy() < 0.2
    assert int(exam.rounds) == 2


def test_channels_that_never_change_are_dead(held_out):
    net = classifier("cifar_small")
    with torch.no_grad():
        net.blocks[1][2].bias[[3, 5]] = -100.0
    exam = Exam(net, held_out, (0, 2))
    exam.whole(net)
    assert exam.dead() == [0, 2, 0]


def test_a_run_that_has_not_begun_says_so():
    experiment = CNNTraining(CNNTraining.SMOKE)
    assert experiment.words() == "Epoch 0.0 of 2: not begun."
    experiment.step()
    assert "the first round of validation is under way" in experiment.words()


def test_dead_channels_are_told():
    experiment = CNNTraining(CNNTraining.SMOKE)
    with torch.no_grad():
        experiment.net.blocks[0][1].bias[:4] = -100.0
    experiment.exam.whole(experiment.net)
    assert "Dead, silent on every picture: 4 of 32 in layer 1." in experiment.words()


def test_one_step_is_nesterovs_with_decay_of_weights_alone():
    config = CNNTraining.SMOKE.variant(weight_decay=0.3, schedule="constant", learning_rate=0.05)
    experiment, twin = CNNTraining(config), CNNTraining(config)
    net = experiment.net
    before = {name: value.clone() for name, value in net.named_parameters()}
    x, target = twin.batch()
    loss = cross_entropy(twin.net.train()(x), target)
    gradients = torch.autograd.grad(loss, list(twin.net.parameters()))
    experiment.step()
    for (name, new), slope in zip(net.named_parameters(), gradients, strict=True):
        step = slope + 0.3 * before[name] * (new.ndim > 1)
        # With a velocity of nothing but this step, Nesterov looks ahead by 0.9 of it.
        torch.testing.assert_close(new.detach(), before[name] - 0.05 * 1.9 * step)


def test_schedules():
    rates = {
        name: [round(config.rate(done), 4) for done in (0, 0.25, 0.5, 0.9)]
        for name in ("one_cycle", "cosine", "steps", "constant")
        if (config := TrainingConfig(schedule=name, learning_rate=0.1))
    }
    assert rates["one_cycle"] == [0.0, 0.1, 0.075, 0.0043]
    assert rates["cosine"] == [0.1, 0.0854, 0.05, 0.0024]
    assert rates["steps"] == [0.1, 0.1, 0.01, 0.001]
    assert rates["constant"] == [0.1] * 4


def test_dropout_keeps_what_it_says_by_its_own_generator():
    layer, x = Dropout(0.2), torch.ones(100_000)
    assert layer.eval()(x) is x
    layer.train().source = generator(0)
    state = torch.get_rng_state()
    out = layer(x)
    assert torch.equal(state, torch.get_rng_state())
    assert set(out.unique().tolist()) == {0.0, 1.25}
    assert float(out.mean()) == pytest.approx(1, abs=0.01)


def test_all_cnn_goes_on_exactly_where_it_was():
    """Its dropout draws from the experiment's own generator, which is part of the state."""
    config = CNNTraining.SMOKE.variant(net="all_cnn", held_out=50)
    through, first = CNNTraining(config), CNNTraining(config)
    rows = run(through, 4)
    run(first, 2)
    second = CNNTraining(config)
    second.load_state_dict(first.state_dict())
    assert run(second, 2) == rows[2:]


def test_a_net_learns_a_little_in_seconds():
    config = CNNTraining.Config(
        pictures=2000, held_out=500, epochs=3, batch_size=64, learning_rate=0.02, shift=0
    )
    experiment = CNNTraining(config)
    rows = run(experiment)
    assert rows[-1]["accuracy"] > 0.35
    counts = experiment.picture()["confusion"]
    assert counts.sum() == 500
    assert counts.trace() / 500 == pytest.approx(rows[-1]["accuracy"])
    assert len({row["accuracy"] for row in rows[25:]}) > 3  # new figures on the way


def test_shipped_weights_are_a_start():
    experiment = CNNInside(CNNInside.Config(weights="cifar_small", held_out=500))
    experiment.exam.whole(experiment.net)
    assert experiment.exam.accuracy() > 0.72
    assert "shipped" in experiment.provenance()["weights"]
    with pytest.raises(ConfigError, match="start from random ones"):
        CNNInside.Config.parse({"weights": "cifar_small", "net": "five"})


def test_maps_are_those_of_the_layer_and_of_the_picture_chosen():
    experiment = CNNInside(CNNInside.Config(weights="cifar_small", shown=3, layer=2))
    x = cifar.pixels(cifar.load("validation").images[3:4])
    with torch.no_grad():
        maps = experiment.net.activations(x)[1][0]
    picture = experiment.picture()
    assert picture["maps"].shape == (64, 16, 16)
    for shown, plane in zip(picture["maps"], maps.numpy(), strict=True):
        assert abs(np.corrcoef(shown.ravel(), plane.ravel())[0, 1]) > 0.999
    assert picture["classes"].sum() == pytest.approx(1, abs=1e-5)
    experiment.config = experiment.config.variant(layer=18)
    assert experiment.picture()["maps"].shape == (64, 8, 8)


def test_channels_are_sorted_by_the_liking_for_a_class():
    experiment = CNNInside(CNNInside.Config(weights="cifar_small", held_out=300))
    experiment.exam.whole(experiment.net)
    plain = experiment.norms("later")
    np.testing.assert_allclose(plain.mean(axis=0), 0, atol=1e-5)
    experiment.config = experiment.config.variant(order="frog")
    ordered = experiment.norms("later")
    assert (np.diff(ordered[6]) <= 0).all()
    assert sorted(map(tuple, plain.T)) == sorted(map(tuple, ordered.T))


def test_own_picture_is_looked_at(tmp_path, monkeypatch):
    monkeypatch.setenv("GLASSBOX_UPLOADS", str(tmp_path))
    raw = io.BytesIO()
    Image.new("RGB", (90, 60), (200, 30, 10)).save(raw, "PNG")
    config = CNNInside.SMOKE.variant(photo=keep_photo(raw.getvalue(), "red.png"))
    picture = CNNInside(config).picture()["picture"]
    assert picture.shape == (1, 32, 32, 3)
    assert (picture == [200, 30, 10]).all()
    with pytest.raises(ConfigError, match="upload the file again"):
        CNNInside.Config.parse({"photo": "../somewhere"})


def test_planes_become_bytes():
    planes = torch.tensor([[[0.0, 1.0], [0.5, -1.0]], [[3.0, 3.0], [3.0, 3.0]]])
    np.testing.assert_array_equal(to_bytes(planes), [[[127, 255], [191, 0]], [[0, 0], [0, 0]]])
    assert (to_bytes(torch.full((1, 2, 2), torch.nan)) == 0).all()


def test_a_diverged_net_is_drawn_calmly():
    experiment = CNNInside(CNNInside.SMOKE)
    with torch.no_grad():
        experiment.net.head[2].weight.fill_(torch.inf)
    run(experiment, 1)
    assert "diverged" in experiment.words()
    assert np.isnan(experiment.picture()["classes"]).all()


def test_trials_lie_within_their_bounds_and_end_when_their_pictures_are_used_up():
    search = CNNSearch(CNNSearch.Config(trials=40, budget=1000))
    rates, decays, batches, shifts = (np.array(v) for v in zip(*search.trials, strict=True))
    assert rates.min() >= 1e-3
    assert rates.max() <= 3
    assert np.median(np.log10(rates)) == pytest.approx(-1.26, abs=0.5)
    assert decays.max() <= 0.1
    assert 16 <= batches.min() < 30
    assert 150 < batches.max() <= 256
    assert set(shifts) <= set(range(9))
    steps = np.diff([0, *search.ends])
    assert (steps * batches <= 1000).all()
    assert (steps * batches > 1000 - batches).all()


def test_the_best_trial_is_the_one_told_and_drawn():
    search = CNNSearch(CNNSearch.SMOKE)
    rows = run(search)
    best = float(search.accuracy.max())
    assert rows[-1]["best"] == best > 0
    picture = search.picture()
    assert picture["best"][-1] == pytest.approx(best)
    assert np.isnan(picture["running"]).all()
    drawn = ~np.isnan(picture["good"][:, 0]) ^ ~np.isnan(picture["others"][:, 0])
    assert drawn.all()
    assert search.told(int(search.accuracy.argmax())) in search.words()


def test_what_would_keep_a_cpu_for_long_is_refused():
    with pytest.raises(ConfigError, match=r"1,024 .* ResNet-34: take at most 86 pictures"):
        CNNTraining(TrainingConfig(net="resnet34", batch_size=1024))
    TrainingConfig(net="small", batch_size=2048).check_work()
