"""Digits: what the page promises is reached on digits that nothing was trained on."""

from types import SimpleNamespace

import numpy as np
import pytest
import sklearn.metrics
import torch

from core.config import ConfigError, generator
from core.data.batches import next_batch
from core.data.mnist import average_2x2, load
from core.experiments.foundations.digits_few import DigitsFew
from core.experiments.foundations.digits_scratch import DigitsScratch
from core.experiments.foundations.digits_svm import DigitsSVM
from core.experiments.foundations.digits_whole import DigitsWhole
from core.features.digits import answers, reduce, scale
from core.features.gabor import responses
from core.nets.small_cnn import small_cnn
from core.probes.confusion import confusion, misread
from core.svm import fit_svm


def run(experiment, steps=10**6):
    rows = []
    while len(rows) < steps and (row := experiment.step()) is not None:
        rows.append({name: float(value) for name, value in row.items()})
    return rows


def test_machine_is_a_sum_over_its_support_vectors():
    source = np.random.default_rng(0)
    x, new = source.normal(size=(60, 5)), source.normal(size=(7, 5))
    labels = (x[:, 0] * x[:, 1] > 0).astype(int)
    machine = fit_svm(x, labels, c=2.0, gamma=0.7)
    apart = ((new[:, None] - machine.support_vectors_[None]) ** 2).sum(-1)
    expected = np.exp(-0.7 * apart / 5) @ machine.dual_coef_[0] + machine.intercept_
    np.testing.assert_allclose(machine.decision_function(new), expected)
    assert abs(machine.dual_coef_).max() <= 2.0


def test_scaled_by_one_number():
    source = np.random.default_rng(0)
    train, held_out = scale(source.normal(3, [1, 2, 5], (400, 3)), np.full((1, 3), 3.0))
    assert train.mean(axis=0) == pytest.approx(0, abs=1e-12)
    assert train.var(axis=0).mean() == pytest.approx(1)
    assert train.std(axis=0)[2] / train.std(axis=0)[0] == pytest.approx(5, rel=0.1)
    assert abs(held_out).max() < 0.2  # moved as the training digits were, not by its own mean
    apart = ((train[:, None] - train[None]) ** 2).mean(axis=(0, 1, 2))
    assert apart == pytest.approx(2)


def test_confusion_is_sklearns():
    truth, predicted = np.random.default_rng(0).integers(0, 10, (2, 500)).astype(np.uint8)
    expected = sklearn.metrics.confusion_matrix(truth, predicted, labels=range(10))
    np.testing.assert_array_equal(confusion(truth, torch.from_numpy(predicted)), expected)


def test_misread_digits_are_those_that_differ():
    digits = load("test").per_class(1)
    guesses = torch.from_numpy(digits.labels.copy())
    guesses[[2, 7]] = (guesses[[2, 7]] + 1) % 10
    images, captions = misread(digits, guesses, most=3)
    np.testing.assert_array_equal(images[:2], digits.images[[2, 7]])
    assert not images[2].any()
    assert captions.tolist() == [f"{digits.labels[i]} as {guesses[i]}" for i in (2, 7)] + [""]


def test_reach_of_machines_from_100_of_each_class():
    experiment = DigitsSVM(
        DigitsSVM.Config(side=2, lowest_c=1, highest_c=10, lowest_gamma=0.3, highest_gamma=1)
    )
    rows = run(experiment)
    raw, gabor = (max(row[f"{kind}.accuracy"] for row in rows) for kind in ("raw", "gabor"))
    assert len(experiment.train) == 1000
    assert raw >= 0.92
    assert gabor >= raw + 0.01
    picture = experiment.picture()
    assert picture["confusion"].sum() == len(experiment.held_out) == 2000
    assert picture["confusion"].trace() / 2000 == pytest.approx(gabor)
    assert picture["raw"].max() == pytest.approx(raw)
    best = max(rows, key=lambda row: row["gabor.accuracy"])  # the first of them
    assert picture["support"][1] == pytest.approx(best["gabor.support"])
    c, gamma = picture["gabor_best"][0]
    row, column = divmod(rows.index(best), 2)
    assert (c, gamma) == pytest.approx((experiment.c[column], experiment.gamma[row]))
    assert experiment.words().startswith("Raw pixels 9")
    assert "Gabor + PCA 9" in experiment.words()
    # What was chosen on validation digits holds on the test digits too.
    row, column = np.unravel_index(picture["gabor"].argmax(), (2, 2))
    test = load("test").per_class(100)
    train = answers(experiment.train, experiment.bank)
    (x, held_out), _ = reduce(train, answers(test, experiment.bank), 100)
    machine = fit_svm(x, experiment.train.labels, experiment.c[column], experiment.gamma[row])
    assert (machine.predict(held_out) == test.labels).mean() >= 0.95


def test_a_narrow_kernel_remembers_and_learns_nothing():
    config = DigitsSVM.Config(
        per_class=20, held_out=50, side=2, lowest_gamma=1, highest_gamma=100, orientations=1
    )
    experiment = DigitsSVM(config)
    rows = run(experiment)
    assert rows[-1]["raw.support"] == 1.0
    assert rows[-1]["raw.accuracy"] < 0.4 < rows[1]["raw.accuracy"]
    x = experiment.features["raw"][0]
    machine = fit_svm(x, experiment.train.labels, experiment.c[-1], experiment.gamma[-1])
    assert (machine.predict(x) == experiment.train.labels).all()


def test_machines_never_see_the_digits_they_are_judged_on():
    experiment = DigitsSVM(DigitsSVM.SMOKE)
    seen = {image.tobytes() for image in experiment.train.images}
    assert not seen & {image.tobytes() for image in experiment.held_out.images}


def test_empty_ranges_are_refused():
    with pytest.raises(ConfigError, match="C from is 10 and C to 10: let “from” be smaller"):
        DigitsSVM.Config.parse({"lowest_c": 10, "highest_c": 10})
    with pytest.raises(ConfigError, match="γ from is 200 and γ to 100: let “from” be smaller"):
        DigitsSVM.Config.parse({"lowest_gamma": 200})


def test_of_equally_good_machines_the_first_is_looked_into(monkeypatch):
    experiment = DigitsSVM(DigitsSVM.SMOKE)
    predictions = [experiment.held_out.labels.copy() for _ in range(3)]
    for at, guesses in enumerate(predictions):
        guesses[at : 70 + at] = 9 - guesses[at : 70 + at]  # 70 of 200 wrong each time
    fits = iter(predictions)
    monkeypatch.setattr(
        "core.experiments.foundations.digits_svm.fit_svm",
        lambda x, *_: SimpleNamespace(predict=lambda _: current[0], support_=x[:1]),
    )
    current = []
    for guesses in fits:
        current[:] = [guesses]
        experiment.step()
    np.testing.assert_array_equal(experiment.predicted[1], predictions[0])
    assert experiment.words().startswith("Raw pixels 65.0 % right at best, with C = 0.1 and")


def test_responses_are_those_of_the_digit_shown():
    experiment = DigitsSVM(DigitsSVM.SMOKE)
    for digit in (3, 8):
        experiment.config = experiment.config.variant(digit=digit)
        one = experiment.held_out.images[experiment.held_out.labels == digit][:1]
        maps = responses(average_2x2(one), experiment.bank)[0]
        np.testing.assert_allclose(
            experiment.picture()["responses"], 255 * maps / maps.max(), atol=0.51
        )


def test_reach_of_the_net_from_scratch_and_of_its_twin():
    experiment = DigitsScratch(DigitsScratch.Config())
    rows = run(experiment, 1000)
    assert max(row["difference"] for row in rows) < 1e-12  # 1e-6 is asked for
    assert rows[-1]["numpy.accuracy"] >= 0.90
    assert [row["numpy.loss"] for row in rows] == pytest.approx([r["torch.loss"] for r in rows])
    found = experiment.picture()["confusion"].trace() / 2000
    assert found == pytest.approx(rows[-1]["numpy.accuracy"])


def test_weights_carried_back_are_the_gradient_of_an_open_net():
    experiment = DigitsScratch(DigitsScratch.Config())
    net = torch.nn.Sequential(experiment.twin[0], experiment.twin[2], experiment.twin[3])
    x = torch.zeros(1, 1, 28, 28, dtype=torch.float64, requires_grad=True)
    for digit, weights in enumerate(experiment.picture()["weights"]):
        (gradient,) = torch.autograd.grad(net(x)[0, digit], x)
        np.testing.assert_allclose(weights, gradient[0, 0], atol=1e-6)


def test_a_relu_on_the_logits_kills_classes():
    sound, broken = (
        DigitsScratch(DigitsScratch.Config(relu_on_logits=mistake)) for mistake in (False, True)
    )
    right, wrong = run(sound, 100)[-1], run(broken, 100)[-1]
    assert wrong["numpy.accuracy"] < right["numpy.accuracy"] - 0.1
    dead = broken.dead.nonzero().flatten().tolist()
    assert dead == [0, 1]
    assert broken.picture()["confusion"][:, 1].sum() == 0
    assert "Dead outputs, at zero even for their own digits: 0, 1." in broken.words()
    assert "Dead" not in sound.words()
    assert wrong["difference"] < 1e-12


def test_32_bits_drift_apart_further():
    experiment = DigitsScratch(DigitsScratch.Config(precision="float32"))
    rows = run(experiment, 60)
    assert 1e-9 < rows[-1]["difference"] < 1e-5
    assert experiment.net.parameters["0.weight"].dtype == np.float32


def test_dead_filters_are_told():
    experiment = DigitsScratch(DigitsScratch.Config(learning_rate=10))
    run(experiment, 50)
    assert "That is chance: the filters are dead" in experiment.words()
    experiment.twin[0].bias.data.fill_(1.0)
    assert "That is chance; take a smaller learning rate." in experiment.words()


def test_batches_of_an_epoch_share_nothing_and_what_is_left_over_sits_out():
    order, source = torch.arange(10), generator(0)
    first = torch.cat([next_batch(order, source, step, 3) for step in range(3)])
    assert first.tolist() == list(range(9))
    second = torch.cat([next_batch(order, source, step, 3) for step in range(3, 6)])
    assert len(set(second.tolist())) == 9
    assert second.tolist() != first.tolist()


def test_each_epoch_sees_every_digit_once_in_another_order():
    experiment = DigitsScratch(DigitsScratch.Config(batch_size=500, epochs=2))
    orders = []
    for _ in range(2):
        seen = []
        for _ in range(100):
            seen += [image.tobytes() for image in experiment.batch().images]
            experiment.steps += 1
        assert len(set(seen)) == 50_000
        orders.append(seen)
    assert orders[0][:10] != orders[1][:10]


def test_diverged_nets_are_drawn_calmly():
    scratch, whole = DigitsScratch(DigitsScratch.SMOKE), DigitsWhole(DigitsWhole.SMOKE)
    scratch.net.parameters["0.weight"][...] = 1e60  # a number still, but none in a frame
    assert np.isnan(scratch.picture()["filters"]).all()
    scratch.net.parameters["0.weight"][...] = np.inf
    assert np.isnan(scratch.picture()["filters"]).all()
    assert "diverged" in scratch.words()
    with torch.no_grad():
        whole.nets["mlp"][0].weight.fill_(torch.inf)
    whole.evaluate()
    assert np.isnan(whole.picture()["hidden"]).all()
    assert "diverged" in whole.words()


def test_reach_of_two_layers_on_the_whole_set():
    experiment = DigitsWhole(DigitsWhole.Config(epochs=3))
    last = run(experiment)[-1]
    assert last["mlp.accuracy"] >= 0.97
    assert 0.91 <= last["softmax.accuracy"] <= 0.94
    assert experiment.tested[1] >= 0.97
    assert "opened only now" in experiment.words()
    assert len(experiment.truth) == 10_000


def test_one_step_is_the_formula_with_its_penalty():
    config = DigitsWhole.Config(l2=0.3, learning_rate=0.05, hidden=8)
    experiment = DigitsWhole(config)
    images, labels = experiment.batch()
    before = {
        f"{name}.{key}": value.clone()
        for name, net in experiment.nets.items()
        for key, value in net.state_dict().items()
    }
    loss = sum(
        torch.nn.functional.cross_entropy(n(images), labels) for n in experiment.nets.values()
    )
    parameters = [p for net in experiment.nets.values() for p in net.parameters()]
    gradients = torch.autograd.grad(loss, parameters)
    experiment.step()
    for (name, old), new, slope in zip(before.items(), parameters, gradients, strict=True):
        penalty = 0.3 * old if name.endswith("weight") else 0.0
        torch.testing.assert_close(new.detach(), old - 0.05 * (slope + penalty))


def test_pixels_of_nothing_but_paper_keep_their_start():
    experiment = DigitsWhole(DigitsWhole.Config(l2=0.0, hidden=8))
    start = experiment.nets["softmax"][0].weight.detach().clone()
    run(experiment, 20)
    moved = (experiment.nets["softmax"][0].weight.detach() != start).any(dim=0)
    paper = torch.from_numpy(load("train").images.max(axis=0) == 0).flatten()
    assert paper.sum() == 67
    assert not moved[paper].any()
    assert moved[~paper].float().mean() > 0.8


def test_dead_units_are_told():
    experiment = DigitsWhole(DigitsWhole.Config(learning_rate=10, hidden=16))
    run(experiment, 50)
    assert "of the hidden units are dead" in experiment.words()


def test_ten_of_each_are_enough_for_hand_made_features_alone():
    experiment = DigitsFew(DigitsFew.Config(largest=10, repeats=1, batches=150))
    run(experiment)
    raw, gabor, net = experiment.means()[-1].tolist()
    assert gabor > 0.9 > max(raw, net) + 0.05
    assert min(raw, net) > 0.7
    assert "Gabor had passed the net's figure with 5 of each." in experiment.words()
    picture = experiment.picture()
    assert picture["gabor_runs"].shape == (4, 2)
    assert picture["gabor"][-1] == pytest.approx(gabor)


def test_repeats_learn_from_other_digits():
    experiment = DigitsFew(DigitsFew.SMOKE)
    first, again, other = (experiment.train(2, repeat).images for repeat in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_long_training_of_the_net_takes_several_steps():
    config = DigitsFew.SMOKE.variant(batches=301, held_out=20)
    experiment = DigitsFew(config)
    assert experiment.total == 4 * 4
    run(experiment, 3)
    half = experiment.net[0].weight.detach().clone()
    assert experiment.accuracy[0, 0, 2].isnan()  # not done yet
    run(experiment, 1)
    assert 0 < (experiment.net[0].weight - half).abs().max() < 2 * config.learning_rate
    assert experiment.accuracy[0, 0].isfinite().all()
    source = generator(config.seed)
    net = small_cnn(source)
    optimizer = torch.optim.Adam(net.parameters(), config.learning_rate)
    train = experiment.train(1, 0)
    for _ in range(301):
        index = torch.randperm(10, generator=source)
        logits = net(torch.from_numpy(train.images[index.numpy()]).float()[:, None] / 255)
        loss = torch.nn.functional.cross_entropy(
            logits, torch.from_numpy(train.labels).long()[index]
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    torch.testing.assert_close(experiment.net[0].weight, net[0].weight)


def test_a_frame_draws_no_random_numbers(monkeypatch):
    for kind in (DigitsFew, DigitsSVM, DigitsScratch, DigitsWhole):
        experiment = kind(kind.SMOKE)
        with monkeypatch.context() as patch:
            patch.setattr(torch, "randperm", None)
            experiment.picture()


def test_small_cnn_starts_from_its_source_alone():
    state = torch.get_rng_state()
    first, second = small_cnn(generator(0)), small_cnn(generator(0))
    assert torch.equal(state, torch.get_rng_state())
    assert first(torch.zeros(2, 1, 28, 28)).shape == (2, 10)
    for mine, theirs in zip(first.parameters(), second.parameters(), strict=True):
        assert torch.equal(mine, theirs)
    assert first[2].weight.abs().max() <= (16 * 25) ** -0.5
    assert first[2].weight.abs().max() > 0.99 * (16 * 25) ** -0.5
