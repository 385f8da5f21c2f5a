"""Many boards at once, each in the hands of a policy until it has done its task."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int

from core.robot.board import ENOUGH, coverage, to_pixels
from core.robot.policy import HORIZON, Policy, seen
from core.robot.push_t import step


@dataclass(frozen=True)
class Rollouts:
    """What happened on each board; after its last tick a board stays as it is."""

    poses: Float[np.ndarray, "boards ticks1 5"]
    targets: Float[np.ndarray, "boards ticks 2"]
    covered: Float[np.ndarray, "boards ticks1"]
    ticks: Int[np.ndarray, " boards"]  # until it was done, or time was up


def roll_out(
    policy: Policy,
    states: Float[np.ndarray, "boards 10"],
    source: torch.Generator,
    ticks: int = 300,
    chunk: int = 8,
    steps: int = 10,
) -> Rollouts:
    """Plan by `steps` of DDIM, do `chunk` actions of the plan, and plan again."""
    boards, device = len(states), policy.device
    states = states.copy()
    poses = np.repeat(states[:, None, :5], ticks + 1, axis=1)
    targets = np.zeros((boards, ticks, 2))
    covered = np.zeros((boards, ticks + 1))
    covered[:, 0] = [coverage(*pose[2:]) for pose in poses[:, 0].tolist()]
    until = np.full(boards, ticks)
    plans = np.zeros((boards, HORIZON, 2))
    for tick in range(ticks):
        if not (going := np.flatnonzero(until > tick)).size:
            break
        if tick % chunk == 0:
            observed = seen(poses[going, max(tick - 1, 0)], poses[going, tick]).to(device)
            noise = torch.randn(boards, HORIZON, 2, generator=source)[going].to(device)
            plans[going] = to_pixels(policy.plan(noise, observed, steps)).cpu().numpy()
        for board in going.tolist():
            targets[board, tick] = plans[board, tick % chunk]
            states[board] = step(states[board], targets[board, tick])
            poses[board, tick + 1 :] = states[board, :5]
            covered[board, tick + 1 :] = coverage(*states[board, 2:5].tolist())
            if covered[board, tick + 1] >= ENOUGH:
                until[board] = tick + 1
    return Rollouts(poses, targets, covered, until)
