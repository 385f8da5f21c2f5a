"""A visitor's own table for regression: what is good is used, everything else is one sentence."""

import io
from pathlib import Path

import numpy as np
import pytest
import torch

from core.config import ConfigError
from core.data import own
from core.data.tables import Table, keep_table, load_table

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(40, 2)), RNG.normal(size=40)
ONE = {"x_train": X[:25, 0], "y_train": Y[:25], "x_val": X[25:, 0], "y_val": Y[25:]}
TWO = {**ONE, "x_train": X[:25], "x_val": X[25:]}
TEST = np.linspace(-1, 1, 7)


@pytest.fixture(autouse=True)
def uploads(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("GLASSBOX_UPLOADS", str(tmp_path / "uploads"))
    return tmp_path / "uploads"


def npz(arrays) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def pt(arrays) -> bytes:
    stream = io.BytesIO()
    torch.save({name: torch.as_tensor(array) for name, array in arrays.items()}, stream)
    return stream.getvalue()


def csv(inputs: int, header: str = "", separator: str = ",") -> bytes:
    """Inputs, target, and the part in words."""
    rows = [
        separator.join(
            [*(f"{v:.17g}" for v in x[:inputs]), f"{y:.17g}", "train" if i < 25 else "val"]
        )
        for i, (x, y) in enumerate(zip(X, Y, strict=True))
    ]
    rows += [separator.join([f"{x:.17g}"] * inputs + ["", "Test"]) for x in TEST]
    return "\n".join([header] * bool(header) + rows).encode()


GOOD = {
    "npz": ("a.npz", npz({**ONE, "x_test": TEST}), 1),
    "npz of columns": (
        "a.npz",
        npz({k: a[:, None] for k, a in {**ONE, "x_test": TEST}.items()}),
        1,
    ),
    "pt": ("A.PT", pt({**ONE, "x_test": TEST}), 1),
    "csv": ("a.csv", csv(1), 1),
    "csv with names": ("a.csv", csv(1, "x,y,split"), 1),
    "csv with semicolons": ("a.csv", csv(1, "x;y;split", ";"), 1),
    "two inputs": ("a.npz", npz({**TWO, "x_test": np.stack([TEST, TEST], 1)}), 2),
    "csv of two inputs": ("a.csv", csv(2, "lon,lat,mm,split"), 2),
}


@pytest.mark.parametrize("case", GOOD)
def test_good_files_give_a_table(case):
    filename, raw, inputs = GOOD[case]
    table = load_table(keep_table(raw, filename, inputs), inputs)
    expected = ONE if inputs == 1 else TWO
    for name, array in expected.items():
        got = getattr(table, name).numpy()
        np.testing.assert_allclose(got.reshape(array.shape), array, rtol=1e-15)
    np.testing.assert_allclose(table.x_test, np.stack([TEST] * inputs, 1))


def test_without_test_rows_there_are_none():
    table = load_table(keep_table(npz(TWO), "a.npz", 2), 2)
    assert table.x_test.shape == (0, 2)


def test_without_splits_every_fifth_row_is_for_validation():
    raw = "".join(f"{i},{i * i}\n" for i in range(50)).encode()
    table: Table = load_table(keep_table(raw, "a.csv", 1), 1)
    assert table.x_val.flatten().tolist() == list(range(4, 50, 5))
    assert len(table.x_train) == 40
    torch.testing.assert_close(table.y_val, table.x_val[:, 0] ** 2)


def changed(**arrays) -> bytes:
    return npz({name: a for name, a in {**ONE, **arrays}.items() if a is not None})


BAD = {
    "other keys": (1, "a.npz", npz({"inputs": Y, "targets": Y}), "“x_train” (found: “inputs”"),
    "no validation": (1, "a.npz", changed(y_val=None), "no array named “y_val”"),
    "three-dimensional": (1, "a.npz", changed(x_train=X[None]), "1 × 40 × 2; make it N or N × 1"),
    "one-dimensional": (2, "a.npz", npz(ONE), "“x_train” is 25; make it N × 2"),
    "one number": (1, "a.npz", changed(y_val=np.float64(1)), "a single number"),
    "too many columns": (1, "a.npz", npz(TWO), "25 × 2; make it N or N × 1"),
    "targets of two columns": (1, "a.npz", changed(y_train=X[:25]), "“y_train” is 25 × 2"),
    "one row": (1, "a.npz", changed(x_val=Y[:1], y_val=Y[:1]), "“x_val” has 1 points"),
    "no rows": (1, "a.npz", changed(x_train=Y[:0], y_train=Y[:0]), "“x_train” has 0 points"),
    "rows that differ": (
        1,
        "a.npz",
        changed(y_val=Y[:14]),
        "“x_val” has 15 rows and “y_val” has 14",
    ),
    "constant target": (
        1,
        "a.npz",
        changed(y_train=np.ones(25)),
        "“y_train” has a column that varies",
    ),
    "tiny target": (1, "a.npz", changed(y_train=Y[:25] * 1e-200), "scale it up"),
    "target of one tiny number": (
        1,
        "a.npz",
        changed(y_train=np.array([0] * 24 + [5e-324])),
        "scale it up",
    ),
    "tiny input": (1, "a.npz", changed(x_train=X[:25, 0] * 1e-200), "“x_train” has a column that"),
    "input far from zero": (1, "a.npz", changed(x_train=5e8 + X[:25, 0] * 1e-6), "scale it up"),
    "constant input": (
        1,
        "a.npz",
        changed(x_train=np.ones(25)),
        "“x_train” has a column that varies",
    ),
    "not finite": (1, "a.npz", changed(x_val=np.full(15, np.nan)), "“x_val” holds NaN"),
    "not finite test": (1, "a.npz", changed(x_test=np.array([np.inf])), "“x_test” holds NaN"),
    "huge": (1, "a.npz", changed(y_train=Y[:25] * 1e12), "scale them down"),
    "words": (1, "a.npz", changed(y_train=Y[:25].astype(str)), "plain numbers"),
    "many test rows": (
        1,
        "a.npz",
        changed(x_test=np.zeros(100_001, np.int8)),
        "100,000 are the most",
    ),
    "objects": (1, "a.npz", changed(y_val=np.array([{}] * 15)), "Python objects"),
    "csv of one column": (1, "a.csv", b"1\n2\n" * 9, "give the columns x, y and split"),
    "csv for one input": (2, "a.csv", b"1,2\n" * 19, "give the columns x1, x2, y and split"),
    "csv of another split": (1, "a.csv", b"1,2,7\n" * 20, "train, val or test in every row"),
    "csv of other words": (1, "a.csv", b"1,2,train\n" * 20 + b"1,2,dev\n", "Line 21 has “dev”"),
    "csv of long words": (
        1,
        "a.csv",
        b"1,2,train\n" * 20 + b"1,2,validation\n",
        "Line 21 has “validation” in its last column; write train, val or test",
    ),
    "csv without a split": (1, "a.csv", b"1,2,train\n" * 20 + b"1,2,\n", "Line 21 has “” in its"),
    "csv with a word for x": (
        1,
        "a.csv",
        b"1,2,train\n" * 20 + b"val,2,val\n",
        "Line 21 has “val”",
    ),
    "csv with a word for y": (
        1,
        "a.csv",
        b"1,2,train\n" * 20 + b"1,val,val\n",
        "Line 21 has “val”",
    ),
    "csv with a word and no split": (1, "a.csv", b"1,2\n" * 20 + b"1,test\n", "Line 21 has “test”"),
    "csv with a typo at the start": (
        1,
        "a.csv",
        b"1.2.3,4,train\n" + b"1,2,train\n" * 20,
        "Line 1 has “1.2.3” where a number belongs",
    ),
    "a single number": (1, "a.npz", npz({"data": np.array(3.0)}), "The table is a single number"),
    "csv without a target": (
        1,
        "a.csv",
        b"1,,train\n" * 20 + b"1,1,val\n" * 20,
        "“y_train” holds NaN",
    ),
    "csv without an input": (
        1,
        "a.csv",
        b"1,1,train\n" * 20 + b",1,val\n" * 20,
        "Line 21 has “” where a number belongs",
    ),
    "csv all for training": (1, "a.csv", b"1,2,train\n" * 20, "“x_val” has 0 points"),
    "csv all for testing": (1, "a.csv", b"1,2,test\n" * 20, "“x_train” has 0 points"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_files_are_answered_in_one_sentence(case):
    inputs, filename, raw, told = BAD[case]
    with pytest.raises(ConfigError) as caught:
        keep_table(raw, filename, inputs)
    sentence = str(caught.value)
    assert told in sentence
    assert sentence.endswith(".")
    assert len(sentence) < 200


def test_a_key_of_other_data_is_answered_in_one_sentence():
    key = own.keep({"data": X, "labels": np.zeros(40, np.int64)})
    with pytest.raises(ConfigError, match="no array named “x_train”"):
        load_table(key, 2)
    with pytest.raises(ConfigError, match="upload the file again"):
        load_table("0" * 32, 1)
