"""A small table of numbers as one line of text, such as "1 2; 3 4": typed, linked or uploaded."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float

from core.config import ConfigError, clip
from core.data.files import read_csv

MOST_ROWS, MOST_COLUMNS = 8, 4
LARGEST = 1e4
LONGEST = 1000  # characters of such a text, enough for all digits of the largest table


def parse_table(text: str) -> Float[np.ndarray, "rows columns"]:
    """Rows parted by semicolons or line ends, numbers by blanks. Raises ConfigError.

    A comma before a blank does no harm; “1,5” is refused, for it may mean one number or two.
    """
    rows = parse_rows(text)
    if not 2 <= len(rows) <= MOST_ROWS:
        raise ConfigError(f"A batch has 2 to {MOST_ROWS} rows, parted by semicolons: “1 2; 3 4”.")
    if not 1 <= len(rows[0]) <= MOST_COLUMNS or len({len(row) for row in rows}) > 1:
        raise ConfigError(f"Give every row as many numbers as the others, 1 to {MOST_COLUMNS}.")
    return np.array(rows)


def parse_rows(text: str) -> list[list[float]]:
    """Rows of any length, empty ones left out. Raises ConfigError."""
    lines = [line for line in text.replace("\n", ";").split(";") if line.strip()]
    return [[_number(word) for word in line.replace(", ", " ").split()] for line in lines]


def read_table(raw: bytes, filename: str) -> str:
    """A CSV file, whatever its name, as such a text with every digit. Raises ConfigError."""
    table = read_csv(raw, least=2)["data"]
    rows = table[: MOST_ROWS + 1].tolist()  # so many tell that there are too many
    text = "; ".join(" ".join(repr(v).removesuffix(".0") for v in row) for row in rows)
    parse_table(text)
    return text


def _number(word: str) -> float:
    if "," in word:
        raise ConfigError(f"“{clip(word)}” has a comma; write 1.5, or 1 5 for two numbers.")
    try:
        value = float(word)
    except ValueError:
        value = math.nan
    if not abs(value) <= LARGEST:
        raise ConfigError(f"“{clip(word)}” is no number from −{LARGEST:,.0f} to {LARGEST:,.0f}.")
    return value
