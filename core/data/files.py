"""Arrays in a stranger's file, CSV, `.npz` or `.pt`, read without trusting a byte of it.

Nothing is executed, nothing is unpacked before its size is known, and whatever cannot be used
raises ConfigError with one sentence that says what to do.
"""

from __future__ import annotations

import csv
import io
import math
import pickletools
import re
import zipfile
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from types import MappingProxyType

import numpy as np
import torch
from torch import Tensor

from core.config import ConfigError, clip

MOST_BYTES = 5 * 10**6  # of the file
MOST_UNPACKED = 20 * 10**6
MOST_ROWS = 100_000
MOST_COLUMNS = 20  # of a CSV
MOST_LINE = 10**6  # characters of a line that is parsed at once
MOST_ENTRIES = 100  # of an archive
MOST_DIMENSIONS = 4
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # all that NumPy and torch write
LEAST_ROWS = 10

# All that torch.save writes for dense tensors; torch.load itself would also build, say, a bytearray
# of any size.
TENSOR_GLOBALS = {"collections OrderedDict", "torch._utils _rebuild_tensor_v2"} | {
    f"torch {kind}Storage"
    for kind in (
        "Float",
        "Double",
        "Half",
        "BFloat16",
        "Long",
        "Int",
        "Short",
        "Char",
        "Byte",
        "Bool",
    )
}

Arrays = Mapping[str, np.ndarray]
NO_WORDS: Mapping[str, float] = MappingProxyType({})
UNKNOWN: Mapping[str, float] = MappingProxyType({"": math.nan})


def read(raw: bytes, filename: str, words: Mapping[str, float] = NO_WORDS) -> Arrays:
    """The named arrays in a file; a CSV has one, `data`, of as many columns as it has.

    `words` are those that the last column of a CSV may hold for numbers.
    """
    if not raw:
        raise ConfigError("The file is empty; give it one row of numbers per point.")
    if len(raw) > MOST_BYTES:
        raise ConfigError(
            f"The file has more than {MOST_BYTES / 1e6:.0f} MB, the most; keep fewer points."
        )
    suffix = Path(filename).suffix.lower()
    match suffix:
        case ".csv":
            return read_csv(raw, words)
        case ".npz":
            return read_npz(raw)
        case ".pt":
            return read_pt(raw)
    raise ConfigError(f"“{clip(filename)}” is not read here; save the points as .csv, .npz or .pt.")


def read_csv(raw: bytes, words: Mapping[str, float] = NO_WORDS, least: int = LEAST_ROWS) -> Arrays:
    """Rows of numbers after at most one row of names, which is one without a number.

    Where the last column holds `words`, a cell before it may be empty: NaN. Blank lines, those that
    begin with # and Excel's `sep=` are passed over.
    """
    try:
        text = io.StringIO(raw.decode("utf-8-sig"), newline=None).read()
        if (breaks := text.count("\n")) > 2 * MOST_ROWS:  # before a cell is read
            raise ConfigError(
                f"The file has {breaks:,} lines and {MOST_ROWS:,} points are the most;"
                " leave out blank lines and keep a random part."
            )
        lines = {
            number: line
            for number, line in enumerate(text.split("\n"), 1)
            if line.strip(" ,;\t") and not re.match(r"\s*#|sep=", line)
        }
        # Told by the second line, for the names in the first may hold commas.
        told = ["", *islice(lines.values(), 2)][-1]
        separator = next((c for c in ";\t," if c in told), ",")
        cells = csv.reader(lines.values(), delimiter=separator, strict=True)
        rows = list(zip(lines, cells, strict=False))
    except (UnicodeDecodeError, csv.Error):
        raise ConfigError("The file is not CSV text; save it as comma-separated UTF-8.") from None
    if rows and all(_meant(cell) is None for cell in rows[0][1]):
        rows = rows[1:]
    check_rows(len(rows), least=least)
    if (width := len(rows[0][1])) > MOST_COLUMNS:  # before its cells are numbers
        raise ConfigError(
            f"The file has {width:,} columns and {MOST_COLUMNS} are the most; keep fewer."
        )
    table = np.empty((len(rows), width))
    if _number(rows[0][1][-1]) is not None:
        words = NO_WORDS  # so that a word among numbers is a mistake
    allowed = [NO_WORDS] * (width - 2) + [UNKNOWN if words else NO_WORDS, words][-width:]
    for index, (number, line) in enumerate(rows):
        if len(line) != width:
            raise ConfigError(
                f"Line {number} has {len(line)} columns where the first has {width};"
                " give every line the same."
            )
        for column, cell in enumerate(line):
            if (value := _number(cell, allowed[column])) is None:
                raise ConfigError(f"Line {number} has {_misfit(cell, allowed[column])}.")
            table[index, column] = value
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
            "The .pt file holds more than plain tensors of numbers, or is damaged, and was not"
            " opened; torch.save a flat dictionary of them, each after `.detach()`."
        ) from None
    named = loaded if isinstance(loaded, dict) else {"data": loaded}
    for name, value in named.items():
        if isinstance(value, dict | list | tuple):
            raise ConfigError(
                f"“{clip(str(name))}” in the file is a {type(value).__name__}; save a flat"
                " dictionary of plain tensors."
            )
    return {
        str(name): _from_tensor(value) for name, value in named.items() if isinstance(value, Tensor)
    }


def numbered_lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a text that are not blank, with their numbers, from 1.

    They end where those of a file do, not where `str.splitlines` ends them too: text within JSON
    may hold such signs, U+2028 or U+0085. Raises ConfigError for one that is too long: parsed,
    JSON takes up to thirty times its size.
    """
    for number, line in enumerate(io.StringIO(text, newline=None), 1):
        if len(line) > MOST_LINE:
            raise ConfigError(
                f"Line {number} has more than {MOST_LINE:,} characters, the most; cut it."
            )
        if line.strip():
            yield number, line.strip()


def check_rows(rows: int, what: str = "The file", least: int = LEAST_ROWS) -> None:
    """Raise ConfigError where there are too few or too many."""
    if rows < least:
        raise ConfigError(f"{what} has {rows} points; give at least {least}.")
    if rows > MOST_ROWS:
        raise ConfigError(
            f"{what} has {rows:,} points and {MOST_ROWS:,} are the most; keep a random part."
        )


def _number(text: str, words: Mapping[str, float] = NO_WORDS) -> float | None:
    """What a cell stands for; None where that is no number."""
    try:
        return words[word] if (word := text.strip().lower()) in words else float(text)
    except ValueError:
        return None


def _meant(text: str) -> float | None:
    """A number, be it with a decimal comma, which is told from a name so."""
    return _number(text.replace(",", "."))


def _misfit(cell: str, words: Mapping[str, float]) -> str:
    """What is wrong with a cell that is no number, and the cure."""
    if _meant(cell) is not None:
        return f"“{clip(cell)}” where a number belongs; write 1.5, not 1,5"
    if any(words) and not re.search(r"\d", cell):
        *others, last = words
        return f"“{clip(cell)}” in its last column; write {', '.join(others)} or {last}"
    return f"“{clip(cell)}” where a number belongs; correct it"


def _unzip(raw: bytes) -> dict[str, bytes]:
    """All entries of an archive whose declared sizes are acceptable, and no byte beyond them."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
            if unpacked > MOST_UNPACKED:
                raise ConfigError(
                    f"The file unpacks to more than {MOST_UNPACKED / 1e6:.0f} MB, the most;"
                    " keep fewer points."
                )
            strange = [e for e in archive.infolist() if e.compress_type not in METHODS]
            if strange or len(archive.infolist()) > MOST_ENTRIES:
                raise ValueError
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
        if dtype.hasobject:
            raise ConfigError("The file holds Python objects; save plain arrays of numbers.")
        sizes = all(type(length) is int and length >= 0 for length in shape)
        if dtype.kind not in "fiub":
            raise ConfigError(f"The file holds {clip(str(dtype))}; save plain numbers.")
        if not sizes or len(shape) > MOST_DIMENSIONS:
            raise ValueError
        if math.prod(shape) * dtype.itemsize != len(content) - stream.tell():
            raise ConfigError("An array in the file is cut short; save it again.")
        stream.seek(0)
        array: np.ndarray = np.lib.format.read_array(stream, allow_pickle=False)
        return array
    except ConfigError:
        raise
    except Exception:  # a header is parsed as Python's literals, which fail in many ways
        raise ConfigError("An array in the file is damaged; save it with numpy.savez.") from None


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
    plain = plain and tensor.ndim <= MOST_DIMENSIONS
    if not plain or tensor.is_quantized or tensor.is_complex():
        raise ConfigError("A tensor in the file is not plain; save dense real numbers.")
    # A view can pretend to be far larger than the file; no copy is made before this is known.
    if tensor.numel() * 8 > MOST_UNPACKED:
        raise ConfigError(
            f"A tensor in the file has {tensor.numel():,} numbers; keep fewer points."
        )
    return tensor.detach().to(torch.float64 if tensor.is_floating_point() else torch.int64).numpy()
