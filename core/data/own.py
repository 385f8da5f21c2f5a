"""A visitor's own arrays: read from CSV, `.npz` or `.pt` without trusting a byte, kept by content.

Nothing in a file is executed, nothing is unpacked before its size is known, and everything that
cannot be used raises ConfigError with one sentence that says what to do.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import pickletools
import re
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import safetensors.numpy
import torch
from jaxtyping import Float, Int
from torch import Tensor

from core.config import ConfigError, clip

MOST_BYTES = 5 * 10**6  # of the file
MOST_UNPACKED = 20 * 10**6
MOST_ROWS = 100_000
MOST_CLASSES = 8  # as many as there are colours that everybody can tell apart
MOST_FILES = 500  # kept at a time; the oldest go
LARGEST = 1e9

# All that torch.save writes for dense tensors; torch.load itself would also build, say, a bytearray
# of any size.
TENSOR_GLOBALS = {"collections OrderedDict", "torch._utils _rebuild_tensor_v2"} | {
    f"torch {kind}Storage"
    for kind in ("Float", "Double", "Half", "BFloat16", "Long", "Int", "Short", "Char", "Byte")
}

Arrays = Mapping[str, np.ndarray]


def read(raw: bytes, filename: str) -> Arrays:
    """The named arrays in a file; a CSV has one, `data`, of as many columns as it has."""
    if not raw:
        raise ConfigError("The file is empty; give it one row of numbers per point.")
    if len(raw) > MOST_BYTES:
        raise ConfigError(
            f"The file has {len(raw) / 1e6:.1f} MB and {MOST_BYTES / 1e6:.0f} MB are the most;"
            " keep fewer points."
        )
    suffix = Path(filename).suffix.lower()
    readers = {".csv": read_csv, ".npz": read_npz, ".pt": read_pt}
    if suffix not in readers:
        raise ConfigError(
            f"“{clip(filename)}” is not read here; save the points as .csv, .npz or .pt."
        )
    return readers[suffix](raw)


def read_csv(raw: bytes) -> Arrays:
    """Rows of numbers, after at most one row of names."""
    try:
        text = raw.decode("utf-8-sig")
        separator = next((c for c in ",;\t" if c in text.partition("\n")[0]), ",")
        lines = list(csv.reader(io.StringIO(text), delimiter=separator, strict=True))
    except (UnicodeDecodeError, csv.Error):
        raise ConfigError("The file is not CSV text; save it as comma-separated UTF-8.") from None
    rows = [(number, line) for number, line in enumerate(lines, 1) if "".join(line).strip()]
    if rows and not _is_number(rows[0][1][0]):
        rows = rows[1:]
    _check_rows(len(rows))
    width = len(rows[0][1])
    table = np.empty((len(rows), width))
    for index, (number, line) in enumerate(rows):
        if len(line) != width:
            raise ConfigError(
                f"Line {number} has {len(line)} columns where the first has {width};"
                " give every line the same."
            )
        for column, cell in enumerate(line):
            if not _is_number(cell):
                raise ConfigError(
                    f"Line {number} has “{clip(cell)}” where a number belongs; correct it."
                )
            table[index, column] = float(cell)
    return {"data": table}


def read_npz(raw: bytes) -> Arrays:
    """The arrays of `numpy.savez`; object arrays, which are pickles, are refused."""
    entries = _unzip(raw)
    return {
        name.removesuffix(".npy"): _read_npy(content)
        for name, content in entries.items()
        if name.endswith(".npy")
    }


def read_pt(raw: bytes) -> Arrays:
    """The tensors of `torch.save`: a dictionary of them, or one, which is `data`."""
    entries = _unzip(raw)
    # Packed anew, so that torch reads the very entries that were checked.
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    packed.seek(0)
    try:
        if not all(_only_tensors(entries[name]) for name in entries if name.endswith(".pkl")):
            raise ValueError
        loaded = torch.load(packed, map_location="cpu", weights_only=True)
    except Exception:  # malformed bytes fail in many ways, all of them the file's fault
        raise ConfigError(
            "The .pt file holds more than plain tensors, or is damaged, and was not opened;"
            " save a dictionary of tensors with torch.save."
        ) from None
    named = loaded if isinstance(loaded, dict) else {"data": loaded}
    return {
        str(name): _from_tensor(value) for name, value in named.items() if isinstance(value, Tensor)
    }


def check_points(
    arrays: Arrays,
) -> tuple[Float[np.ndarray, "points 2"], Int[np.ndarray, " points"]]:
    """Points of the plane and a class for each, all 0 where there are none.

    From `data` (points, 2) and optional integer `labels` (points,), or `data` (points, 3) whose
    third column is the labels.
    """
    if "data" not in arrays:
        found = ", ".join(f"“{clip(name)}”" for name in list(arrays)[:5]) or "none"
        raise ConfigError(f"The file has no array named “data” (found: {found}); rename yours.")
    data = arrays["data"]
    if data.ndim == 2 and data.shape[1] == 3 and "labels" not in arrays:
        data, labels = data[:, :2], data[:, 2]
    else:
        labels = arrays.get("labels", np.zeros(len(data) if data.ndim else 0))
    if data.ndim != 2 or data.shape[1] != 2:
        shape = " × ".join(map(str, data.shape)) or "a single number"
        raise ConfigError(f"The points are {shape}; make them N × 2, an x and a y per row.")
    _check_rows(len(data))
    data = _numbers(data, "data")
    if (data.max(axis=0) == data.min(axis=0)).any():
        raise ConfigError("All points lie on one line along an axis; spread them in x and in y.")
    return data, _check_labels(labels, len(data))


def keep(arrays: Arrays) -> str:
    """Store checked arrays; the key under which `load` finds them is their content's."""
    raw = safetensors.numpy.save({name: np.ascontiguousarray(a) for name, a in arrays.items()})
    key = hashlib.sha256(raw).hexdigest()[:32]
    folder().mkdir(parents=True, exist_ok=True)
    # Written aside and moved, so that no reader ever sees half a file.
    with tempfile.NamedTemporaryFile(dir=folder(), delete=False) as file:
        file.write(raw)
    Path(file.name).replace(_path(key))
    kept = sorted(folder().glob("*.safetensors"), key=lambda path: path.stat().st_mtime_ns)
    for path in kept[:-MOST_FILES]:
        path.unlink(missing_ok=True)
    return key


def load(key: str) -> Arrays:
    """The arrays that `keep` stored. Raises ConfigError where there are none of that key."""
    if not is_key(key) or not _path(key).is_file():
        raise ConfigError("These own data are no longer here; upload the file again.")
    return safetensors.numpy.load(_path(key).read_bytes())


def is_key(text: str) -> bool:
    """Whether a text has the form of a key, and so can name nothing but a kept file."""
    return re.fullmatch("[0-9a-f]{32}", text) is not None


def folder() -> Path:
    """Where uploads are kept: GLASSBOX_UPLOADS, or a folder among the temporary ones."""
    default = Path(tempfile.gettempdir(), "glassbox", "uploads")
    return Path(os.environ.get("GLASSBOX_UPLOADS", default))


def _path(key: str) -> Path:
    return folder() / f"{key}.safetensors"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _check_rows(rows: int) -> None:
    if rows < 10:
        raise ConfigError(f"The file has {rows} points; give at least 10.")
    if rows > MOST_ROWS:
        raise ConfigError(
            f"The file has {rows:,} points and {MOST_ROWS:,} are the most; keep a random part."
        )


def _numbers(array: np.ndarray, name: str) -> np.ndarray:
    """As float64, finite and of a size that survives float32."""
    if array.dtype.kind not in "fiu":
        raise ConfigError(f"“{name}” holds {array.dtype}; save it as plain numbers.")
    numbers = array.astype(np.float64)
    if not np.isfinite(numbers).all():
        raise ConfigError(f"“{name}” holds NaN or infinity; remove those rows.")
    if np.abs(numbers).max(initial=0.0) > LARGEST:
        raise ConfigError(f"“{name}” holds numbers beyond {LARGEST:g}; scale them down.")
    return numbers


def _check_labels(labels: np.ndarray, rows: int) -> Int[np.ndarray, " points"]:
    if labels.shape != (rows,):
        raise ConfigError(f"The labels do not fit; give one per point, {rows:,} in one row.")
    numbers = _numbers(labels, "labels")
    if (numbers != np.round(numbers)).any():
        raise ConfigError("The labels are not whole numbers; number the classes 0, 1, 2 and so on.")
    classes, counts = np.unique(numbers, return_counts=True)
    if len(classes) > MOST_CLASSES:
        raise ConfigError(
            f"There are {len(classes):,} different labels and {MOST_CLASSES} are the most;"
            " merge some, or leave the labels out."
        )
    if counts.min() < 5:
        few = classes[counts.argmin()]
        raise ConfigError(f"Class {few:g} has {counts.min()} points; give each class at least 5.")
    return numbers.astype(np.int64)


def _unzip(raw: bytes) -> dict[str, bytes]:
    """All entries of an archive whose declared sizes are acceptable, and no byte beyond them."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
            if unpacked > MOST_UNPACKED:
                raise ConfigError(
                    f"The file unpacks to {unpacked / 1e6:,.0f} MB and"
                    f" {MOST_UNPACKED / 1e6:.0f} MB are the most; keep fewer points."
                )
            contents = {}
            for entry in archive.infolist():
                with archive.open(entry) as stream:
                    contents[entry.filename] = stream.read(entry.file_size)
            return contents
    except ConfigError:
        raise
    except Exception:  # damaged, encrypted or exotic archives fail in many ways
        raise ConfigError(
            "The file cannot be unpacked; save it anew with numpy.savez or torch.save."
        ) from None


def _read_npy(content: bytes) -> np.ndarray:
    """One array; its size is checked against its header before anything is allocated."""
    stream = io.BytesIO(content)
    try:
        version = np.lib.format.read_magic(stream)
        header = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }[version]
        shape, _, dtype = header(stream)
    except (ValueError, KeyError):
        raise ConfigError("An array in the file is damaged; save it with numpy.savez.") from None
    if dtype.hasobject:
        raise ConfigError("The file holds Python objects; save plain arrays of numbers.")
    if int(np.prod(shape, dtype=object)) * dtype.itemsize != len(content) - stream.tell():
        raise ConfigError("An array in the file is cut short; save it again.")
    stream.seek(0)
    array: np.ndarray = np.lib.format.read_array(stream, allow_pickle=False)
    return array


def _only_tensors(pickled: bytes) -> bool:
    """Whether a pickle, read without running it, names nothing but what dense tensors need."""
    if len(pickled) > 100_000:
        return False
    operations = [(code.name, argument) for code, argument, _ in pickletools.genops(pickled)]
    named = {argument for name, argument in operations if name == "GLOBAL"}
    return named <= TENSOR_GLOBALS and not {name for name, _ in operations} & {
        "STACK_GLOBAL",
        "INST",
        "OBJ",
        "NEWOBJ",
        "NEWOBJ_EX",
        "BUILD",
    }


def _from_tensor(tensor: Tensor) -> np.ndarray:
    plain = tensor.layout is torch.strided and tensor.device.type == "cpu"
    if not plain or tensor.is_quantized or tensor.is_complex():
        raise ConfigError("A tensor in the file is not plain; save dense real numbers.")
    # A view can pretend to be far larger than the file; no copy is made before this is known.
    if tensor.numel() * 8 > MOST_UNPACKED:
        raise ConfigError(
            f"A tensor in the file has {tensor.numel():,} numbers; keep fewer points."
        )
    return tensor.detach().to(torch.float64 if tensor.is_floating_point() else torch.int64).numpy()
