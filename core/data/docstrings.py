"""Docstrings of installed Python packages: a body, and the first line that sums it up.

What there is depends on the versions installed; nothing is imported or run, files are only read.
"""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

PACKAGES = (
    "numpy", "torch", "torchvision", "scipy", "scikit-learn", "pandas", "pydantic", "streamlit",
    "plotly", "altair", "pillow",
)  # fmt: skip
DOCSTRING = re.compile(
    r'^[ \t]*(?:async )?(?:def|class) (?:[^"#\n]|\n(?!\n))*?:\s*\n\s*r?"""(.*?)"""', re.S | re.M
)
HEADING = re.compile(  # of a section that is no prose
    r"(parameters|args|arguments|returns?|yields|examples?|notes?|attributes|raises|see also|warns?"
    r"|references|keyword|\.\. |>>>|:|shape|inputs?|outputs?|-|\*)",
    re.I,
)
FIRST, BODY = range(3, 17), range(8, 400)  # words


def docstrings() -> list[tuple[str, str]]:
    """Bodies and first lines, each body once, in the order of the packages' files."""
    found: dict[str, str] = {}
    for package in PACKAGES:
        for path in _files(package):
            try:
                source = path.read_text("utf-8")
            except (OSError, UnicodeDecodeError):
                continue
            for match in DOCSTRING.finditer(source):
                if pair := split(match[1]):
                    found.setdefault(*pair)
    return list(found.items())


def split(docstring: str) -> tuple[str, str] | None:
    """Body and first line; None where either is missing, too short or no sentence."""
    first, *rest = [" ".join(part.split()) for part in re.split(r"\n\s*\n", docstring.strip())]
    body = []
    for paragraph in rest:
        if HEADING.match(paragraph):
            break
        body.append(paragraph)
    joined = " ".join(body)
    whole = first.endswith(".") and len(first.split()) in FIRST
    return (joined, first) if whole and len(joined.split()) in BODY else None


def _files(package: str) -> list[Path]:
    """A package's Python files but its tests, in order of their names; none if not installed."""
    try:
        installed = distribution(package)
    except PackageNotFoundError:
        return []
    names = [
        file for file in installed.files or [] if file.suffix == ".py" and "test" not in file.name
    ]
    return [Path(str(installed.locate_file(name))) for name in sorted(names, key=str)]
