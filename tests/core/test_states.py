"""The five states: points on their outlines, evenly by length, always the same."""

import json
import shutil

import numpy as np
import pytest
import torch
from scipy.spatial import cKDTree

from core import assets
from core.data import states
from core.data.points import load_points
from core.data.states import along, outlines, sample_states


def test_a_thousand_points_per_state():
    data, labels, names = sample_states()
    assert data.shape == (5000, 2)
    assert labels.bincount().tolist() == [1000] * 5
    assert names == ("Ohio", "Wisconsin", "Oklahoma", "Idaho", "Michigan")


def test_same_seed_same_points():
    assert torch.equal(sample_states()[0], sample_states()[0])
    assert not torch.equal(sample_states()[0], sample_states(seed=1)[0])


def test_points_lie_on_every_ring_in_proportion_to_its_length():
    data, labels, names = sample_states(per_state=5000)
    for label, name in enumerate(names):
        rings = [np.array(ring) for ring in outlines()[name]]
        lengths = np.array([np.linalg.norm(np.diff(r, axis=0), axis=1).sum() for r in rings])
        fine = [along([r.tolist()], np.linspace(0, 1, 20_000, endpoint=False)) for r in rings]
        owner = np.repeat(np.arange(len(rings)), 20_000)
        distance, index = cKDTree(np.concatenate(fine)).query(data[labels == label].numpy())
        assert distance.max() < 2e-3  # degrees; half the spacing of the fine points
        found = np.bincount(owner[index], minlength=len(rings)) / 5000
        np.testing.assert_allclose(found, lengths / lengths.sum(), atol=0.02)


def test_arc_length_of_a_square():
    square = [[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.0, 0.0]]]
    places = np.array([0.0, 0.125, 0.25, 0.625, 0.875])
    expected = [(0, 0), (0.5, 0), (1, 0), (0.5, 1), (0, 0.5)]
    np.testing.assert_allclose(along(square, places), expected, atol=1e-12)


def test_standardised_together():
    points = load_points("states")
    torch.testing.assert_close(
        points.data.double().mean(0), torch.zeros(2).double(), atol=1e-6, rtol=0
    )
    torch.testing.assert_close(points.data.std(0, correction=0), torch.ones(2))
    west, east = points.data[points.labels == 3], points.data[points.labels == 0]
    assert west[:, 0].max() < east[:, 0].min()  # Idaho is west of Ohio


def test_a_changed_file_is_refused(tmp_path, monkeypatch):
    folder = tmp_path / "us_states"
    shutil.copytree(states.OUTLINES.parent, folder)
    monkeypatch.setattr(states, "OUTLINES", folder / states.OUTLINES.name)
    assert outlines()
    states.OUTLINES.write_text(json.dumps({"Ohio": []}))
    with pytest.raises(assets.AssetError, match="differs"):
        outlines()
    states.OUTLINES.unlink()
    with pytest.raises(assets.AssetError, match="not among"):
        outlines()
