"""Pictures to take a style from, painted here by rule and a seeded generator; public domain."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from PIL import Image, ImageDraw
from scipy.spatial import KDTree

from core.data.pictures import Pixels

Painting = Literal["swirls", "glass", "hatching"]
PAINTINGS: dict[Painting, str] = {
    "swirls": "swirling strokes",
    "glass": "stained glass",
    "hatching": "ink hatching",
}
SIDE = 384  # pixels
NIGHT = ((18, 32, 84), (32, 70, 150), (66, 120, 190), (140, 180, 200), (240, 205, 90))
GLASS = (
    (178, 34, 34),
    (24, 60, 140),
    (236, 178, 40),
    (30, 120, 80),
    (110, 40, 120),
    (230, 110, 40),
)
PAPER, INK = (240, 230, 208), (38, 30, 34)


def paint(name: Painting) -> Pixels:
    """One of `PAINTINGS`, `SIDE` × `SIDE`; the same at every call."""
    canvas = Image.new("RGB", (SIDE, SIDE), PAPER)
    brush = {"swirls": _swirls, "glass": _glass, "hatching": _hatching}[name]
    return np.array(brush(canvas, np.random.default_rng(7)))


def _swirls(canvas: Image.Image, source: np.random.Generator) -> Image.Image:
    """Short thick strokes along the flow around a few whirls; light ones near their middles."""
    whirls = source.uniform(0.1, 0.9, (6, 2)) * SIDE
    draw = ImageDraw.Draw(canvas)
    canvas.paste(NIGHT[0], (0, 0, SIDE, SIDE))
    for x, y in source.uniform(-10, SIDE + 10, (7000, 2)):
        away = whirls - (x, y)
        squares = (away**2).sum(axis=1)
        flow = (away[:, ::-1] * (1, -1) / (squares[:, None] + 400)).sum(axis=0)
        angle = math.atan2(flow[1], flow[0])
        light = 3.6 * math.exp(-math.sqrt(squares.min()) / 45) + source.normal(0.8, 0.6)
        colour = np.array(NIGHT[int(np.clip(round(light), 0, len(NIGHT) - 1))])
        shade = np.clip(colour + source.normal(0, 12, 3), 0, 255).astype(int)
        reach = source.uniform(5, 12)
        bend = angle + 0.25
        points = [
            (x - reach * math.cos(angle), y - reach * math.sin(angle)),
            (x, y),
            (x + reach * math.cos(bend), y + reach * math.sin(bend)),
        ]
        draw.line(points, tuple(shade.tolist()), width=int(source.integers(3, 6)), joint="curve")
    return canvas


def _glass(canvas: Image.Image, source: np.random.Generator) -> Image.Image:
    """Cells of one colour each, the points nearest to a centre, between lines of lead."""
    centres = source.uniform(0, SIDE, (170, 2))
    colours = np.array(GLASS)[source.integers(0, len(GLASS), len(centres))]
    colours = np.clip(colours + source.normal(0, 18, colours.shape), 0, 255)
    places = np.indices((SIDE, SIDE)).transpose(1, 2, 0)
    away, nearest = KDTree(centres).query(places, k=2)
    glow = 1.12 - 0.3 * away[..., :1] / away[..., 0].max()
    cells = np.clip(colours[nearest[..., 0]] * glow, 0, 255)
    lead = away[..., 1:] - away[..., :1] < 3.5
    return Image.fromarray(np.where(lead, 22, cells).astype(np.uint8))


def _hatching(canvas: Image.Image, source: np.random.Generator) -> Image.Image:
    """Thin ink lines on paper, in two directions where the drawing is dark."""
    draw = ImageDraw.Draw(canvas)
    middles = source.uniform(0, SIDE, (9, 2))
    for x, y in source.uniform(0, SIDE, (5200, 2)):
        dark = math.sin(np.hypot(x - middles[:, 0], y - middles[:, 1]).min() / 13)
        for angle, least in ((0.8, -0.4), (2.3, 0.45)):
            if dark > least + source.normal(0, 0.15):
                reach = source.uniform(4, 10)
                tilt = angle + source.normal(0, 0.08)
                step = np.array((math.cos(tilt), math.sin(tilt))) * reach
                draw.line((x - step[0], y - step[1], x + step[0], y + step[1]), INK, width=1)
    return canvas
