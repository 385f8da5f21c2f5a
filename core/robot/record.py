"""Demonstrations by the shipped policy: `python -m core.robot.record` makes those that ship.

A rollout is kept where it covered most of the goal, up to the moment of its best.
"""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import torch

from core import assets, checkpoints
from core.config import generator, use_threads
from core.data.demonstrations import ROLLOUTS
from core.robot.policy import Policy
from core.robot.push_t import starts
from core.robot.rollouts import roll_out

BOARDS, TICKS, SEED = 160, 300, 3_000
GOOD = 0.85  # coverage: as much as the demonstrators' least


def record(policy: Policy, boards: int = BOARDS, ticks: int = TICKS) -> dict[str, np.ndarray]:
    """Arrays named as those of the public set, in half precision: a quarter of a pixel."""
    made = roll_out(policy, starts(boards, SEED), generator(SEED), ticks)
    states, actions = [], []
    for poses, targets, covered in zip(made.poses, made.targets, made.covered, strict=True):
        if (until := int(covered.argmax())) > 1 and covered[until] >= GOOD:
            states.append(poses[:until])
            actions.append(targets[:until])
    state = np.concatenate(states)
    state[:, 4] %= 2 * np.pi
    return {
        "state": state.astype(np.float16),
        "action": np.concatenate(actions).astype(np.float16),
        "episode_ends": np.cumsum([len(poses) for poses in states]),
    }


def write(path: Path = ROLLOUTS) -> None:
    """The file and the note beside it."""
    arrays = record(Policy.of(checkpoints.shipped("policy"), torch.device("cpu")))
    packed = io.BytesIO()
    np.savez_compressed(packed, **arrays)  # type: ignore[arg-type]
    path.write_bytes(packed.getvalue())
    note = {
        "sha256": assets.sha256(packed.getvalue()),
        "licence": "MIT",
        "made_by": "python -m core.robot.record",
        "of": f"shipped weights policy, {BOARDS} starts,"
        f" the {len(arrays['episode_ends'])} that covered {GOOD:.0%} of the goal",
    }
    text = json.dumps({path.name: note}, indent=2, ensure_ascii=False)
    (path.parent / "manifest.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    use_threads(1)
    write()
