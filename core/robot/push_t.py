"""The physics of Push-T, on pymunk: from a state and a target, the state a tenth of a second later.

The pusher is a disc that nothing can stop; it is pulled towards its target as by a spring with
brakes, the PD control of Chi et al. (2023). The block slides without inertia (all speed is lost
between two contacts) and, as in the published demonstrations, without friction at its sides.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pymunk
from jaxtyping import Float

from core.config import ConfigError, generator
from core.robot.board import BAR, RADIUS, SIDE, STEM, WALL

CONTROL_HZ, SIMULATION_HZ = 10, 100
STIFFNESS, BRAKE = 100.0, 20.0  # k_p and k_v
FAR = 1e4  # pixels

# A pose (5), then the speeds of its entries (5); the block's are of its centre of gravity.
State = Float[np.ndarray, "10"]


class _Board(NamedTuple):
    space: pymunk.Space
    pusher: pymunk.Body
    block: pymunk.Body


def at_rest(pose: Float[np.ndarray, "5"]) -> State:
    """The state in which nothing moves. Raises ConfigError where something is off the board."""
    if not np.isfinite(pose).all() or (pose[:4] < 0).any() or (pose[:4] > SIDE).any():
        raise ConfigError(
            f"Pusher and block start on the board; give x and y from 0 to {SIDE:.0f}."
        )
    return np.concatenate([pose, np.zeros(5)])


def starts(count: int, seed: int) -> Float[np.ndarray, "count 10"]:
    """States at rest, spread as the task's are: the pusher up to the rim, the block less far."""
    source = np.random.default_rng(generator(seed).initial_seed())
    low, high = (50, 50, 100, 100, -np.pi), (450, 450, 400, 400, np.pi)
    return np.stack([at_rest(pose) for pose in source.uniform(low, high, (count, 5))])


def step(state: State, target: Float[np.ndarray, "2"]) -> State:
    """A control tick: the pusher makes for `target`, in pixels, or for `FAR` if that is farther.

    Where the target is no number, it stays where it is.

    The space is made anew from the state alone, so that a restored state goes on like any other;
    the solver then starts each tick without its memory of contacts, which moves no block by more
    than a small part of a pixel.
    """
    board = _board(state)
    pusher, dt = board.pusher, 1 / SIMULATION_HZ
    reachable = np.where(np.isnan(target), state[:2], target).clip(-FAR, FAR)
    goal = pymunk.Vec2d(*reachable.tolist())
    for _ in range(SIMULATION_HZ // CONTROL_HZ):
        pull = STIFFNESS * (goal - pusher.position) - BRAKE * pusher.velocity
        pusher.velocity += pull * dt
        board.space.step(dt)
    return _read(board)


def _board(state: State) -> _Board:
    space = pymunk.Space()
    space.damping = 0  # what is not pushed stands still
    near, far = WALL
    rim = [(near, near), (far, near), (far, far), (near, far)]
    for a, b in zip(rim, rim[1:] + rim[:1], strict=True):
        space.add(pymunk.Segment(space.static_body, a, b, 2))

    x, y, block_x, block_y, angle, vx, vy, block_vx, block_vy, turning = state.tolist()
    pusher = pymunk.Body(body_type=pymunk.Body.KINEMATIC)
    pusher.position, pusher.velocity = (x, y), (vx, vy)
    space.add(pusher, pymunk.Circle(pusher, RADIUS))

    # Both boxes weigh 1, and the body twice the bar's inertia: so the task has it.
    block = pymunk.Body(1, 2 * pymunk.moment_for_poly(1, BAR))
    boxes = [pymunk.Poly(block, box) for box in (BAR, STEM)]
    block.center_of_gravity = (boxes[0].center_of_gravity + boxes[1].center_of_gravity) / 2
    block.angle = angle  # before the position, for it turns the block about its centre of gravity
    block.position = block_x, block_y
    block.velocity, block.angular_velocity = (block_vx, block_vy), turning
    space.add(block, *boxes)
    return _Board(space, pusher, block)


def _read(board: _Board) -> State:
    _, pusher, block = board
    return np.array(
        [
            *pusher.position,
            *block.position,
            block.angle,
            *pusher.velocity,
            *block.velocity,
            block.angular_velocity,
        ]
    )
