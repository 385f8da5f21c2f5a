"""CIFAR-10 in three parts that share no picture, from sheets and from its author's archive."""

import hashlib
import io
import tarfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import numpy as np
import pytest
import torch
from PIL import Image

from core.config import ConfigError
from core.data import cifar


@pytest.fixture
def fresh(monkeypatch, tmp_path):
    """No data folder, an empty cache, and nothing remembered before or after."""
    monkeypatch.delenv("GLASSBOX_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    cifar.load.cache_clear()
    yield tmp_path
    cifar.load.cache_clear()


@pytest.fixture
def server(fresh):
    """Serves the folder of `fresh`; its address."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=fresh)) as serving:
        Thread(target=serving.serve_forever).start()
        yield f"http://127.0.0.1:{serving.server_port}"
        serving.shutdown()


def made_up(count, seed):
    source = np.random.default_rng(seed)
    return source.integers(0, 256, (count, 3, 32, 32), np.uint8), source.integers(
        0, 10, count, np.uint8
    )


def write_sheet(path, images, columns=5):
    grid = images.reshape(-1, columns, 3, 32, 32).transpose(0, 3, 1, 4, 2)
    Image.fromarray(grid.reshape(-1, columns * 32, 3)).save(path, lossless=True)


def write_archive(path, train, test):
    with tarfile.open(path, "w:gz") as archive:
        files = {f"data_batch_{n + 1}": (train[0][n::5], train[1][n::5]) for n in range(5)}
        for name, (images, labels) in {**files, "test_batch": test}.items():
            raw = np.hstack([labels[:, None], images.reshape(len(labels), -1)]).tobytes()
            entry = tarfile.TarInfo(f"cifar-10-batches-bin/{name}.bin")
            entry.size = len(raw)
            archive.addfile(entry, io.BytesIO(raw))


@pytest.mark.parametrize(
    ("split", "length", "first"),
    [
        ("train", 9000, ["frog", "truck", "truck", "deer"]),
        ("validation", 1000, None),
        ("test", 5000, ["cat", "ship", "ship", "airplane"]),
    ],
)
def test_shipped_parts(split, length, first):
    part = cifar.load(split)
    assert part.images.shape == (length, 3, 32, 32)
    assert part.images.dtype == torch.uint8
    assert len(part) == len(part.labels) == length
    if first:
        assert [cifar.CLASSES[label] for label in part.labels[:4]] == first
    assert part.labels.bincount(minlength=10).min() > 0.08 * length
    assert cifar.load(split) is part
    assert len(part.first(7)) == 7


def test_no_picture_is_in_two_parts():
    parts = [cifar.load(split).images.numpy() for split in ("train", "validation", "test")]
    seen = [{image.tobytes() for image in part} for part in parts]
    assert len(set.union(*seen)) == sum(map(len, seen)) == 15_000


def test_pixels_are_upright_colours():
    """The mean over CIFAR-10 is known, blue above red only in the upper half: the sky."""
    images = cifar.pixels(cifar.load("train").images)
    mean = images.mean(dim=(0, 2, 3))
    torch.testing.assert_close(mean, torch.tensor([0.4914, 0.4822, 0.4465]), atol=5e-3, rtol=0)
    upper, lower = (half[:, 2] - half[:, 0] for half in images.split(16, dim=2))
    assert upper.mean() > lower.mean() + 0.02


def test_whole_set_from_sheets_of_a_data_folder(fresh, monkeypatch):
    folder = fresh / "embed" / "cifar10"
    folder.mkdir(parents=True)
    (images, labels), (test, truth) = made_up(200, 0), made_up(20, 1)
    for at in range(10):
        write_sheet(folder / f"train_{at}.webp", images[20 * at :][:20])
    for at in range(2):
        write_sheet(folder / f"test_{at}.webp", test[10 * at :][:10])
    np.savez(folder / "labels.npz", train=labels, test=truth)
    monkeypatch.setenv("GLASSBOX_DATA", str(fresh))
    held_out = np.arange(200) % 20 >= 18
    for split, kept, answers in [
        ("train", images[~held_out], labels[~held_out]),
        ("validation", images[held_out], labels[held_out]),
        ("test", test, truth),
    ]:
        part = cifar.load(split, "whole")
        np.testing.assert_array_equal(part.images, kept)
        np.testing.assert_array_equal(part.labels, answers)


def test_whole_set_from_its_authors_archive(fresh, server, monkeypatch):
    train, test = made_up(200, 0), made_up(20, 1)
    archive = fresh / "cifar-10-binary.tar.gz"
    write_archive(archive, train, test)
    monkeypatch.setattr(cifar, "URL", f"{server}/{archive.name}")
    monkeypatch.setattr(cifar, "MD5", hashlib.md5(archive.read_bytes()).hexdigest())
    order = np.concatenate([np.arange(n, 200, 5) for n in range(5)])
    held_out = np.arange(200) % 20 >= 18
    part, rest = cifar.load("train", "whole"), cifar.load("validation", "whole")
    np.testing.assert_array_equal(part.images, train[0][order][~held_out])
    np.testing.assert_array_equal(rest.labels, train[1][order][held_out])
    archive.unlink()  # the second time it comes from the cache
    np.testing.assert_array_equal(cifar.load("test", "whole").images, test[0])


def test_what_cannot_be_had_is_told(fresh, server, monkeypatch):
    monkeypatch.setattr(cifar, "URL", f"{server}/nowhere.tar.gz")
    with pytest.raises(ConfigError, match="take the shipped part"):
        cifar.load("train", "whole")
    assert not list((fresh / "cache" / "glassbox").iterdir())
    folder = fresh / "embed" / "cifar10"
    folder.mkdir(parents=True)
    (folder / "train_0.webp").write_bytes(b"no picture")
    monkeypatch.setenv("GLASSBOX_DATA", str(fresh))
    with pytest.raises(ConfigError, match="copy the data folder again"):
        cifar.load("train", "whole")
