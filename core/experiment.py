"""An experiment is an object that advances one step at a time and can say what there is to see.

Training, sampling, an attack, decoding a sentence, a robot's rollout: all of them are this.
An experiment knows no user interface and no clock, and draws random numbers only from
generators it owns, so that the same settings give the same run, watched or not.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from core import config, state

CPU = torch.device("cpu")
Pictures = Mapping[str, np.ndarray]
Scalars = Mapping[str, float | Tensor]  # 0-d tensors may stay on a GPU until somebody asks


class Experiment(ABC):
    """Base of all experiments. `steps` counts finished steps; live settings arrive in `config`."""

    Config: ClassVar[type[config.Config]]
    SMOKE: ClassVar[config.Config]  # over in a second: for tests

    config: Any  # an instance of Config; the worker replaces it when a live setting changes
    device: torch.device
    steps: int
    files: ClassVar[Mapping[str, str]] = {}  # what `file` can write: names, and words for a button
    total: int | None = None  # steps of a whole run, where that is known before

    def __init__(self, config: Any, device: torch.device = CPU) -> None:
        self.config = config
        self.device = device
        self.steps = 0

    @abstractmethod
    def step(self) -> Scalars | None:
        """Advance one step; its scalars, under the same names at every step. None: finished."""

    def initial(self) -> Scalars:
        """The scalars before the first step, as `step` names them; empty where there are none."""
        return {}

    @abstractmethod
    def picture(self) -> Pictures:
        """What there is to see now: arrays owned by the caller, float32, int32, uint8 or text.

        NaN stands where there is nothing to show yet; infinity never does.

        Called only when somebody is due a frame, so it may cost something, but it changes
        nothing and draws no random numbers: a watched run equals an unwatched one.
        """

    def backdrop(self) -> Pictures:
        """What stays the same throughout the run (data, contours): sent once, not per frame."""
        return {}

    def words(self) -> str:
        """One or two sentences on what there is to see now, with numbers."""
        return ""

    def provenance(self) -> Mapping[str, str]:
        """Which `data` and which `weights` this run uses, in a few words each."""
        return {}

    def file(self, name: str) -> bytes:
        """The contents of one of `files`, as things stand. Raises KeyError for other names."""
        raise KeyError(name)

    @abstractmethod
    def parts(self) -> Mapping[str, state.Part]:
        """Everything that changes from step to step: modules, optimisers, generators, tensors."""

    def state_dict(self) -> dict[str, Tensor]:
        """Everything to go on from here, as named tensors on the CPU, owned by the caller."""
        return state.pack(self.parts()) | {"steps": torch.tensor(self.steps)}

    def load_state_dict(self, saved: Mapping[str, Tensor]) -> None:
        """Go on from where `state_dict` was taken. Raises KeyError or RuntimeError on a misfit."""
        state.unpack(self.parts(), saved)
        self.steps = int(saved["steps"])

    @classmethod
    def name(cls) -> str:
        """The name under which `core.experiments.find` knows it: its module's."""
        return cls.__module__.rpartition(".")[2]


def to_array(tensor: Tensor) -> np.ndarray:
    """A copy for a picture: float32, int32 or uint8 on the CPU, sharing no memory with `tensor`."""
    if tensor.is_floating_point():
        dtype = torch.float32
    else:
        dtype = torch.uint8 if tensor.dtype is torch.uint8 else torch.int32
    return tensor.detach().to(CPU, dtype, copy=True).numpy()


def finite(array: np.ndarray) -> np.ndarray:
    """A float32 copy for a picture, with NaN for what is infinite, there or in float32."""
    with np.errstate(over="ignore"):
        small = array.astype(np.float32)
    if not (known := np.isfinite(small)).all():
        small[~known] = np.nan
    return small
