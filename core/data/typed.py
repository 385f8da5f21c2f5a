"""A small table of numbers as one line of text, such as "1 2; 3 4": typed, linked or uploaded."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float

from core.config import ConfigError, clip

MOST_ROWS, MOST_COLUMNS = 8, 4
LARGEST = 1e4


def parse_table(text: str) -> Float[np.ndarray, "rows columns"]:
    """Rows parted by semicolons or line ends, numbers by blanks or commas. Raises ConfigError."""
    lines = [line for line in text.replace("\n", ";").split(";") if line.strip()]
    rows = [[_number(word) for word in line.replace(",", " ").split()] for line in lines]
    if not 2 <= len(rows) <= MOST_ROWS:
        raise ConfigError(f"A batch has 2 to {MOST_ROWS} rows, parted by semicolons: “1 2; 3 4”.")
    if not 1 <= len(rows[0]) <= MOST_COLUMNS or len({len(row) for row in rows}) > 1:
        raise ConfigError(f"Give every row as many numbers as the others, 1 to {MOST_COLUMNS}.")
    return np.array(rows)


def read_table(raw: bytes, filename: str) -> str:
    """A CSV file as such a text; a first line of names is left out. Raises ConfigError."""
    try:
        lines = raw.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise ConfigError(f"“{clip(filename)}” is not text; save it as CSV in UTF-8.") from None
    if lines and any(character.isalpha() and character not in "eE" for character in lines[0]):
        lines = lines[1:]
    table = parse_table(";".join(lines))
    return "; ".join(" ".join(f"{value:g}" for value in row) for row in table)


def _number(word: str) -> float:
    try:
        value = float(word)
    except ValueError:
        value = math.nan
    if not abs(value) <= LARGEST:
        raise ConfigError(f"“{clip(word)}” is no number from −{LARGEST:,.0f} to {LARGEST:,.0f}.")
    return value
