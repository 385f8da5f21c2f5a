"""The ES modules that draw a stage, as one module."""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./(\w+)\.js";\n', re.MULTILINE)


@cache
def bundle() -> str:
    """All modules as one, which exports `mount(root, options)`: each after those it imports."""
    parts: dict[str, str] = {}

    def add(name: str) -> None:
        source = _module(name)
        for needed in _IMPORT.findall(source):
            if needed not in parts:
                add(needed)
        parts[name] = re.sub(r"^export ", "", _IMPORT.sub("", source), flags=re.MULTILINE)

    add("stage")
    return "\n".join(parts.values()) + "\nexport { mount };\n"


@cache
def version() -> str:
    """Changes whenever the bundle does."""
    return hashlib.sha256(bundle().encode()).hexdigest()[:12]


@cache
def css() -> str:
    """The style sheet. The bundle carries it: `mount` puts it where the stage is."""
    return (_HERE / "stage.css").read_text("utf-8")


def _module(name: str) -> str:
    """The source of an ES module; `styles` is the style sheet as one."""
    if name == "styles":
        return f"export const styles = {json.dumps(css())};\n"
    return (_HERE / "js" / f"{name}.js").read_text("utf-8")
