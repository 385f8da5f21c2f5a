"""A visitor's own points: what is good is used, everything else is one sentence."""

import io
import os
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from core.config import ConfigError, is_key
from core.data import files, own
from core.data.points import keep_points, load_points

RNG = np.random.default_rng(0)
DATA = RNG.normal(size=(60, 2))
LABELS = np.arange(60) % 3


@pytest.fixture(autouse=True)
def uploads(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("GLASSBOX_UPLOADS", str(tmp_path / "uploads"))
    return tmp_path / "uploads"


def npz(**arrays) -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)
    return stream.getvalue()


def pt(content) -> bytes:
    stream = io.BytesIO()
    torch.save(content, stream)
    return stream.getvalue()


def text(data, labels=None, header="", separator=",") -> bytes:
    columns = data if labels is None else np.column_stack([data, labels])
    rows = [separator.join(map(repr, map(float, row))) for row in columns]
    return ("\n".join(([header] if header else []) + rows) + "\n").encode()


def archive(entries, packing=zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", packing) as file:
        for name, content in entries.items():
            file.writestr(name, content)
    return stream.getvalue()


def repacked(raw, **changes) -> bytes:
    """An archive with some entries' content changed, by the end of their names."""
    with zipfile.ZipFile(io.BytesIO(raw)) as file:
        entries = {name: file.read(name) for name in file.namelist()}
    for end, change in changes.items():
        (name,) = (name for name in entries if name.endswith(end))
        entries[name] = change(entries[name])
    return archive(entries, zipfile.ZIP_STORED)


def npy(shape, dtype="<f8", content=b"") -> bytes:
    stream = io.BytesIO()
    header = {"descr": dtype, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(stream, header)
    return stream.getvalue() + content


GOOD = {
    "npz": ("points.npz", npz(data=DATA, labels=LABELS)),
    "npz float32": ("points.npz", npz(data=DATA.astype(np.float32), labels=LABELS.astype(np.int8))),
    "npz Fortran order": ("points.npz", npz(data=np.asfortranarray(DATA), labels=LABELS)),
    "pt": ("points.pt", pt({"data": torch.from_numpy(DATA), "labels": torch.from_numpy(LABELS)})),
    "pt bfloat16": (
        "POINTS.PT",
        pt({"data": torch.from_numpy(DATA).bfloat16(), "labels": torch.from_numpy(LABELS)}),
    ),
    "csv": ("points.csv", text(DATA, LABELS)),
    "csv with names": ("points.csv", text(DATA, LABELS, header="x,y,label")),
    "csv of an old Mac": (
        "points.csv",
        text(DATA, LABELS, header="x,y,label").replace(b"\n", b"\r"),
    ),
    "csv with remarks": (
        "points.csv",
        text(DATA, LABELS, "sep=;\n# x, y, label\n\nx, in m;y, in m;label", ";") + b"\n;;\n # end",
    ),
    "csv with BOM and semicolons": (
        "points.csv",
        b"\xef\xbb\xbf" + text(DATA, LABELS, header="x;y;label", separator=";"),
    ),
}


@pytest.mark.parametrize("case", GOOD)
def test_good_files_give_points_and_labels(case):
    filename, raw = GOOD[case]
    data, labels = own.check_points(files.read(raw, filename))
    np.testing.assert_allclose(data, DATA, rtol=1e-2 if "bfloat16" in case else 1e-6)
    np.testing.assert_array_equal(labels, LABELS)


@pytest.mark.parametrize(
    ("filename", "raw"),
    [
        ("a.csv", text(DATA)),
        ("a.npz", npz(data=DATA)),
        ("a.pt", pt({"data": torch.from_numpy(DATA)})),
        ("a.pt", pt(torch.from_numpy(DATA))),
        ("a.pt", pt({"data": torch.from_numpy(DATA), "labels": torch.zeros(60, dtype=torch.bool)})),
    ],
)
def test_without_labels_there_is_one_class(filename, raw):
    data, labels = own.check_points(files.read(raw, filename))
    np.testing.assert_allclose(data, DATA)
    assert not labels.any()


def lines(count: int) -> bytes:
    return b"".join(b"%d,%d\n" % (i % 97, i % 89) for i in range(count))


class Malicious:
    """Unpickled anywhere, it would make a folder."""

    def __init__(self, path) -> None:
        self.path = str(path)

    def __reduce__(self):
        return os.mkdir, (self.path,)


class Hoard:
    """Unpickled anywhere, it would fill the memory."""

    def __reduce__(self):
        return bytearray, (10**11,)


BOMB = archive({"data.npy": npy((10**9, 2)) + bytes(300 * 10**6)})
EXPANDED = torch.zeros(1, 2).expand(10**9, 2)
HUGE_VIEW = pt({"data": EXPANDED})
OUT_OF_BOUNDS = repacked(
    pt({"data": torch.zeros(20, 2)}),
    **{"data.pkl": lambda raw: raw.replace(b"K\x14K\x02", b"J\x80\x96\x98\x00K\x02")},
)

BAD = {
    "empty": ("a.csv", b"", "empty"),
    "only names": ("a.csv", b"x,y\n", "0 points"),
    "too few points": ("a.csv", b"1,2\n3,4\n", "2 points"),
    "too many bytes": ("a.csv", b"1" * (files.MOST_BYTES + 1), "more than 5 MB"),
    "too many rows": ("a.csv", lines(100_001), "100,001 points"),
    "unknown ending": ("a.xlsx", b"1,2\n", "save the points as"),
    "no ending": ("a", b"1,2\n", "save the points as"),
    "not text": ("a.csv", b"\xff\xfe\x00\x01", "not CSV"),
    "unclosed quote": ("a.csv", b'"1,2\n' * 20, "not CSV"),
    "ragged": ("a.csv", lines(20) + b"1,2,3\n", "Line 21 has 3 columns"),
    "words": ("a.csv", lines(20) + b"1,two\n", "Line 21 has “two”"),
    "not finite csv": ("a.csv", lines(20) + b"1,nan\n", "NaN or infinity"),
    "overflow": ("a.csv", lines(20) + b"1,1e999\n", "NaN or infinity"),
    "huge numbers": ("a.csv", lines(20) + b"1,1e300\n", "scale them down"),
    "blank lines": ("a.csv", b"\n" * 4_999_999, "4,999,999 lines and 100,000 points are the most"),
    "typo at the start": ("a.csv", b"1.2.3,4\n" + lines(20), "Line 1 has “1.2.3” where"),
    "nothing in a cell": ("a.csv", lines(20) + b"1,\n", "Line 21 has “” where a number belongs"),
    "decimal commas": (
        "a.csv",
        b"1,5;2\n" * 20,
        "Line 1 has “1,5” where a number belongs; write 1.5, not",
    ),
    "one column": ("a.csv", b"1\n2\n" * 20, "N × 2"),
    "four columns": ("a.csv", b"1,2,3,4\n" * 20, "N × 2"),
    "100,000 columns": ("a.csv", (b"1," * 99_999 + b"1\n") * 20, "100,000 columns and 20 are"),
    "labels with fractions": ("a.csv", text(DATA, LABELS + 0.5), "whole numbers"),
    "too many classes": ("a.csv", text(DATA, np.arange(60) // 5), "12 different labels"),
    "tiny class": ("a.csv", text(DATA, np.arange(60) == 3), "Class 1 has 1 points"),
    "flat": ("a.csv", b"".join(b"%d,1\n" % i for i in range(20)), "along an axis"),
    "all but flat": ("a.npz", npz(data=1e-200 * DATA), "along an axis"),
    "not finite": ("a.npz", npz(data=np.where(DATA > 2, np.inf, DATA)), "NaN or infinity"),
    "one-dimensional": ("a.npz", npz(data=DATA[:, 0]), "60; make them N × 2"),
    "three-dimensional": ("a.npz", npz(data=DATA[None]), "1 × 60 × 2"),
    "a single number": ("a.npz", npz(data=np.float64(3)), "a single number"),
    "no rows": ("a.npz", npz(data=DATA[:0]), "0 points"),
    "text": ("a.npz", npz(data=DATA.astype(str)), "plain numbers"),
    "complex": ("a.npz", npz(data=DATA.astype(complex)), "plain numbers"),
    "wrong key": ("a.npz", npz(points=DATA), "no array named “data” (found: “points”)"),
    "no key": ("a.npz", archive({"readme.txt": b"hello"}), "found: none"),
    "labels of another length": ("a.npz", npz(data=DATA, labels=LABELS[:-1]), "one per point"),
    "10 million rows": ("a.npz", npz(data=np.zeros((10**7, 2), np.float32)), "more than 20 MB"),
    "200,000 rows": ("a.npz", npz(data=np.zeros((200_000, 2))), "200,000 points"),
    "zip bomb": ("a.npz", BOMB, "more than 20 MB"),
    "zip bomb as pt": ("a.pt", BOMB, "more than 20 MB"),
    "shape beyond its content": ("a.npz", archive({"data.npy": npy((10**15, 2))}), "cut short"),
    "negative shape": ("a.npz", archive({"data.npy": npy((-4, 2))}), "damaged"),
    "not an npy": ("a.npz", archive({"data.npy": b"hello"}), "damaged"),
    "cut off": ("a.npz", npz(data=DATA)[:200], "cannot be unpacked"),
    "not a zip": ("a.npz", b"hello", "cannot be unpacked"),
    "objects in npz": ("a.npz", npz(data=np.array([{}, {}], dtype=object)), "Python objects"),
    "pickle as pt": ("a.pt", pickle.dumps({"data": DATA}), "cannot be unpacked"),
    "not tensors": ("a.pt", pt({"data": DATA}), "more than plain tensors"),
    "old format": ("a.pt", b"\x80\x02}q\x00.", "cannot be unpacked"),
    "no pickle in pt": ("a.pt", archive({"a/b": b"c"}), "more than plain tensors"),
    "nested": ("a.pt", pt({"data": {"x": torch.zeros(9)}}), "“data” in the file is a dict; save a"),
    "a parameter": ("a.pt", pt({"data": torch.nn.Parameter(torch.eye(2))}), "after `.detach()`"),
    "a whole net": ("a.pt", pt(torch.nn.Linear(2, 2).state_dict()), "a flat dictionary of them"),
    "wrong key in pt": ("a.pt", pt({"x": torch.from_numpy(DATA)}), "found: “x”"),
    "memory hog": ("a.pt", pt({"data": Hoard()}), "more than plain tensors"),
    "view of a billion rows": ("a.pt", HUGE_VIEW, "2,000,000,000 numbers"),
    "out of bounds": ("a.pt", OUT_OF_BOUNDS, "more than plain tensors"),
    "complex tensor": ("a.pt", pt({"data": torch.zeros(20, 2, dtype=torch.cfloat)}), "more than"),
    "sparse tensor": ("a.pt", pt({"data": torch.eye(20).to_sparse()}), "more than plain tensors"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_files_are_answered_in_one_sentence(case):
    filename, raw, told = BAD[case]
    with pytest.raises(ConfigError) as caught:
        own.check_points(files.read(raw, filename))
    sentence = str(caught.value)
    assert told in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert len(sentence) < 200


@pytest.mark.parametrize("filename", ["a.npz", "a.pt"])
def test_a_pickle_does_not_run(tmp_path, filename):
    path = tmp_path / "made by a pickle"
    content = np.array([Malicious(path)], dtype=object)
    raw = npz(data=content) if filename == "a.npz" else pt({"data": Malicious(path)})
    with pytest.raises(ConfigError):
        files.read(raw, filename)
    assert not path.exists()
    if filename == "a.npz":  # the test's pickle is a real one
        np.load(io.BytesIO(raw), allow_pickle=True)["data"]
        assert path.exists()


def test_kept_under_a_key_of_the_content(uploads):
    arrays = {"data": DATA, "labels": LABELS}
    key = own.keep(arrays)
    assert is_key(key)
    assert own.keep(arrays) == key != own.keep({"data": DATA + 1, "labels": LABELS})
    assert len(list(uploads.iterdir())) == 2
    for name, array in own.load(key).items():
        np.testing.assert_array_equal(array, arrays[name])


@pytest.mark.parametrize(("limit", "most"), [("MOST_FILES", 2), ("MOST_KEPT", 2500)])
def test_the_oldest_uploads_go(uploads, monkeypatch, limit, most):
    monkeypatch.setattr(own, limit, most)
    keys = []
    for shift in range(4):
        keys.append(own.keep({"data": DATA + shift}))
        os.utime(uploads / f"{keys[-1]}.safetensors", (shift, shift))
    assert {path.stem for path in uploads.iterdir()} == set(keys[-2:])


@pytest.mark.parametrize(
    "key", ["0" * 32, "../../etc/passwd", "0" * 31, "G" * 32, "0" * 32 + "\n", ""]
)
def test_unknown_keys_are_answered_in_one_sentence(key):
    with pytest.raises(ConfigError, match="upload the file again"):
        own.load(key)


def test_own_points_are_standardised_and_named():
    key = own.keep({"data": DATA * [3, 40] + 7, "labels": LABELS * 10 - 10})
    points = load_points(key)
    assert points.names == ("class -10", "class 0", "class 10")
    assert points.labels.tolist() == LABELS.tolist()
    torch.testing.assert_close(points.data.std(0, correction=0), torch.ones(2))
    unlabelled = own.keep({"data": DATA, "labels": LABELS * 0})
    assert load_points(unlabelled).names == ("points",)


def crafted(shape: str, descr: str = "'<f8'", body: bytes = b"") -> bytes:
    header = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}".encode()
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + body


def zipped(name: str, content: bytes, method: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        crafted("(-10, -2)", body=bytes(160)),
        crafted(f"(0, {10**30})"),
        crafted(f"({10**12}, 2)", "'|S0'"),
        crafted(str((1,) * 70), body=bytes(8)),
        crafted("(True, True)", body=bytes(8)),
        crafted("(" * 5000),
        crafted("-" * 9000 + "1"),
        crafted("\n  (1,)"),
        crafted("(2,)", "('<f8', (2,))", bytes(32)),
    ],
)
def test_crafted_array_headers_get_a_sentence(content):
    with pytest.raises(ConfigError):
        keep_points(zipped("data.npy", content), "evil.npz")


def test_only_what_numpy_writes_is_unpacked():
    with pytest.raises(ConfigError, match="cannot be unpacked"):
        keep_points(zipped("data.npy", bytes(1000), zipfile.ZIP_BZIP2), "bomb.npz")
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w") as archive:
        for i in range(200):
            archive.writestr(f"{i}.npy", b"")
    with pytest.raises(ConfigError, match="cannot be unpacked"):
        keep_points(many.getvalue(), "many.npz")


def test_millions_of_lines_are_counted_not_read():
    with pytest.raises(ConfigError, match="2,400,000 lines and 100,000 points are the most"):
        keep_points(b"1\n" * 2_400_000, "long.csv")


def test_a_full_disk_is_told_and_leaves_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv("GLASSBOX_UPLOADS", str(tmp_path))

    def full(path: Path, _: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(ConfigError, match="no room for this file"):
        own.keep({"data": np.zeros((3, 2))})
    assert not any(tmp_path.iterdir())
