"""Push-T as somebody did it: where pusher and block were, and where the pusher was sent.

The public set has 206 demonstrations by hand, 25,650 steps at 10 Hz (Chi et al. 2023, MIT). It is
fetched once, in an archive of 31 MB that holds pictures too; what ships are rollouts of the policy
that learnt from it.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.request import urlopen
from zipfile import BadZipFile, ZipFile

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from core import assets
from core.config import ConfigError
from core.data import files, own
from core.data.files import Arrays
from core.robot.board import SIDE, mirror, mirror_pose, normalise, observe

ROLLOUTS = assets.ASSETS / "data" / "pusht_rollouts" / "rollouts.npz"
PUBLIC = Path("local", "pusht", "pusht_lowdim.npz")  # in GLASSBOX_DATA
SOURCES = {
    "rollouts": "rollouts of the shipped policy, made here",
    "public": "206 demonstrations by hand (Chi et al. 2023)",
}
URL = "https://diffusion-policy.cs.columbia.edu/data/training/pusht.zip"
GROUP = "pusht/pusht_cchi_v7_replay.zarr"  # in that archive
ARRAYS = {"state": "data/state", "action": "data/action", "episode_ends": "meta/episode_ends"}
MOST_NUMBERS = 10**6  # of an array
EVERY = 10  # of the demonstrations one is for validation
LEAST, MOST = 10, 1_000  # demonstrations
SHORTEST, LONGEST = 2, 2_000  # steps of one
OUTSIDE = 100.0  # pixels beyond the board that are still believed


@dataclass(frozen=True)
class Demonstration:
    """One of them, as it was recorded: at `pose` t the pusher was sent to `target` t, in pixels."""

    poses: Float[np.ndarray, "steps 5"]
    targets: Float[np.ndarray, "steps 2"]


@dataclass(frozen=True)
class Windows:
    """What was observed before each step, and what was then done: from −1 to 1 over the board."""

    observed: Float[Tensor, "windows observed"]  # the observations before and now, end to end
    actions: Float[Tensor, "windows horizon 2"]

    def __len__(self) -> int:
        return len(self.actions)

    def to(self, device: torch.device) -> Windows:
        """The same on a device."""
        return Windows(self.observed.to(device), self.actions.to(device))

    def take(self, index: Int[Tensor, " some"]) -> Windows:
        """Some of them."""
        return Windows(self.observed[index], self.actions[index])


def load(name: str) -> tuple[Demonstration, ...]:
    """ "rollouts", "public", or the key of an upload. Raises ConfigError where there are none."""
    if name == "rollouts":
        return _check(files.read_npz(assets.read(ROLLOUTS)))
    return _public() if name == "public" else _own(name)


def source(name: str) -> str:
    """What a page says of them."""
    return SOURCES.get(name, "demonstrations of your own")


def keep_demonstrations(raw: bytes, filename: str) -> str:
    """Check a visitor's .npz or .pt file and keep it; the key under which `load` finds it."""
    arrays = files.read(raw, filename)
    _check(arrays)
    return own.keep({name: arrays[name] for name in ("state", "action", "episode_ends")})


def split(
    demonstrations: tuple[Demonstration, ...],
) -> tuple[tuple[Demonstration, ...], tuple[Demonstration, ...]]:
    """To learn from, and for validation."""
    held_out = demonstrations[::EVERY]
    return tuple(d for i, d in enumerate(demonstrations) if i % EVERY), held_out


def windows(
    demonstrations: tuple[Demonstration, ...], horizon: int, *, mirrored: bool = False
) -> Windows:
    """Every step of every demonstration with the actions that follow, the last one repeated.

    Before the first observation it is taken for what it was. With `mirrored`, each demonstration is
    there a second time, mirrored: its task is then the same.
    """
    observed, actions = [], []
    for one in demonstrations:
        for flip in (False, True)[: 1 + mirrored]:
            poses = mirror_pose(one.poses) if flip else one.poses
            targets = mirror(one.targets) if flip else one.targets
            seen = observe(poses)
            before = torch.cat([seen[:1], seen[:-1]])
            observed.append(torch.cat([before, seen], dim=1))
            steps = np.arange(len(targets))[:, None] + np.arange(horizon)
            following = targets[steps.clip(max=len(targets) - 1)]
            actions.append(normalise(torch.from_numpy(following).float()))
    return Windows(torch.cat(observed), torch.cat(actions))


def _public() -> tuple[Demonstration, ...]:
    path = Path(os.environ.get("GLASSBOX_DATA", ""), PUBLIC)
    here = "GLASSBOX_DATA" in os.environ and path.is_file()
    return _check(files.read_npz((path if here else _fetched()).read_bytes()))


def _fetched() -> Path:
    """What is needed of the archive, in the user's cache, where it is fetched to once."""
    home = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"), "glassbox")
    path = home / PUBLIC.name
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        # Fetched aside and moved, so that no reader ever sees half a file.
        with tempfile.TemporaryDirectory(dir=home) as aside:
            archive, kept = Path(aside, "pusht.zip"), Path(aside, PUBLIC.name)
            try:
                with urlopen(URL, timeout=60) as stream:
                    archive.write_bytes(stream.read())
                arrays = _unzarr(archive)
            except (OSError, BadZipFile, ValueError):
                raise ConfigError(
                    "The public demonstrations could not be fetched; take the shipped rollouts, or"
                    f" put them into GLASSBOX_DATA as {PUBLIC}."
                ) from None
            _check(arrays)
            np.savez_compressed(kept, allow_pickle=False, **arrays)
            kept.replace(path)
    return path


def _unzarr(archive: Path) -> Arrays:
    """The arrays of a zipped zarr group. Raises OSError or ValueError where they are not there."""
    import zarr  # slow to import, rarely needed

    folder, arrays = archive.parent, {}
    with ZipFile(archive) as zipped:
        for name, place in ARRAYS.items():
            inside = f"{GROUP}/{place}/"
            zipped.extractall(folder, [n for n in zipped.namelist() if n.startswith(inside)])
            array = zarr.open_array(folder / inside, mode="r")
            if array.size > MOST_NUMBERS:
                raise ValueError(f"{place} is too large")
            arrays[name] = np.asarray(array[:])
    return arrays


@lru_cache(maxsize=4)
def _own(key: str) -> tuple[Demonstration, ...]:
    """Remembered, so that a run does not lose its data when old uploads go."""
    arrays = own.load(key)
    if "episode_ends" not in arrays:
        raise ConfigError("These own data are no demonstrations; upload a file of them.")
    return _check(arrays)


def _check(arrays: Arrays) -> tuple[Demonstration, ...]:
    """Arrays as Chi et al. name them, taken apart into demonstrations."""
    missing = [name for name in ("state", "action", "episode_ends") if name not in arrays]
    if missing:
        raise ConfigError(
            f"The file has no array “{missing[0]}”; give state (steps, 5), action (steps, 2) and"
            " episode_ends, the step after each demonstration's last."
        )
    state, action = (own.numbers(arrays[name], name) for name in ("state", "action"))
    ends = own.numbers(arrays["episode_ends"], "episode_ends")
    if state.ndim != 2 or state.shape[1] != 5 or action.shape != (len(state), 2):
        raise ConfigError(
            f"“state” is {own.shape_of(state)} and “action” {own.shape_of(action)}; make them"
            " steps × 5 and steps × 2."
        )
    lengths = np.diff(ends, prepend=0) if ends.ndim == 1 else np.zeros(1)
    if not LEAST <= len(lengths) <= MOST or ends[-1] != len(state) or (ends % 1).any():
        raise ConfigError(
            f"“episode_ends” does not fit; give from {LEAST} to {MOST:,} whole numbers, the last"
            f" of them {len(state):,}, the number of steps."
        )
    if lengths.min() < SHORTEST or lengths.max() > LONGEST:
        raise ConfigError(
            f"A demonstration has {lengths.min():.0f} or {lengths.max():.0f} steps; keep those of"
            f" {SHORTEST} to {LONGEST:,}."
        )
    places = np.concatenate([state[:, :4], action], axis=1)
    if places.min() < -OUTSIDE or places.max() > SIDE + OUTSIDE:
        raise ConfigError(f"Some places are off the board; give pixels from 0 to {SIDE:.0f}.")
    cuts = ends[:-1].astype(int)
    both = zip(np.split(state, cuts), np.split(action, cuts), strict=True)
    return tuple(Demonstration(poses, targets) for poses, targets in both)
