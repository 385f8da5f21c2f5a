"""`python -m benchmarks [ROW]`: measure, compare with the bounds, write results.json.

Each row is a ratio against a peer measured in the same run, or a figure that people feel.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from benchmarks import (
    attacks,
    basins,
    convolution,
    denoising,
    drawing,
    hundred,
    interaction,
    language,
    reading,
    seeds,
    viewers,
    vision,
    watching,
)

RESULTS = Path(__file__).parent / "results.json"


@dataclass(frozen=True)
class Row:
    """A figure, what it must reach, if anything, and how it is measured."""

    name: str
    words: str
    bound: float | None
    measure: Callable[[], float]
    at_most: bool = False

    def holds(self, value: float) -> bool:
        """Whether the bound is kept."""
        if self.bound is None:
            return True
        return value <= self.bound if self.at_most else value >= self.bound


def _watched(threads: int, by: str) -> Callable[[], float]:
    return lambda: watching.ratios(threads)[by]


CORES = watching.all_cores()
ROWS = (
    Row("client_1_thread", "steps/s watched ÷ alone", 0.98, _watched(1, "client")),
    Row("client_all_threads", "steps/s watched ÷ alone", 0.93, _watched(CORES, "client")),
    Row(
        "browser_1_thread", "steps/s drawn by a compiled page ÷ alone", 0.95, _watched(1, "browser")
    ),
    Row(
        "browser_all_threads",
        "steps/s drawn by a compiled page ÷ alone",
        0.75,
        _watched(CORES, "browser"),
    ),
    Row("frames_drawn", "frames/s of 30 drawn in Chromium", 27, _watched(1, "drawn")),
    Row("memory", "steps/s of a loop with the memory of workers ÷ alone", None, watching.memory),
    Row("start", "s from Start to a moving frame", 0.3, interaction.start_seconds, at_most=True),
    Row("scrub", "positions/s drawn while scrubbing", 30, interaction.scrub_rate),
    Row("viewers", "frames/s of 10 for each of 200 viewers", 9.5, viewers.frames_per_second),
    Row("denoise_100", "DDPM steps/s ÷ diffusers, 100 points", 1.1, lambda: denoising.measure(100)),
    Row(
        "denoise_5000",
        "DDPM steps/s ÷ diffusers, 5,000 points",
        1.1,
        lambda: denoising.measure(5000),
    ),
    Row(
        "unet_sampling",
        "U-Net DDPM steps/s ÷ diffusers, as each comes",
        1.1,
        lambda: drawing.measure(same_precision=False),
    ),
    Row(
        "unet_loop",
        "the same, both in the same precision",
        None,
        lambda: drawing.measure(same_precision=True),
    ),
    Row("basins", "starts as a batch ÷ a Python loop", 200, basins.measure),
    Row("conv_loop", "NumPy conv, both ways ÷ a plain loop", 100, convolution.against_loop),
    Row("conv_torch", "NumPy conv, both ways: time ÷ PyTorch's", None, convolution.against_torch),
    Row(
        "hundred_32",
        "a hundred nets as a batch ÷ one by one, width 32",
        hundred.BOUND,
        lambda: hundred.measure(32),
    ),
    Row(
        "hundred_256",
        "a hundred nets as a batch ÷ one by one, width 256",
        hundred.BOUND,
        lambda: hundred.measure(256),
    ),
    Row("fgsm", "FGSM images/s ÷ torchattacks", 1.0, lambda: attacks.measure("fgsm")),
    Row("pgd", "PGD-10 images/s ÷ torchattacks", 1.0, lambda: attacks.measure("pgd")),
    Row("attack_sweep", "images/s for ten ε ÷ torchattacks", 1.2, attacks.sweep),
    Row("seeds_64", "five nets together ÷ in turn, batch 64", 2.5, lambda: seeds.measure("64")),
    Row("seeds_full", "the same, all points at once", 1.5, lambda: seeds.measure("full")),
    Row("augment", "pictures/s in batches ÷ torchvision from PIL", 10, vision.pipeline),
    Row("reading", "words read, 1,000 at once ÷ a loop in plain Python", 50, reading.measure),
    Row("inside", "steps/s of a CNN with 30 looks inside/s ÷ without", 0.97, vision.looking_inside),
    Row("writing", "tokens/s with KV cache ÷ transformers' generate", 2.5, language.writing),
    Row("capture", "texts/s with attention brought out ÷ without", 0.9, language.capture),
    Row(
        "inside_language",
        "steps/s of language models with 30 looks inside/s ÷ without",
        0.97,
        language.looking_inside,
    ),
    Row(
        "client_cnn",
        "steps/s of a CNN watched ÷ alone",
        0.97,
        lambda: watching.ratios(1, watching.CNN)["client"],
    ),
    Row(
        "images_watched",
        "steps/s of a U-Net watched, 70 samples in each frame ÷ alone",
        0.97,
        lambda: watching.ratios(1, watching.IMAGES, with_browser=False)["client"],
    ),
    Row(
        "browser_cnn",
        "the same, drawn by Chromium",
        0.95,
        lambda: watching.ratios(1, watching.CNN)["browser"],
    ),
)


def main(chosen: list[str]) -> int:
    """Measure the chosen rows, or all. The number of rows that fall short."""
    unknown = set(chosen) - {row.name for row in ROWS}
    if unknown:
        print(f"There is no row {', '.join(unknown)}; rows: {', '.join(r.name for r in ROWS)}")
        return 2
    results, short = {}, 0
    print(f"{platform.processor() or platform.machine()}, {CORES} cores, torch {torch.__version__}")
    for row in ROWS:
        if chosen and row.name not in chosen:
            continue
        value = row.measure()
        results[row.name] = {"value": value, "bound": row.bound, "holds": row.holds(value)}
        short += not row.holds(value)
        sign, verdict = "≤" if row.at_most else "≥", "" if row.holds(value) else "  FALLS SHORT"
        bound = "" if row.bound is None else f"{sign} {row.bound:g}"
        print(f"{row.name:20} {value:9.3f}  {bound:8} {row.words}{verdict}", flush=True)
    machine = {"cores": os.cpu_count(), "torch": torch.__version__, "rows": results}
    RESULTS.write_text(json.dumps(machine, indent=2) + "\n")
    return short


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
