"""The echo task: say each letter again, a fixed number of steps after it was heard."""

from __future__ import annotations

from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import one_hot

SILENT = -1  # target where there is nothing to say yet


class Echoes(NamedTuple):
    """Letters (n, time), the delay (n,) of each sequence, and what is to be said (n, time)."""

    letters: Int[Tensor, "n time"]
    delays: Int[Tensor, " n"]
    target: Int[Tensor, "n time"]


def echoes(
    n: int, time: int, alphabet: int, delay: int, variable: bool, source: torch.Generator
) -> Echoes:
    """Sequences of letters drawn alike; with `variable`, delays drawn from 0 to `delay`.

    The target at step t is the letter of step t − delay, and SILENT for the first `delay` steps.
    """
    letters = torch.randint(alphabet, (n, time), generator=source)
    delays = torch.full((n,), delay)
    if variable:
        delays = torch.randint(delay + 1, (n,), generator=source)
    heard = torch.arange(time) - delays[:, None]
    target = torch.where(heard < 0, SILENT, letters.gather(1, heard.clamp(min=0)))
    return Echoes(letters, delays, target)


def encode(echo: Echoes, alphabet: int, delays: int) -> Float[Tensor, "n time inputs"]:
    """Each letter as one of `alphabet` inputs; beside it, at every step, the delay as one of
    `delays` (0 of them where all sequences have the same).
    """
    letters = one_hot(echo.letters, alphabet).float()
    if not delays:
        return letters
    wanted = one_hot(echo.delays, delays).float()[:, None].expand(-1, letters.shape[1], -1)
    return torch.cat([letters, wanted], dim=2)
