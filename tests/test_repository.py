"""What holds for the repository as a whole: who imports whom, what the documents promise."""

import ast
import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from core.experiments import every
from dashboard.catalog import CHAPTERS, ROOT

MAY_IMPORT = {
    "core": {"core"},
    "dashboard": {"core", "dashboard"},
    "pages": {"core", "dashboard", "pages"},
}
INTERFACES = {"streamlit", "plotly", "altair", "starlette", "uvicorn"}


def imports(path: Path) -> set[str]:
    """The packages that a file names in its imports, wherever they stand."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module.partition(".")[0])
    return found


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_dependencies_point_one_way(folder):
    ours = {"core", "dashboard", "pages", "tests", "benchmarks"}
    for path in (ROOT / folder).rglob("*.py"):
        found = imports(path)
        assert found & ours <= MAY_IMPORT[folder], path
        assert folder != "core" or not found & INTERFACES, path
        assert not found & {"pickle", "shelve", "marshal"}, path


def test_no_module_seeds_the_global_generators():
    for path in [*(ROOT / "core").rglob("*.py"), *(ROOT / "dashboard").rglob("*.py")]:
        text = path.read_text("utf-8")
        assert not re.search(r"torch\.manual_seed|np\.random\.(seed|rand|normal)", text), path


def test_every_page_of_the_catalogue_is_there_with_its_pictures():
    for entries in CHAPTERS.values():
        for entry in entries:
            assert entry.script.exists()
            assert entry.picture("light").exists()
            assert entry.picture("dark").exists()


def test_every_experiment_is_on_a_page():
    pages = "".join(path.read_text("utf-8") for path in (ROOT / "pages").rglob("*.py"))
    for kind in every():
        assert f'experiment="{kind.name()}"' in pages


def test_shipped_files_are_those_of_their_manifests():
    manifests = list((ROOT / "assets").rglob("manifest.json"))
    assert manifests
    for manifest in manifests:
        for name, note in json.loads(manifest.read_text("utf-8")).items():
            raw = (manifest.parent / name).read_bytes()
            assert hashlib.sha256(raw).hexdigest() == note["sha256"], name
            assert note["licence"], name


def test_what_ships_is_small():
    assets = ROOT / "assets"
    assert sum(path.stat().st_size for path in assets.rglob("*") if path.is_file()) < 60 * 10**6


def test_the_readmes_three_lines_run():
    code = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.S)
    assert code
    subprocess.run([sys.executable, "-c", code[1]], cwd=ROOT, check=True, capture_output=True)


def test_the_contributing_guides_experiment_and_page_run(tmp_path):
    guide = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    experiment, page = re.findall(r"```python\n(.*?)```", guide, re.S)
    (tmp_path / "coin.py").write_text(experiment)
    script = f"""
import importlib.util, sys
spec = importlib.util.spec_from_file_location("coin", {str(tmp_path / "coin.py")!r})
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
coin = module.Coin(module.Coin.SMOKE)
while coin.step():
    pass
assert coin.steps == 1000 and coin.picture()["count"].sum() == 1000
assert "heads in 1000" in coin.words() and coin.state_dict() and coin.provenance()
"""
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)
    assert "show(Lesson(" in page
    ast.parse(page)
