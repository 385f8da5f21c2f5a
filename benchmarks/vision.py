"""Pictures: augmentation in batches against PIL one by one, and what it costs to look inside.

Both pipelines mirror, shift by up to four pixels with reflected edges, and jitter brightness,
contrast and saturation; both give float pixels from 0 to 1. All of it runs on one thread and is
timed in that thread's own seconds, so that what else the machine does meets nobody.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import torch
from PIL import Image
from torchvision.transforms import v2

from core.config import generator
from core.data.augmentation import Augmentation
from core.data.cifar import load
from core.experiments.vision.cnn_inside import CNNInside

SHIFT, JITTER, BATCH, ROUNDS = 4, 0.2, 128, 7
FRAMES = 30.0  # a second
TURNS = 80


def pipeline() -> float:
    """Pictures/s in batches ÷ pictures/s by torchvision from PIL images; medians over rounds."""
    torch.set_num_threads(1)
    source = generator(0)
    images = load("train").images
    decoded = [Image.fromarray(image.permute(1, 2, 0).numpy()) for image in images[:BATCH]]
    theirs = v2.Compose(
        [
            v2.RandomHorizontalFlip(),
            v2.RandomCrop(32, padding=SHIFT, padding_mode="reflect"),
            v2.ColorJitter(JITTER, JITTER, JITTER),
            v2.PILToTensor(),
            v2.ToDtype(torch.float32, scale=True),
        ]
    )
    augmentation = Augmentation(flip=True, shift=SHIFT, jitter=JITTER)

    def ours() -> object:
        index = torch.randint(len(images), (BATCH,), generator=source)
        return augmentation(images[index], source)

    def by_one() -> object:
        return torch.stack([theirs(image) for image in decoded])

    rounds = [(_rate(by_one, 0.3), _rate(ours, 0.3)) for _ in range(ROUNDS)]
    print(
        ", ".join(
            f"{BATCH * statistics.median(r):,.0f} pictures/s" for r in zip(*rounds, strict=True)
        )
    )
    return statistics.median(mine / other for other, mine in rounds)


def looking_inside() -> float:
    """Seconds of a training step ÷ with filters, maps and norms taken 30 times a second.

    A step after a look, a step after a step and a look take turns and are timed each by itself:
    processors change their speed by more than a look costs. Medians over the turns.
    """
    torch.set_num_threads(1)
    training = CNNInside(CNNInside.Config(epochs=500))  # it must not end
    turns = []
    for _ in range(TURNS):
        after_look, after_step = _seconds(training.step), _seconds(training.step)
        turns.append((after_look, after_step, _seconds(training.picture)))
    after_look, alone, look = (statistics.median(column) for column in zip(*turns[2:], strict=True))
    print(", ".join(f"{1e3 * seconds:.1f} ms" for seconds in (alone, after_look, look)))
    share: float = alone / (after_look + min(1.0, FRAMES * alone) * look)
    return share


def _seconds(run: Callable[[], object]) -> float:
    began = time.process_time()
    run()
    return time.process_time() - began


def _rate(run: Callable[[], object], seconds: float) -> float:
    """How often a second."""
    times, began = 0, time.process_time()
    while (spent := time.process_time() - began) < seconds:
        run()
        times += 1
    return times / spent
