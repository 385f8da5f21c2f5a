"""The experiments of the page on attacks: what they count, draw and say."""

import numpy as np
import pytest
import torch

from core import checkpoints
from core.attacks import fgsm, input_gradient, iterative_fgsm, pgd
from core.attacks.balls import length
from core.attacks.sweep import right, under_fgsm, under_pgd
from core.config import ConfigError, generator
from core.data import cifar
from core.data.pictures import load_photo, square
from core.experiments.vision.adversarial_training import AdversarialTraining
from core.experiments.vision.attack_picture import AttackPicture
from core.experiments.vision.attack_sweep import EPSILONS, AttackSweep
from core.experiments.vision.pixel_gradients import PixelGradients
from core.nets.cnn.trained import classifier
from core.probes.rgb import about_grey, as_bytes
from core.probes.robustness import robustness

EPSILON = 8 / 255


def drain(experiment):
    rows = []
    while (scalars := experiment.step()) is not None:
        rows.append({name: float(value) for name, value in scalars.items()})
    return rows


def test_the_steps_of_the_picture_are_those_of_the_attacks():
    net, test = classifier("cifar_small"), cifar.load("test")
    x, y = cifar.pixels(test.images[7:8]), test.labels[7:8]
    found = {
        "fgsm": ({"attack_steps": 1, "alpha": 1.0}, fgsm(net, x, y, EPSILON)),
        "iterative FGSM": (
            {},
            iterative_fgsm(net, x, y, EPSILON, alpha=EPSILON / 5, steps=5),
        ),
        "targeted, norm 2": (
            {"norm": "2", "radius": 0.5, "target": "ship"},
            iterative_fgsm(
                net, x, torch.tensor([8]), 0.5, alpha=0.1, steps=5, norm="2", targeted=True
            ),
        ),
        "PGD": (
            {"random_start": True, "attack_steps": 8},
            pgd(net, x, y, EPSILON, alpha=EPSILON / 5, steps=8, source=generator(0)),
        ),
    }
    for name, (settings, expected) in found.items():
        experiment = AttackPicture(AttackPicture.Config(picture=7, **settings))
        drain(experiment)
        torch.testing.assert_close(experiment.moved, expected, msg=name)


def test_what_is_drawn_is_the_picture_the_change_and_their_sum():
    experiment = AttackPicture(AttackPicture.Config(picture=3))
    rows = drain(experiment)
    original, change, attacked = experiment.picture()["pictures"].astype(int)
    np.testing.assert_array_equal(original, cifar.load("test").images[3].permute(1, 2, 0).numpy())
    np.testing.assert_allclose((change - 127.5) * 16 / 255, attacked - original, atol=0.6)
    assert rows[-1]["truth.p"] < rows[0]["truth.p"]
    assert rows[-1]["truth.p"] == experiment.picture()["probabilities"][experiment.label]
    assert "change × 16" in experiment.picture()["captions"][1]
    assert experiment.words().startswith("Step 5 of 5: no pixel has moved by more than 8.0/255")


def test_live_changes_bring_the_picture_back_into_a_smaller_ball():
    experiment = AttackPicture(AttackPicture.Config(attack_steps=6))
    for _ in range(5):
        experiment.step()
    experiment.config = experiment.config.variant(epsilon=2.0, target="frog")
    experiment.step()
    assert (experiment.moved - experiment.image).abs().max() <= 2 / 255 + 1e-6


def test_logits_along_the_way_are_those_of_the_net():
    experiment = AttackPicture(AttackPicture.Config(picture=5))
    made = experiment.backdrop()
    assert made["way"][[0, 20, 40]].tolist() == [-32, 0, 32]
    direction = input_gradient(experiment.net, experiment.image, experiment.label).sign()
    far = experiment.image + 32 / 255 * direction
    with torch.no_grad():
        near, beyond = experiment.net(torch.cat([experiment.image, far]))
    truth = int(experiment.label)
    np.testing.assert_allclose(
        made["truth"][[20, 40]], [float(near[truth]), float(beyond[truth])], atol=1e-3
    )
    others = np.concatenate([made["rival"][None], made["others"]])
    np.testing.assert_allclose(
        np.sort(others[:, 20]), np.sort(np.delete(near.numpy(), truth)), atol=1e-3
    )
    lead = (others - made["truth"])[:, 20:].max(axis=1)
    assert lead.argmax() == 0


def test_own_pictures_are_judged_by_the_nets_first_answer(monkeypatch):
    photo = load_photo("flower")
    monkeypatch.setattr("core.experiments.vision.attack_picture.load_photo", lambda _: photo)
    experiment = AttackPicture(AttackPicture.Config(photo="0" * 32))
    assert experiment.picture()["pictures"][0].tolist() == square(photo.pixels, 32).tolist()
    assert int(experiment.before.argmax()) == int(experiment.label)
    assert "of your own" in experiment.provenance()["data"]


def test_own_pictures_that_are_gone_are_named():
    with pytest.raises(ConfigError, match="upload"):
        AttackPicture(AttackPicture.Config(photo="0" * 32))
    with pytest.raises(ConfigError, match="upload"):
        AttackPicture.Config.parse({"photo": "../secret"})


def test_an_attack_without_a_gradient_says_so(monkeypatch):
    experiment = AttackPicture(AttackPicture.SMOKE)
    with torch.no_grad():
        experiment.net.head[-1].weight.zero_()
    experiment.step()
    assert torch.equal(experiment.moved, experiment.image)
    assert "The gradient is exactly zero" in experiment.words()


def test_the_sweep_finds_what_each_attack_finds_alone():
    net, test = classifier("cifar_robust"), cifar.load("test").first(30)
    x, y = cifar.pixels(test.images), test.labels
    epsilons = [0.0, 0.01, 0.02, 0.1]
    once = under_fgsm(net, x, y, epsilons)
    for epsilon, alive in zip(epsilons, once, strict=True):
        assert torch.equal(alive, right(net, fgsm(net, x, y, epsilon), y))
    how = {"steps": 3, "norm": "2"}
    often = under_pgd(net, x, y, epsilons, alpha=0.5, source=generator(0), **how)
    assert torch.equal(often[0], right(net, x, y))
    assert not (often[1:] & ~often[:-1]).any()  # nobody comes back
    first = often[0]
    moved = pgd(net, x[first], y[first], 0.01, alpha=0.005, source=generator(0), **how)
    assert torch.equal(often[1][first], right(net, moved, y[first]))


@pytest.mark.parametrize(
    ("kind", "settings", "sentence"),
    [
        (AttackSweep, {"batch_size": 1000, "attack_steps": 2}, "product be at most 1,000"),
        (AttackSweep, {"batch_size": 11, "attack_steps": 100}, "product be at most 1,000"),
        (AdversarialTraining, {"batch_size": 1024, "attack_steps": 3}, "the batches smaller"),
        (AdversarialTraining, {"held_out": 1001}, "1,000 validation pictures are the most"),
    ],
)
def test_what_would_keep_a_cpu_for_minutes_is_refused(kind, settings, sentence):
    with pytest.raises(ConfigError, match=sentence):
        kind(kind.Config(**settings))


def test_the_sweeps_curves_are_shares_of_the_pictures_seen():
    experiment = AttackSweep(AttackSweep.Config(pictures=50, batch_size=20, attack_steps=1))
    assert np.isnan(experiment.picture()["cifar_small_fgsm"]).all()
    rows = drain(experiment)
    assert len(rows) == 3
    test = cifar.load("test").first(50)
    x, y = cifar.pixels(test.images), test.labels
    picture = experiment.picture()
    for name in ("cifar_small", "cifar_robust"):
        net = classifier(name)
        expected = [
            float(right(net, fgsm(net, x, y, epsilon / 255), y).float().mean())
            for epsilon in EPSILONS["inf"]
        ]
        assert picture[f"{name}_fgsm"].tolist() == pytest.approx(expected, abs=0.021)
        assert (np.diff(picture[f"{name}_pgd"]) <= 0).all()
        assert rows[-1][f"{name}.pgd"] == picture[f"{name}_pgd"][7]
    assert picture["shown"].shape == (20, 32, 32, 3)
    assert "50 of 50 pictures" in experiment.words()


def test_the_attack_within_training_stays_in_its_ball_and_leaves_the_statistics_alone():
    experiment = AdversarialTraining(AdversarialTraining.SMOKE)
    x, target = experiment.batch()
    before = {k: v.clone() for k, v in experiment.nets["robust"].state_dict().items()}
    moved = experiment.attacked(x, target)
    assert 0.9 * EPSILON < (moved - x).abs().max() <= EPSILON + 1e-6
    after = experiment.nets["robust"].state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_training_on_attacked_pictures_makes_a_net_harder_to_fool():
    config = AdversarialTraining.Config(
        batch_size=32, epochs=1, held_out=100, evaluate_every=1000, learning_rate=0.05
    )
    experiment = AdversarialTraining(config)
    experiment.total = 120
    last = drain(experiment)[-1]
    assert last["robust.attacked"] > last["plain.attacked"] + 0.05
    assert last["robust.accuracy"] > 0.2
    assert f"{100 * last['robust.attacked']:.0f} % right" in experiment.words()


def test_twins_start_alike_and_a_net_alone_learns_the_same():
    both = AdversarialTraining(AdversarialTraining.SMOKE)
    alone = AdversarialTraining(AdversarialTraining.SMOKE.variant(twin=False))
    start = zip(*(net.parameters() for net in both.nets.values()), strict=True)
    assert all(torch.equal(a, b) for a, b in start)
    for _ in range(2):
        both.step()
        alone.step()
    weights = zip(both.nets["robust"].parameters(), alone.nets["robust"].parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in weights)
    assert "the plain one" not in alone.words()


def test_a_diverged_training_is_drawn_calmly():
    experiment = AdversarialTraining(AdversarialTraining.SMOKE)
    with torch.no_grad():
        experiment.nets["robust"].head[-1].weight.fill_(torch.inf)
    experiment.step()
    assert experiment.picture()["pictures"].shape == (18, 32, 32, 3)
    assert "diverged" in experiment.words()


def test_gradients_of_wrong_pictures_are_longer():
    experiment = PixelGradients(PixelGradients.Config(pictures=200, batch_size=50))
    drain(experiment)
    right_, wrong = experiment.medians()
    assert wrong > 3 * right_
    picture = experiment.picture()
    seen = [np.isfinite(picture[name][:, 0]).sum() for name in ("right", "wrong")]
    assert sum(seen) == 200
    test = cifar.load("test").first(200)
    x, y = cifar.pixels(test.images), test.labels
    lengths = length(input_gradient(experiment.net, x, y)).flatten()
    torch.testing.assert_close(experiment.lengths, lengths, rtol=1e-3, atol=1e-4)
    assert f"{seen[0]:,} are right and {seen[1]:,} wrong" in experiment.words()
    said = {experiment.caption(i) for i in range(200)}
    assert {"plane", "car"} < said
    assert max(map(len, said)) <= len("truck as horse")  # all that the page has room for


def test_own_scale_changes_only_how_gradients_are_drawn():
    experiment = PixelGradients(PixelGradients.Config(pictures=100, batch_size=50))
    drain(experiment)
    common = np.abs(experiment.picture()["gradients"] - 127.5).max(axis=(1, 2, 3))
    experiment.config = experiment.config.variant(own_scale=True)
    own = np.abs(experiment.picture()["gradients"] - 127.5).max(axis=(1, 2, 3))
    assert common.max() == 127.5
    assert (common < 100).any()
    assert (own == 127.5).all()


def test_pictures_become_bytes_and_gradients_grey_about_zero():
    images = torch.tensor([-1.0, 0.0, 0.5, 1.0, 2.0]).reshape(1, 1, 1, 5).expand(1, 3, 1, 5)
    assert as_bytes(images)[0, 0, :, 1].tolist() == [0, 0, 128, 255, 255]
    drawn = about_grey(torch.cat([4 * images, 0 * images]))
    assert drawn[0, 0, 0].tolist() == [0.25, 0.5, 0.625, 0.75, 1]
    assert (drawn[1] == 0.5).all()
    alike = about_grey(torch.cat([images, images / 2]), torch.full((1, 1, 1, 1), 2.0))
    assert alike[:, 0, 0, 4].tolist() == [1, 0.75]
    assert not as_bytes(torch.full((1, 3, 1, 1), torch.nan)).any()


def test_what_the_exercises_claim():
    def taken(**settings):
        experiment = AttackPicture(AttackPicture.Config(**settings))
        drain(experiment)
        p = experiment.picture()["probabilities"]
        return cifar.CLASSES[p.argmax()], p.max()

    assert taken(epsilon=1.0)[0] == "dog"
    noise = taken(attack_steps=1, alpha=0.01, random_start=True)
    before = AttackPicture(AttackPicture.Config()).picture()["before"]
    assert noise[0] == "cat"
    assert abs(noise[1] - before.max()) < 0.1
    led, sure = taken(attack_steps=20, target="frog")
    assert led == "frog"
    assert sure > 0.99
    truck = AttackPicture(AttackPicture.Config(picture=11)).picture()["before"]
    assert truck[9] > 0.99
    assert taken(picture=11, attack_steps=1, alpha=1.0)[0] != "truck"
    assert taken(picture=11, epsilon=2.0)[0] == "truck"


def test_the_robust_net_resists_as_its_manifest_says():
    figures = checkpoints.about("cifar_robust")["figures"]
    assert figures["test_pgd10"] > 0.35
    measured = robustness(classifier("cifar_robust"), most=300)
    for name, share in measured.items():
        assert share == pytest.approx(figures[name], abs=0.09)  # three standard errors
    plain = robustness(classifier("cifar_small"), most=100)
    assert plain["test_pgd10"] < 0.05
