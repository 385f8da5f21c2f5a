"""An experiment's own files, made from a checkpoint when somebody asks for one.

`python -m core.files CHECKPOINT NAME` writes the file to standard output. A process of its own:
a large table keeps neither the run nor the server waiting.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import safetensors

from core.config import use_threads
from core.experiments import find


def file_of(checkpoint: Path, name: str) -> bytes:
    """The file of that name, as things stood at the checkpoint. Raises KeyError for other names."""
    with safetensors.safe_open(checkpoint, "pt") as saved:
        metadata = saved.metadata()
        # Now, since the run may write the next checkpoint, of other settings, at any moment.
        tensors = {key: saved.get_tensor(key) for key in saved.keys()}  # noqa: SIM118
    kind = find(metadata["experiment"])
    config = kind.Config.parse(json.loads(metadata["config"]))
    use_threads(config.threads)
    experiment = kind(config)
    experiment.load_state_dict(tensors)
    return experiment.file(name)


if __name__ == "__main__":
    sys.stdout.buffer.write(file_of(Path(sys.argv[1]), sys.argv[2]))
