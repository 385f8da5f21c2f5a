"""How far the gradient reaches back through untrained cells, as their initial scale grows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from core import state
from core.config import generator, setting
from core.experiment import CPU, Experiment, Pictures, Scalars, finite, to_array
from core.nets.cells import LABELS, CellName, build
from core.nets.cells.settings import CellSettings, count
from core.probes.memory import clear, reach, told

INPUTS = 8
SEQUENCES = 2
LEAST, MOST = -8.0, 8.0  # powers of ten on the map: what is beyond is shown as these
MOST_K = 12
NAMES = tuple(LABELS)


class RecurrentReach(Experiment):
    """One step is one initial scale, for all six cells."""

    class Config(CellSettings):
        """Settings of the sweep."""

        length: int = setting(
            40, label="Length", ge=2, le=200, unit="steps", help="Of the sequences of noise."
        )
        scale: float = setting(
            2.0, label="Initial scale up to", ge=0.1, le=4, help="The sweep begins near 0."
        )
        scales: int = setting(
            60, label="Steps", ge=2, le=500, scale="log", help="Scales from 0 up to it."
        )

    SMOKE = Config(width=3, length=5, scales=8)
    config: Config

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        self.total = config.scales
        noise = torch.randn(SEQUENCES, config.length, INPUTS, generator=generator(config.seed + 1))
        self.x = noise.to(device)
        self.norms = torch.full((len(NAMES), config.length), torch.nan)
        self.map = torch.full((config.length, config.scales), torch.nan)

    def step(self) -> Scalars | None:
        """‖∂h_T/∂h_s‖ of all cells at the next scale; scalars: that from the first step on."""
        if self.steps == self.total:
            return None
        scale = self.scale_at(self.steps + 1)
        for row, name in enumerate(NAMES):
            self.norms[row].copy_(self.reach(name, scale))
        self.map[:, self.steps].copy_(self.norms[NAMES.index(self.config.cell)])
        self.steps += 1
        return {name: float(self.norms[row, -1]) for row, name in enumerate(NAMES)}

    def scale_at(self, step: int) -> float:
        """Evenly from 0, which is left out, to the largest."""
        return self.config.scale * step / self.config.scales

    def reach(self, name: CellName, scale: float) -> Tensor:
        """By distance; of an LSTM the stronger of h and c."""
        c, source = self.config, generator(self.config.seed)
        cell = build(name, INPUTS, c.width, source, scale, k=c.k, tied=c.tied).to(self.device)
        parts = range(len(cell.start(1)) if name == "lstm" else 1)
        return torch.stack([reach(cell, self.x, part) for part in parts]).amax(dim=0)

    def picture(self) -> Pictures:
        """What there is at this scale, and for the chosen cell at all so far.

        rnn, lstm, …: (time,), norms by distance; map: (time, scales), log10 for the chosen cell
        at_scale: (1,), the scale
        """
        powers = self.map.double().log10().clamp(LEAST, MOST)
        return {
            **dict(zip(NAMES, map(clear, self.norms), strict=True)),
            "map": finite(to_array(powers)),
            "at_scale": np.array([self.scale_at(self.steps)], dtype=np.float32),
        }

    def backdrop(self) -> Pictures:
        """Distances, the map's extent and range; parameters of every cell by k.

        distance: (time,); extent: (4,); powers: (2,); ks: (12,); size.rnn, …: (12,)
        """
        ks = range(1, MOST_K + 1)
        sizes = {f"size.{name}": [self.size(name) for _ in ks] for name in NAMES}
        sizes["size.attention"] = [self.size("attention", k) for k in ks]
        return {
            "distance": np.arange(self.config.length, dtype=np.float32),
            "extent": np.array(
                [0, self.config.scale, -0.5, self.config.length - 0.5], dtype=np.float32
            ),
            "powers": np.array([LEAST, MOST], dtype=np.float32),
            "ks": np.array(ks, dtype=np.float32),
            **{key: np.array(values, dtype=np.float32) for key, values in sizes.items()},
        }

    def size(self, name: CellName, k: int = 1) -> int:
        """How many parameters a cell of this width has; AttentionRNN(k) with matrices untied."""
        return count(build(name, INPUTS, self.config.width, generator(0), k=k))

    def words(self) -> str:
        """How much of the first state is left in the last, cell by cell."""
        if not self.steps:
            return f"{len(NAMES)} cells before training; the initial scale will grow step by step."
        left = [
            f"{LABELS[name]} {told(norm)}"
            for name, norm in zip(NAMES, self.norms[:, -1].tolist(), strict=True)
        ]
        return (
            f"At scale {self.scale_at(self.steps):.2f}, ‖∂hₜ/∂hₛ‖ over "
            f"{self.config.length - 1} steps is: {', '.join(left)}."
        )

    def provenance(self) -> Mapping[str, str]:
        """What is read, and by what."""
        return {
            "data": f"noise, {SEQUENCES} sequences of {INPUTS} inputs",
            "weights": f"untrained, seed {self.config.seed}",
        }

    def parts(self) -> Mapping[str, state.Part]:
        """What was found so far."""
        return {"norms": self.norms, "map": self.map}
