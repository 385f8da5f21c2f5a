"""The shipped weights are what they say, reach what they must, and can be made anew."""

import json

import pytest
import safetensors.torch
import torch

from core import assets, checkpoints
from core.config import ConfigError
from core.data.points import load_points
from core.data.states import sample_states
from core.experiments import find
from core.probes.reach import reach
from core.probes.samples import Judge
from core.recipes import RECIPES


@pytest.fixture(scope="module")
def figures() -> dict[str, float]:
    return reach(checkpoints.shipped("diffusion_2d"), load_points("states"))


def test_unguided_samples_are_the_states(figures):
    assert abs(figures["nll"] - figures["nll_of_data"]) < 0.03
    assert 0.17 < figures["least_share"] <= figures["largest_share"] < 0.23
    assert figures["precision"] > 0.93
    assert figures["own_nll"] - figures["own_nll_of_data"] < 0.1


def test_guided_samples_are_their_class_and_too_much_guidance_loses_the_rest(figures):
    assert figures["accuracy_2"] > 0.97
    assert figures["coverage_1"] > 0.98
    assert figures["coverage_4"] < 0.5


def test_at_scale_1_a_guided_sample_is_its_class_as_often_as_data_is(figures):
    """States share borders: of fresh points on the outlines, 3 % lie nearest to a neighbour."""
    (first, *_), (fresh, labels, _) = sample_states(), sample_states(seed=1)
    points = ((fresh - first.mean(0)) / first.std(0, correction=0)).float()
    _, nearest = Judge(load_points("states")).nearest(points)
    ceiling = (nearest == labels.numpy()).mean()
    assert 0.96 < ceiling < 0.97
    assert figures["accuracy_1"] == pytest.approx(ceiling, abs=0.02)


def test_figures_are_those_of_the_manifest(figures):
    noted = checkpoints.about("diffusion_2d")["figures"]
    assert noted == pytest.approx(figures, abs=5e-3)


def test_manifest_says_where_weights_come_from():
    folder = checkpoints.WEIGHTS
    notes = assets.manifest(folder)
    assert {path.name for path in folder.glob("*.safetensors")} == set(notes)
    for name, note in notes.items():
        assert note["made_by"] == f"python -m core.checkpoints {name.removesuffix('.safetensors')}"
        assert note.keys() >= {"sha256", "licence", "data", "torch", "settings", "figures"}
        assert (folder / name).stat().st_size < 4 * 10**6


def test_changed_weights_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoints, "WEIGHTS", tmp_path)
    (tmp_path / "manifest.json").write_text(json.dumps({"a.safetensors": {"sha256": "0" * 64}}))
    (tmp_path / "a.safetensors").write_bytes(b"changed")
    with pytest.raises(assets.AssetError, match="differs"):
        checkpoints.shipped("a")
    with pytest.raises(assets.AssetError, match="not among"):
        checkpoints.shipped("b")


def test_rebuild_writes_weights_that_load(tmp_path, monkeypatch, capsys):
    recipe = RECIPES["diffusion_2d"]
    quick = {"timesteps": 10, "epochs": 1, "batch_size": 4096}
    note = checkpoints.rebuild("diffusion_2d", tmp_path, **quick)
    assert note["figures"].keys() == checkpoints.about("diffusion_2d")["figures"].keys()
    assert note["settings"].items() >= {"timesteps": "10", "batch_size": "4096"}.items()
    monkeypatch.setattr(checkpoints, "WEIGHTS", tmp_path)
    saved = checkpoints.shipped("diffusion_2d")
    assert {name.partition(".")[0] for name in saved} == set(recipe.keep)


def test_weights_of_a_run(tmp_path, monkeypatch):
    monkeypatch.setenv("GLASSBOX_FOLDER", str(tmp_path))
    key = "0123456789abcdef" * 2
    (tmp_path / key).mkdir()
    path = tmp_path / key / "checkpoint.safetensors"
    safetensors.torch.save_file({"betas": torch.ones(3)}, path)
    assert checkpoints.of_run(key)["betas"].tolist() == [1, 1, 1]
    path.write_bytes(b"half a file")
    for bad in (key, "f" * 32, "../" + key, "", key + "\n"):
        with pytest.raises(ConfigError, match="train again"):
            checkpoints.of_run(bad)


@pytest.mark.parametrize(
    ("name", "weights"),
    [
        ("caption_writing", "captioners"),
        ("distillation", "summariser"),
        ("language_writing", "language_model"),
        ("review_reading", "rater"),
        ("translate_writing", "translator"),
        ("vae_walk", "vae"),
        ("word_reading", "reader"),
    ],
)
def test_weights_that_have_diverged_are_refused(monkeypatch, name, weights):
    lost = {
        key: tensor * torch.nan if tensor.is_floating_point() else tensor
        for key, tensor in checkpoints.shipped(weights).items()
    }
    if name == "review_reading":
        lost["extra"] = torch.zeros(0, dtype=torch.uint8)
    monkeypatch.setattr(checkpoints, "of_run", lambda key: lost)
    kind = find(name)
    with pytest.raises(ConfigError, match="diverged"):
        kind(kind.SMOKE.model_copy(update={"weights": "0" * 32}))
