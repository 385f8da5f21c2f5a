"""What the experiments on the diffusion of points do beyond the contract."""

import math

import numpy as np
import pytest
import safetensors.torch
import torch

from core.config import ConfigError
from core.data import own
from core.experiments import find
from core.nets.time_mlp import TimeMLP
from core.probes.fields import SPACING, score_moves

Noising = find("diffusion_2d_noising")
Training = find("diffusion_2d_training")
Sampling = find("diffusion_2d_sampling")


def drain(experiment) -> list:
    return list(iter(experiment.step, None))


@pytest.fixture
def own_points(tmp_path, monkeypatch) -> str:
    """The key of 300 points on a ring, without classes."""
    monkeypatch.setenv("GLASSBOX_UPLOADS", str(tmp_path / "uploads"))
    angles = np.linspace(0, 2 * np.pi, 300, endpoint=False)
    ring = np.stack([np.cos(angles), 3 * np.sin(angles)], axis=1)
    return own.keep({"data": ring, "labels": np.zeros(300, np.int64)})


def test_noising_ends_in_noise():
    experiment = Noising(Noising.Config(timesteps=100, schedule="cosine"))
    data = experiment.backdrop()["data"]
    assert np.array_equal(experiment.picture()["x_t"], data)
    scalars = drain(experiment)
    assert len(scalars) == 100
    x_t = experiment.picture()["x_t"]
    np.testing.assert_allclose(x_t.mean(0), 0, atol=0.05)
    np.testing.assert_allclose(x_t.std(0), 1, atol=0.05)
    assert abs(np.corrcoef(x_t[:, 0], data[:, 0])[0, 1]) < 0.15
    assert scalars[0]["own_class"] > 0.95
    assert scalars[-1]["own_class"] < 0.35
    assert all(
        s["sqrt_alpha_cumprod"] ** 2 + s["sqrt_one_minus_alpha_cumprod"] ** 2 == pytest.approx(1)
        for s in scalars
    )


def test_noising_moves_each_point_on_its_own_path():
    experiment = Noising(Noising.Config())
    data = experiment.backdrop()["data"]
    noises = []
    for _ in range(3):
        for _ in range(20):
            scalars = experiment.step()
        x_t = experiment.picture()["x_t"]
        noises.append(
            (x_t - scalars["sqrt_alpha_cumprod"] * data) / scalars["sqrt_one_minus_alpha_cumprod"]
        )
    np.testing.assert_allclose(noises[0], noises[2], atol=1e-4)


def test_training_learns_and_judges_its_samples():
    experiment = Training(Training.Config(timesteps=100, evaluate_every=200))
    scalars = [experiment.step() for _ in range(400)]
    assert np.mean([s["loss"] for s in scalars[-50:]]) < 0.75 * scalars[0]["loss"]
    assert all(math.isnan(s["nll"]) for s in scalars[:199])
    assert scalars[199]["nll"] == scalars[398]["nll"] != scalars[399]["nll"]
    assert scalars[399]["validation_loss"] < scalars[199]["validation_loss"]
    assert scalars[399]["precision"] > 0.3
    assert "within 0.05" in experiment.words()


def test_training_shows_the_last_points_and_where_they_lead():
    experiment = Training(Training.Config(batch_size=1000))
    assert len(experiment.picture()["pred_xstart"]) == 0
    for steps, shown in ((1, 1000), (4, 5000), (1, 5000)):
        for _ in range(steps):
            experiment.step()
        picture = experiment.picture()
        assert picture["pred_xstart"].shape == (shown, 2)
        assert picture["labels"].shape == (shown,)
    recent = experiment.recent.flatten(0, 1).numpy()
    x_t, t = recent[:, :2], recent[:, 4]
    early = t < 5  # with hardly any noise, x̂_0 is where x_t is
    np.testing.assert_allclose(picture["pred_xstart"][early], x_t[early], atol=0.1)


def test_training_picture_asks_no_net(monkeypatch):
    experiment = Training(Training.Config(batch_size=512))
    for _ in range(11):
        experiment.step()
    monkeypatch.setattr(TimeMLP, "forward", None)
    assert len(experiment.picture()["pred_xstart"]) == 5000


def test_learning_rate_decays_and_is_live(own_points):
    settings = {"data": own_points, "timesteps": 10, "batch_size": 300}  # 10 steps per epoch
    experiment = Training(Training.Config.parse({**settings, "epochs": 4}))
    rates = [experiment.step()["learning_rate"] for _ in range(20)]
    assert rates[0] == 1e-3
    assert rates == sorted(rates, reverse=True)
    experiment.config = experiment.config.variant(learning_rate=1e-2)
    assert experiment.step()["learning_rate"] == pytest.approx(1e-2 / 2)

    steps = Training(Training.Config.parse({**settings, "epochs": 6, "decay": "step"}))
    rates = [row["learning_rate"] for row in drain(steps)]
    assert rates[::20] == pytest.approx([1e-3, 1e-3 * 0.99, 1e-3 * 0.99**2])
    assert rates[19] == 1e-3


def test_the_courses_settings():
    experiment = Training(Training.COURSE)
    assert experiment.steps_per_epoch == 250
    assert experiment.total == 75_000


def test_diverged_training_says_so():
    experiment = Training(Training.Config(timesteps=10, learning_rate=1.0, evaluate_every=5))
    with torch.no_grad():
        experiment.nets["denoiser"].layers[0].weight.fill_(math.nan)
    for _ in range(5):
        scalars = experiment.step()
    assert math.isnan(scalars["loss"])
    assert scalars["precision"] == 0
    assert "diverged" in experiment.words()
    experiment.picture()


def test_training_on_own_points(own_points):
    experiment = Training(Training.Config(data=own_points, timesteps=10, evaluate_every=10))
    assert len(drain(experiment)) == math.ceil(300 * 10 / 512) * 2
    assert experiment.backdrop()["names"].tolist() == ["points"]
    assert experiment.picture()["coverage"].shape == (1,)
    assert experiment.provenance()["data"] == "300 points of your own"


@pytest.mark.parametrize("data", ["0" * 32, "../states", "no"])
def test_unknown_points_are_answered_in_one_sentence(data):
    with pytest.raises(ConfigError, match="upload the file again"):
        Training(Training.Config.parse({"data": data}))


@pytest.mark.parametrize("sampler", ["ddpm", "ddim"])
def test_sampling_ends_where_it_predicts(sampler):
    experiment = Sampling(Sampling.Config(samples=500, sampler=sampler))
    scalars = drain(experiment)
    assert len(scalars) == (500 if sampler == "ddpm" else 50)
    picture = experiment.picture()
    np.testing.assert_allclose(picture["x_t"], picture["pred_xstart"], atol=1e-5)
    assert scalars[-1]["t"] == 0
    assert scalars[-1]["precision"] > 0.9
    assert scalars[0]["precision"] < 0.6
    assert "t = 0 of 500" in experiment.words()


def test_guidance_leads_to_one_state_and_is_live():
    experiment = Sampling(Sampling.Config(samples=300, sampler="ddim", label="3"))
    assert experiment.step()["accuracy"] < 0.9
    experiment.config = experiment.config.variant(guidance_scale=2.0)
    scalars = drain(experiment)
    assert scalars[-1]["accuracy"] > 0.97
    picture = experiment.picture()
    assert set(picture["labels"]) == {3}
    assert picture["shares"][3] > 0.97
    assert "at their class" in experiment.words()


def test_sampling_shows_the_plane():
    experiment = Sampling(Sampling.Config(samples=100, sampler="ddim", ddim_steps=20))
    for _ in range(19):
        experiment.step()
    picture, backdrop = experiment.picture(), experiment.backdrop()
    classes, arrows = picture["classes"], picture["score"]
    assert (classes.shape, arrows.shape) == ((40, 40), (225, 4))
    cells = np.floor((backdrop["data"] + 3) / 6 * 40).astype(int)
    assert (classes[cells[:, 1], cells[:, 0]] == backdrop["data_labels"]).mean() > 0.9
    assert np.array_equal(arrows[0, :2], [-3, -3])
    assert arrows[1, 0] > arrows[0, 0]
    assert arrows[1, 1] == arrows[0, 1]


def test_a_score_arrow_leads_to_the_data():
    experiment = Sampling(Sampling.Config(samples=100, sampler="ddim", ddim_steps=20))
    for _ in range(16):
        experiment.step()
    data = experiment.backdrop()["data"]
    arrows = score_moves(experiment.diffusion, experiment.t).numpy()
    shown = experiment.picture()["score"]
    assert (np.linalg.norm(shown[:, 2:], axis=1) < SPACING).all()
    turned = shown[:, 2] * arrows[:, 3] - shown[:, 3] * arrows[:, 2]
    assert np.abs(turned).max() < 1e-4
    signal = experiment.schedule.coefficients[experiment.t].sqrt_alpha_cumprod
    near = np.linalg.norm(arrows[:, :2], axis=1) < 1.5

    def distance(points):
        return np.linalg.norm(points[:, None] / signal - data, axis=2).min(1)

    before, after = distance(arrows[near, :2]), distance(arrows[near, :2] + arrows[near, 2:])
    assert after.mean() < 0.5 * before.mean()


def test_sampling_from_a_training_run(tmp_path, monkeypatch, own_points):
    monkeypatch.setenv("GLASSBOX_FOLDER", str(tmp_path))
    key = "ab" * 16
    (tmp_path / key).mkdir()
    training = Training(Training.Config(data=own_points, timesteps=20, evaluate_every=5))
    drain(training)
    safetensors.torch.save_file(training.state_dict(), tmp_path / key / "checkpoint.safetensors")

    settings = {"data": own_points, "weights": key, "samples": 100}
    experiment = Sampling(Sampling.Config.parse(settings))
    assert len(drain(experiment)) == 20
    assert experiment.provenance()["weights"] == "of a training run here"

    begun, state = Sampling(Sampling.Config.parse(settings)), training.state_dict()
    saved = begun.state_dict()
    state["denoiser.layers.0.weight"] *= 2  # the training goes on
    safetensors.torch.save_file(state, tmp_path / key / "checkpoint.safetensors")
    again = Sampling(Sampling.Config.parse(settings))
    again.load_state_dict(saved)
    assert drain(again) == drain(begun)

    with pytest.raises(ConfigError, match="no classifier"):
        Sampling(Sampling.Config.parse({**settings, "guidance_scale": 1}))


def test_settings_that_do_not_fit_the_weights_are_answered(own_points):
    for settings, told in (
        ({"label": "6"}, "no class 6"),
        ({"data": own_points}, "learnt other points"),
        ({"weights": "0" * 32}, "train again"),
        ({"weights": "../x"}, "train again"),
    ):
        with pytest.raises(ConfigError, match=told):
            Sampling(Sampling.Config.parse(settings))


def test_provenance_quotes_the_figures_of_the_shipped_weights():
    assert "NLL" in Sampling(Sampling.SMOKE).provenance()["weights"]
