"""The board of Push-T: the T, its goal, how much of the goal it covers, what a policy is told.

The measures are those of the task's demonstrations (Chi et al. 2023; Florence et al. 2021): 512
pixels a side, y downwards as on a screen. A pose is the pusher's x and y, the block's x and y, and
its angle in radians; the block's place is the middle of the upper edge of its bar.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

SIDE = 512.0  # pixels
RADIUS = 15.0  # of the pusher
WALL = (5.0, 506.0)  # where the middles of the walls are, 2 thick to either side
BAR = ((-60.0, 0.0), (60.0, 0.0), (60.0, 30.0), (-60.0, 30.0))
STEM = ((-15.0, 30.0), (15.0, 30.0), (15.0, 120.0), (-15.0, 120.0))
OUTLINE = (*BAR[:3], *STEM[1:], STEM[0], BAR[3])  # the T's eight corners, once around
GOAL = (256.0, 256.0, math.pi / 4)  # x, y, angle
ENOUGH = 0.95  # coverage at which the task counts as done
OBSERVED = 2 + 2 * len(OUTLINE)  # numbers in an observation

Polygon = list[tuple[float, float]]


def placed(
    shape: tuple[tuple[float, float], ...], x: float, y: float, angle: float
) -> list[tuple[float, float]]:
    """A shape of the block where the block lies."""
    cos, sin = math.cos(angle), math.sin(angle)
    return [(x + cos * u - sin * v, y + sin * u + cos * v) for u, v in shape]


def coverage(x: float, y: float, angle: float) -> float:
    """Share of the goal that a block lying there covers, from 0 to 1.

    Bar and stem do not overlap, so that the area in common is the sum over the pairs.
    """
    common = sum(
        area(clip(placed(mine, x, y, angle), placed(goal, *GOAL)))
        for mine in (BAR, STEM)
        for goal in (BAR, STEM)
    )
    return min(common / (area(list(BAR)) + area(list(STEM))), 1.0)


def score(covered: float) -> float:
    """The task's score: coverage over what is enough, at most 1."""
    return min(covered / ENOUGH, 1.0)


def clip(polygon: Polygon, window: Polygon) -> Polygon:
    """The part of a polygon inside a convex one that runs as `BAR` does (Sutherland-Hodgman)."""
    for (ax, ay), (bx, by) in zip(window, window[1:] + window[:1], strict=True):
        sides = [(bx - ax) * (y - ay) - (by - ay) * (x - ax) for x, y in polygon]
        kept: Polygon = []
        for i, ((x, y), side) in enumerate(zip(polygon, sides, strict=True)):
            (fx, fy), before = polygon[i - 1], sides[i - 1]
            if (side < 0) != (before < 0):  # the edge to this corner crosses the window's
                part = before / (before - side)
                kept.append((fx + part * (x - fx), fy + part * (y - fy)))
            if side >= 0:
                kept.append((x, y))
        polygon = kept
    return polygon


def area(polygon: Polygon) -> float:
    """Of a polygon that does not cross itself: the shoelace formula."""
    ahead = polygon[1:] + polygon[:1]
    return abs(sum(x * v - u * y for (x, y), (u, v) in zip(polygon, ahead, strict=True))) / 2


def corners(pose: Float[np.ndarray, "*batch 5"]) -> Float[np.ndarray, "*batch 8 2"]:
    """The T's corners in pixels, once around."""
    cos, sin = np.cos(pose[..., 4]), np.sin(pose[..., 4])
    turn = np.stack([cos, sin, -sin, cos], axis=-1).reshape(*cos.shape, 2, 2)
    return np.asarray(np.array(OUTLINE) @ turn + pose[..., None, 2:4])


def observe(pose: Float[np.ndarray, "*batch 5"]) -> Float[Tensor, "*batch 18"]:
    """What a policy is told: the pusher and the T's corners, each from −1 to 1 over the board.

    Corners say the angle without a jump at 2π, and in the unit in which actions are given.
    """
    at = corners(pose).reshape(*pose.shape[:-1], -1)
    return normalise(torch.from_numpy(np.concatenate([pose[..., :2], at], axis=-1)).float())


def normalise(pixels: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """From 0 to 512 pixels to −1 to 1."""
    return pixels / (SIDE / 2) - 1


def to_pixels(normalised: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """From −1 to 1 to pixels: the inverse of `normalise`."""
    return (normalised + 1) * (SIDE / 2)


def mirror(points: Float[np.ndarray, "*batch 2"]) -> Float[np.ndarray, "*batch 2"]:
    """Across the goal's own axis of symmetry, which maps board and goal to themselves."""
    return SIDE - points[..., ::-1]


def mirror_pose(pose: Float[np.ndarray, "*batch 5"]) -> Float[np.ndarray, "*batch 5"]:
    """The same of a pose; the T is its own mirror image."""
    turned = math.pi / 2 - pose[..., 4:]
    return np.concatenate([mirror(pose[..., :2]), mirror(pose[..., 2:4]), turned], axis=-1)
