"""Files that ship with the laboratory, each checked against the `manifest.json` beside it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

ASSETS = Path(__file__).parents[1] / "assets"


class AssetError(RuntimeError):
    """A shipped file is missing or is not the one that was shipped."""


def manifest(folder: Path) -> dict[str, dict[str, Any]]:
    """What is written about each file of a folder: its sum, source, licence and more."""
    notes: dict[str, dict[str, Any]] = json.loads((folder / "manifest.json").read_text("utf-8"))
    return notes


def read(path: Path) -> bytes:
    """The bytes of a shipped file. Raises AssetError where they are not what the manifest says."""
    noted = manifest(path.parent).get(path.name)
    if noted is None or not path.is_file():
        raise AssetError(f"{path} is not among the shipped files; check out the repository again.")
    raw = path.read_bytes()
    if sha256(raw) != noted["sha256"]:
        raise AssetError(f"{path} differs from the file that was shipped; check it out again.")
    return raw


def sha256(raw: bytes) -> str:
    """The sum by which manifests know a file."""
    return hashlib.sha256(raw).hexdigest()
