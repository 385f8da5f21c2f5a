"""One experiment being drained: what it has left behind, and how to get back into its past.

A frame is made only when somebody asked for one or the timeline keeps it, so watching
costs training little. States are kept at step counts too, so that a run can be rewound exactly.
"""

from __future__ import annotations

import json
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import safetensors.torch
from safetensors import SafetensorError
from torch import Tensor
from torch.nn import Module

from core.checkpoints import CHECKPOINT
from core.config import Config, ConfigError, choose_device, use_threads
from core.experiment import Experiment, Scalars
from core.experiments import find
from core.frames import Timeline, encode_backdrop, shoot

FRAMES_PER_SECOND = 30  # at most, for those who watch
ROWS_AT_ONCE = 512
FINEST = 1000  # the part of a run that a curve shows: fewer new rows can wait
SECONDS_BETWEEN_CHECKPOINTS = 5.0
FIRST_STATES = 16  # steps from one kept state to the next, before the stride grows
CHECKPOINT_SHARE = 0.003  # of the running time, at most, goes into automatic checkpoints
PAST = "past.safetensors"  # what a fork begins with
UNSAVED = (
    "This run cannot be saved now; perhaps the server's disk is full. It stays as it is, and is"
    " saved at its next step or pause, as soon as that is possible."
)
UNFORKED = (
    "This run could not be forked; perhaps the server's disk or memory is full. Try it later."
)


class Kind(bytes, Enum):
    """What a message to the server holds."""

    STATUS = b"J"  # JSON: status and message; or saved and message
    BACKDROP = b"B"
    RECORDED = b"R"  # a frame that the timeline keeps
    LIVE = b"F"  # a frame that somebody asked for
    BOTH = b"A"  # a frame that is both
    ROWS = b"S"  # JSON names, newline, float64 rows: step, then the scalars
    FORKED = b"K"  # JSON: key of the fork, at which step, and message where it failed


Send = Callable[[Kind, bytes], None]


class Session:
    """An experiment under way. Raises ConfigError for settings that cannot be used."""

    def __init__(
        self,
        send: Send,
        experiment: str,
        config: Mapping[str, Any],
        folder: str,
        resume: bool = False,
        max_steps: int = 10_000_000,
    ) -> None:
        self.send = send
        self.kind = find(experiment)
        self.config = self.kind.Config.parse(config)
        self.threads = use_threads(self.config.threads)
        self.device = choose_device(self.config.device)
        self.folder = Path(folder)
        self.checkpoint = self.folder / CHECKPOINT
        self.max_steps = max_steps
        self.history = [(0, self.config)]  # since which step which settings held
        self.timeline = Timeline[bytes]()
        self.states = Timeline[dict[str, Tensor]](32, 192 * 2**20, FIRST_STATES, _bytes_of)
        self.frames_wanted = 0
        self.next_frame = 0.0  # when the next of them is due
        self.shot: tuple[int, bytes] | None = None  # the last frame and its step
        self.scalars: Scalars = {}
        self.rows: list[list[Any]] = []
        self.saved, self.next_save = -1, time.monotonic() + SECONDS_BETWEEN_CHECKPOINTS
        self.experiment = self.kind(self.config, self.device)
        if resume:
            self._resume()
        else:
            self.checkpoint.unlink(missing_ok=True)

    def open(self) -> None:
        """Send what stays the same, and the first frame."""
        about = {**self.experiment.provenance(), "device": self._device_in_words()}
        if self.experiment.total is not None:
            about["total"] = str(self.experiment.total)
        self.send(Kind.BACKDROP, encode_backdrop(self.experiment.backdrop(), about))
        if self.step == 0 and (initial := self.experiment.initial()):
            self.scalars = initial
            self.rows.append([0, *initial.values()])
        self._send_frame(Kind.BOTH if self._keep() else Kind.LIVE)

    @property
    def step(self) -> int:
        """Finished steps."""
        return self.experiment.steps

    def advance(self) -> bool:
        """One step, and whatever is due after it. False when the experiment is finished."""
        if self.step >= self.max_steps or (scalars := self.experiment.step()) is None:
            return False
        self.scalars = scalars
        self.rows.append([self.step, *scalars.values()])
        kept, now = self._keep(), time.monotonic()
        if self.frames_wanted and now >= self.next_frame:
            self._send_frame(Kind.BOTH if kept else Kind.LIVE)
        elif kept:
            self._send_frame(Kind.RECORDED)
        if len(self.rows) >= ROWS_AT_ONCE:
            self.send_rows()
        if now > self.next_save:
            self.save()
        return True

    def show(self) -> None:
        """Send the frame of this step, and all rows up to it."""
        self.send_rows()
        self._send_frame(Kind.LIVE)

    def set(self, config: Mapping[str, Any]) -> None:
        """Change live settings from the next step on."""
        self.config = self.experiment.config = self.kind.Config.parse(config)
        self.history.append((self.step, self.config))
        self.shot = None  # a picture may depend on settings that are live

    def rewind(self, step: int) -> None:
        """Go back to a step of this run: from the nearest earlier state, replayed exactly."""
        if not 0 <= step < self.step:
            return
        self.experiment, self.scalars = self._past(step)
        self.experiment.config = self.config
        self.history = [*self._history_to(step), (step, self.config)]
        self.timeline.cut(after=step)
        self.states.cut(after=step)
        self.rows = [row for row in self.rows if row[0] <= step]
        self.shot = None

    def fork(self, step: int, folder: str) -> str:
        """Write what this run was at a step into another's folder; it goes on itself.

        A sentence where that failed.
        """
        try:
            experiment = self._past(step)[0] if step < self.step else self.experiment
        except ConfigError as error:  # the data that it began with have gone
            return str(error)
        except Exception:
            traceback.print_exc()
            return UNFORKED
        return "" if self._write(experiment, Path(folder) / PAST) else UNFORKED

    def save(self) -> str:
        """Write the checkpoint; a crash leaves the previous one. A sentence where that failed."""
        if self.saved == self.step:
            return ""
        began = time.monotonic()
        trouble = ""
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)  # temporary folders get tidied away
        if self._write(self.experiment, self.checkpoint):
            self.saved = self.step
        else:
            trouble = UNSAVED
            if not self.checkpoint.exists():
                self.saved = -1
        now = time.monotonic()
        self.next_save = now + max(SECONDS_BETWEEN_CHECKPOINTS, (now - began) / CHECKPOINT_SHARE)
        saved = {"saved": max(0, self.saved), "message": trouble}
        self.send(Kind.STATUS, json.dumps(saved).encode())
        return trouble

    def _write(self, experiment: Experiment, checkpoint: Path) -> bool:
        """Write this experiment, now or as it was, as a checkpoint; whether that worked."""
        modules = [name for name, part in experiment.parts().items() if isinstance(part, Module)]
        history = self._history_to(experiment.steps)
        metadata = {
            "experiment": experiment.name(),
            "config": self._settings_at(experiment.steps).model_dump_json(),
            "modules": json.dumps(modules),
            "history": json.dumps([(at, old.model_dump(mode="json")) for at, old in history]),
        }
        unfinished = checkpoint.with_suffix(".part")
        try:
            safetensors.torch.save_file(experiment.state_dict(), unfinished, metadata)
            unfinished.replace(checkpoint)
        except (OSError, SafetensorError):
            return False
        return True

    def _past(self, step: int) -> tuple[Experiment, Scalars]:
        """The experiment as it was at an earlier step: the nearest state kept, replayed exactly."""
        experiment = self.kind(self.history[0][1], self.device)
        scalars = experiment.initial()
        if kept := [at for at in self.states.frames if at < step]:  # one step tells the scalars
            experiment.load_state_dict(self.states.frames[max(kept)])
        while experiment.steps < step:
            experiment.config = self._settings_at(experiment.steps)
            scalars = experiment.step() or {}
        return experiment, scalars

    def _history_to(self, step: int) -> list[tuple[int, Config]]:
        return [(at, settings) for at, settings in self.history if at <= step]

    def _resume(self) -> None:
        """Go on from the checkpoint, knowing which settings held before it."""
        if not self.checkpoint.exists():
            raise ConfigError("What this run had saved is no longer here; begin it anew.")
        with safetensors.safe_open(self.checkpoint, "pt") as file:
            history = json.loads(file.metadata()["history"])
        self.experiment.load_state_dict(safetensors.torch.load_file(self.checkpoint))
        self.history = [(at, self.kind.Config.parse(values)) for at, values in history]
        if self.history[-1][1] != self.config:
            self.history.append((self.step, self.config))

    def _keep(self) -> bool:
        """Record state and frame where their histories want them; whether the frame was."""
        if self.states.wants(self.step):
            self.states.add(self.step, self.experiment.state_dict())
        if kept := self.timeline.wants(self.step):
            self.timeline.add(self.step, self._frame())
        return kept

    def _frame(self) -> bytes:
        """The frame of this step, made once."""
        if self.shot is None or self.shot[0] != self.step:
            self.shot = self.step, shoot(self.experiment, self.scalars)
        return self.shot[1]

    def _send_frame(self, kind: Kind) -> None:
        began = time.monotonic()
        frame = self._frame()  # made before, so that both messages come at once
        if FINEST * len(self.rows) >= self.step:
            self.send_rows()  # first, so that curves reach the step of the picture
        self.send(kind, frame)
        if kind is Kind.RECORDED:
            return
        now = time.monotonic()
        self.frames_wanted = max(0, self.frames_wanted - 1)
        # On average as many as are due; but a late one does not make the next ones hurry, and
        # pictures that cost much take half of the time at most.
        soonest = min(now, self.next_frame) + 1 / FRAMES_PER_SECOND
        self.next_frame = max(2 * now - began, soonest)

    def send_rows(self) -> None:
        """Send the rows that were not sent yet."""
        if self.rows:
            names = json.dumps(list(self.scalars)).encode()
            rows = np.array([[float(value) for value in row] for row in self.rows], np.float64)
            self.send(Kind.ROWS, names + b"\n" + rows.tobytes())
            self.rows.clear()

    def _settings_at(self, step: int) -> Any:
        return next(config for at, config in reversed(self.history) if at <= step)

    def _device_in_words(self) -> str:
        device = self.experiment.device
        if device.type != "cpu":
            return str(device)
        return f"cpu · {self.threads} thread{'s' * (self.threads > 1)}"


def _bytes_of(state: Mapping[str, Tensor]) -> int:
    return sum(tensor.nbytes for tensor in state.values())
