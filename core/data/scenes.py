"""Scenes that the project draws, with captions that it writes: shapes, colours, sizes, relations.

Each scene has all the captions that are true of it; a few of them are its references. What two
things a scene may show together differs between training and validation, so that no caption can be
learnt by heart.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
import torch
from jaxtyping import UInt8
from PIL import Image, ImageDraw
from torch import Tensor

from core.config import generator

SIDE = 32  # pixels
FINER = 3  # times as fine a scene is drawn
COLOURS = {
    "red": (214, 48, 42),
    "green": (52, 160, 72),
    "blue": (44, 98, 208),
    "yellow": (240, 206, 56),
    "purple": (142, 66, 178),
    "white": (246, 246, 242),
}
SHAPES = ("circle", "square", "triangle", "cross")
SIZES = {"small": 3.6, "large": 6.4}  # half of a shape's width, in pixels
NUMBERS = {2: "two", 3: "three"}
# How the first thing lies to the second, along x and y, in words from either's side.
RELATIONS = {
    "left of": (-1, 0, "right of"),
    "right of": (1, 0, "left of"),
    "above": (0, -1, "below"),
    "below": (0, 1, "above"),
}
REFERENCES = 5
EVERY = 5  # of the pairs of things one is for validation
Part = Literal["train", "validation", "test"]
SEEDS: dict[Part, int] = {"train": 0, "validation": 1, "test": 2}


@dataclass(frozen=True)
class Thing:
    """What is drawn."""

    size: str
    colour: str
    shape: str

    @property
    def number(self) -> int:
        """Of its colour and shape."""
        return list(COLOURS).index(self.colour) * len(SHAPES) + SHAPES.index(self.shape)

    @property
    def names(self) -> tuple[str, str]:
        """With its size and without."""
        return f"{self.size} {self.colour} {self.shape}", f"{self.colour} {self.shape}"


@dataclass(frozen=True)
class Scenes:
    """Pictures, some captions of each, and all that are true of it."""

    images: UInt8[Tensor, "scenes 3 side side"]
    captions: tuple[tuple[str, ...], ...]
    true: tuple[frozenset[str], ...]


@cache
def draw(part: Part, count: int) -> Scenes:
    """The first scenes of a part, drawn from one seeded source. Shared: change nothing."""
    painter = Painter(part)
    drawn = [painter.scene() for _ in range(count)]
    images = np.stack([image for image, _ in drawn])
    return Scenes(
        torch.from_numpy(images).permute(0, 3, 1, 2).contiguous(),
        tuple(painter.some(captions) for _, captions in drawn),
        tuple(frozenset(captions) for _, captions in drawn),
    )


class Painter:
    """Draws everything from one source."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.source = generator(SEEDS[part])

    def scene(self) -> tuple[np.ndarray, list[str]]:
        """A picture (side, side, 3) and its true captions: of one thing, a few alike, or two."""
        kind = self.upto(6)
        if kind == 0:
            thing = self.thing()
            return self.paint([(thing, self.near(16, 6), self.near(16, 6))]), of_one(thing)
        if kind == 1:
            return self.few(self.thing(small=True), 2 + self.upto(2))
        return self.two()

    def two(self) -> tuple[np.ndarray, list[str]]:
        """Two things, one beside or above the other."""
        while True:
            a, b = self.thing(), self.thing()
            held_out = (a.number + b.number) % EVERY == 0
            if a.names[1] != b.names[1] and held_out == (self.part != "train"):
                break
        name = list(RELATIONS)[self.upto(len(RELATIONS))]
        dx, dy, _ = RELATIONS[name]
        (ax, ay), (bx, by) = (
            (
                self.near(16 + sign * 8 * dx, 1.2 + abs(dy)),
                self.near(16 + sign * 8 * dy, 1.2 + abs(dx)),
            )
            for sign in (1, -1)
        )
        return self.paint([(a, ax, ay), (b, bx, by)]), of_two(a, b, name)

    def few(self, thing: Thing, count: int) -> tuple[np.ndarray, list[str]]:
        """Two or three alike, in a row or a column."""
        upright = self.upto(2) == 1
        step = 24 / count
        places = [
            (4 + step * (i + 0.5) + self.near(0, 0.8), self.near(16, 1.5)) for i in range(count)
        ]
        things = [(thing, y, x) if upright else (thing, x, y) for x, y in places]
        return self.paint(things), of_few(thing, count, upright)

    def thing(self, small: bool = False) -> Thing:
        """Any."""
        size = "small" if small else list(SIZES)[self.upto(len(SIZES))]
        return Thing(size, list(COLOURS)[self.upto(len(COLOURS))], SHAPES[self.upto(len(SHAPES))])

    def paint(self, things: list[tuple[Thing, float, float]]) -> np.ndarray:
        """Things about their middles, on a ground of grey with some grain."""
        ground = 40 + self.upto(80)
        tint = [max(0, ground + self.upto(25) - 12) for _ in range(3)]
        image = Image.new("RGB", 2 * (FINER * SIDE,), tuple(tint))
        pen = ImageDraw.Draw(image)
        for thing, x, y in things:
            half = SIZES[thing.size] * (0.9 + 0.2 * self.share())
            colour = tuple(max(0, min(255, c + self.upto(31) - 15)) for c in COLOURS[thing.colour])
            outline(pen, thing.shape, FINER * x, FINER * y, FINER * half, colour)
        small = np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BOX), np.float32)
        grain = 5 * torch.randn(SIDE, SIDE, 1, generator=self.source).numpy()
        made: np.ndarray = np.clip(small + grain, 0, 255).astype(np.uint8)
        return made

    def some(self, captions: list[str]) -> tuple[str, ...]:
        """A few of them, in a random order."""
        order = torch.randperm(len(captions), generator=self.source).tolist()
        return tuple(captions[i] for i in order[:REFERENCES])

    def upto(self, count: int) -> int:
        """A whole number from 0 to below `count`."""
        return int(torch.randint(count, (), generator=self.source))

    def share(self) -> float:
        """From 0 to 1."""
        return float(torch.rand((), generator=self.source))

    def near(self, middle: float, spread: float) -> float:
        """At most `spread` away."""
        return middle + spread * (2 * self.share() - 1)


def of_one(thing: Thing) -> list[str]:
    """All captions of a scene with one thing."""
    return [f"{start}a {name}" for name in thing.names for start in ("", "there is ", "just ")]


def of_few(thing: Thing, count: int, upright: bool) -> list[str]:
    """Of several alike."""
    lie = "in a column" if upright else "in a row"
    pair = "one above the other" if upright else "side by side"
    names = [name + ("es" if thing.shape == "cross" else "s") for name in thing.names]
    ends = [lie, pair] if count == 2 else [lie]
    return [
        f"{start}{NUMBERS[count]} {name} {end}"
        for name in names
        for start in ("", "there are ")
        for end in ends
    ]


def of_two(a: Thing, b: Thing, relation: str) -> list[str]:
    """Of two: told from either's side."""
    told = []
    for one, other, lies in ((a, b, relation), (b, a, RELATIONS[relation][2])):
        for first in one.names:
            for second in other.names:
                told += [
                    f"a {first} {lies} a {second}",
                    f"a {first} is {lies} a {second}",
                    f"there is a {first} {lies} a {second}",
                ]
    return told


def outline(
    pen: ImageDraw.ImageDraw, shape: str, x: float, y: float, half: float, fill: tuple[int, ...]
) -> None:
    """A shape about (x, y), `half` to each side."""
    colour = (fill[0], fill[1], fill[2])
    box = (x - half, y - half, x + half, y + half)
    match shape:
        case "circle":
            pen.ellipse(box, fill=colour)
        case "square":
            pen.rectangle(box, fill=colour)
        case "triangle":
            pen.polygon([(x, y - half), (x + half, y + half), (x - half, y + half)], fill=colour)
        case "cross":
            arm = half / 3
            pen.rectangle((x - arm, y - half, x + arm, y + half), fill=colour)
            pen.rectangle((x - half, y - arm, x + half, y + arm), fill=colour)
