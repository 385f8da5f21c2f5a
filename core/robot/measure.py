"""How well a policy does Push-T, from starts that nobody has shown it."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from core.config import generator
from core.robot.board import ENOUGH
from core.robot.policy import Policy
from core.robot.push_t import starts
from core.robot.rollouts import roll_out

BOARDS, TICKS = 20, 300
SEED = 2_000  # of the starts and of the noise


def measure(saved: Mapping[str, Tensor]) -> dict[str, float]:
    """Means over 20 starts: the best coverage within 30 seconds, the score, the share done."""
    policy = Policy.of(saved, torch.device("cpu"))
    tried = roll_out(policy, starts(BOARDS, SEED), generator(SEED), TICKS)
    best = tried.covered.max(axis=1)
    return {
        "coverage": float(best.mean()),
        "score": float((best / ENOUGH).clip(max=1).mean()),
        "done": float((best >= ENOUGH).mean()),
    }
