"""Trained weights: those that ship, those of a run here, and how the shipped ones were made.

`python -m core.checkpoints diffusion_2d` makes shipped weights anew and prints their figures;
`--device cuda` uses a GPU, `--folder` keeps them elsewhere.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

from core import assets
from core.config import Config, ConfigError, choose_device, is_key, use_threads
from core.experiments import find

WEIGHTS = assets.ASSETS / "weights"
CHECKPOINT = "checkpoint.safetensors"  # of a run, in its folder


def shipped(name: str) -> dict[str, Tensor]:
    """The tensors of shipped weights, those in half precision made float32.

    Raises AssetError where the file is not the shipped one.
    """
    return _whole(safetensors.torch.load(assets.read(WEIGHTS / f"{name}.safetensors")))


def about(name: str) -> dict[str, Any]:
    """What the manifest says of shipped weights: sum, data, rebuild command, figures."""
    return assets.manifest(WEIGHTS)[f"{name}.safetensors"]


def of_run(key: str) -> dict[str, Tensor]:
    """The last checkpoint of a run here. Raises ConfigError where there is none of that key."""
    if is_key(key):
        with suppress(FileNotFoundError, SafetensorError):
            return safetensors.torch.load((runs() / key / CHECKPOINT).read_bytes())
    raise ConfigError("These weights are no longer here; train again, or use the shipped ones.")


def runs() -> Path:
    """Where runs keep their checkpoints: GLASSBOX_FOLDER, or a folder among the temporary ones."""
    return Path(os.environ.get("GLASSBOX_FOLDER", Path(tempfile.gettempdir(), "glassbox", "runs")))


def rebuild(name: str, folder: Path = WEIGHTS, **changes: Any) -> dict[str, Any]:
    """Make weights anew, write them with their manifest, and return what it says.

    `changes` to the recipe's settings make a shorter run, or one on another device.
    """
    from core.recipes import RECIPES  # some are measured with shipped weights: a circle

    recipe = RECIPES[name]
    kind = find(recipe.experiment)
    config: Config = kind.Config.parse({**recipe.settings, "device": "cpu", **changes})
    use_threads(config.threads)
    experiment = kind(config, choose_device(config.device))
    while (scalars := experiment.step()) is not None:
        if experiment.steps % 250 == 0:
            said = ", ".join(f"{key} {float(value):.4f}" for key, value in scalars.items())
            print(f"step {experiment.steps:,}: {said}", flush=True)
    state = experiment.state_dict()
    saved = {key: state[key] for key in state if key.partition(".")[0] in recipe.keep}
    if recipe.half:
        saved = {k: v.half() if v.is_floating_point() else v for k, v in saved.items()}
    raw = safetensors.torch.save(saved)
    note = {
        "sha256": assets.sha256(raw),
        "licence": "MIT",
        "data": recipe.data,
        "made_by": f"python -m core.checkpoints {name}",
        "settings": config.query(),
        "torch": torch.__version__,
        "figures": {key: round(value, 4) for key, value in recipe.measure(_whole(saved)).items()},
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.safetensors").write_bytes(raw)
    path = folder / "manifest.json"
    notes = assets.manifest(folder) if path.exists() else {}
    notes[f"{name}.safetensors"] = note
    path.write_text(json.dumps(notes, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return note


def _whole(saved: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {k: v.float() if v.dtype is torch.float16 else v for k, v in saved.items()}


if __name__ == "__main__":
    from core.recipes import RECIPES

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=RECIPES)
    parser.add_argument("--device", default="cpu", choices=Config.options("device"))
    parser.add_argument("--folder", default=WEIGHTS, type=Path)
    given = parser.parse_args()
    note = rebuild(given.name, given.folder, device=given.device)
    print(json.dumps(note, indent=2, ensure_ascii=False))
