"""Words as paths through a table of energies: the path of least energy by dynamic programming.

A path gives each window a letter or the gap. A letter stays for some windows, and between two
letters there is at least one gap, so that a path reads as one word and a word has many paths: the
path is the latent variable. F(x, y) is the least energy of the paths that read y, and the word
that is read is the one of least F (LeCun et al. 2006, sections 6 and 7; Viterbi 1967).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from core.config import ConfigError
from core.data.letters import ALPHABET

GAP = len(ALPHABET)
NEVER = 1e9  # the energy of what cannot be

Table = Float[Tensor, "batch windows 27"]
Path = Int[Tensor, "batch windows"]


def spell(words: Sequence[str]) -> tuple[Int[Tensor, "batch places"], Int[Tensor, " batch"]]:
    """Each word as gap, letter, gap, letter, …, gap, filled up with gaps; and how long it is."""
    lengths = torch.tensor([2 * len(word) + 1 for word in words])
    targets = torch.full((len(words), int(lengths.max())), GAP)
    for row, word in zip(targets, words, strict=True):
        row[1 : 2 * len(word) : 2] = torch.tensor([ALPHABET.index(letter) for letter in word])
    return targets, lengths


def align(energies: Table, words: Sequence[str]) -> tuple[Float[Tensor, " batch"], Path]:
    """F(x, y), and the classes along the path of least energy that reads the word.

    The path may begin and end with the gap or without. Raises ConfigError where a word needs more
    windows than there are.
    """
    targets, lengths, local = _along(energies, words)
    best = _begin(local)
    moves = []  # 1 where a place was reached from the one before it
    for at in range(1, local.shape[1]):
        stay, move = best, _shifted(best)
        moves.append(move < stay)
        best = local[:, at] + torch.minimum(stay, move)
    last = torch.stack([lengths - 2, lengths - 1], dim=1)
    energy, ends_on_gap = best.gather(1, last).min(dim=1)
    place = last.gather(1, ends_on_gap[:, None])[:, 0]
    path = [place]
    for moved in reversed(moves):
        place = place - moved.gather(1, place[:, None])[:, 0].long()
        path.append(place)
    return energy, targets.gather(1, torch.stack(path[::-1], dim=1))


def free_energy(energies: Table, words: Sequence[str], beta: float) -> Float[Tensor, " batch"]:
    """F_β(x, y) = −1/β log Σ exp(−β E), over all paths that read the word."""
    _, lengths, local = _along(energies, words)
    total = _begin(local)
    for at in range(1, local.shape[1]):
        both = torch.stack([total, _shifted(total)])
        total = local[:, at] + _softmin(both, beta, 0)
    ends = total.gather(1, torch.stack([lengths - 2, lengths - 1], dim=1))
    return _softmin(ends, beta, 1)


def decode(energies: Table) -> tuple[Float[Tensor, " batch"], Path]:
    """The least energy of all paths of all words, and the classes along that path."""
    local = energies.permute(1, 2, 0).contiguous()  # long rows make short work
    best, moves = local[0], []
    for window in local[1:]:
        best, stays, before_gap = advance(best, window)
        moves.append((stays, before_gap))
    energy, label = best.min(dim=0)
    path = [label]
    for stays, before_gap in reversed(moves):
        at_letter = label != GAP
        stayed = stays.gather(0, label.clamp(max=GAP - 1)[None])[0]
        label = torch.where(at_letter, torch.where(stayed, label, GAP), before_gap)
        path.append(label)
    return energy, torch.stack(path[::-1], dim=1)


def advance(
    best: Float[Tensor, "27 batch"], local: Float[Tensor, "27 batch"]
) -> tuple[Float[Tensor, "27 batch"], Bool[Tensor, "26 batch"], Int[Tensor, " batch"]]:
    """One window on: the least energy of a path to each class, and where it came from.

    A letter comes from itself, where it stays, or from the gap; the gap from any class.
    """
    letters, gap = best[:GAP], best[GAP]
    least, before_gap = best.min(dim=0)
    reached = torch.cat([torch.minimum(letters, gap), least[None]])
    return local + reached, letters <= gap, before_gap


def total_free_energy(energies: Table, beta: float) -> Float[Tensor, " batch"]:
    """F_β(x) = −1/β log Σ exp(−β E), over all paths of all words."""
    total = energies[:, 0]
    for at in range(1, energies.shape[1]):
        gap = total[:, GAP:].expand(-1, GAP)
        letters = _softmin(torch.stack([total[:, :GAP], gap]), beta, 0)
        total = energies[:, at] + torch.cat([letters, _softmin(total, beta, 1)[:, None]], dim=1)
    return _softmin(total, beta, 1)


def read(path: Path) -> list[str]:
    """The word that each path spells."""
    classes = path.cpu().numpy()
    begins = np.diff(classes, axis=1, prepend=GAP) != 0
    spelt = begins & (classes != GAP)
    letters = (classes[spelt] + ord("a")).astype(np.uint8).tobytes().decode("ascii")
    ends = np.cumsum(spelt.sum(axis=1)).tolist()
    return [letters[start:end] for start, end in pairwise([0, *ends])]


def energy_of(energies: Table, path: Path) -> Float[Tensor, " batch"]:
    """The sum of the energies along a path."""
    return energies.gather(2, path[:, :, None])[:, :, 0].sum(dim=1)


def _along(
    energies: Table, words: Sequence[str]
) -> tuple[Tensor, Tensor, Float[Tensor, "batch windows places"]]:
    """The words spelt, their lengths, and what each place of them costs in each window."""
    targets, lengths = (tensor.to(energies.device) for tensor in spell(words))
    windows = energies.shape[1]
    if (need := int(lengths.max()) - 2) > windows:
        raise ConfigError(
            f"A word of {need // 2 + 1} letters needs {need} windows and the picture has {windows};"
            " make it wider."
        )
    index = targets[:, None].expand(-1, windows, -1)
    return targets, lengths, energies.gather(2, index)


def _begin(local: Float[Tensor, "batch windows places"]) -> Float[Tensor, "batch places"]:
    """A path begins on the gap before the first letter, or on the first letter."""
    first = torch.full_like(local[:, 0], NEVER)
    first[:, :2] = local[:, 0, :2]
    return first


def _shifted(best: Float[Tensor, "batch places"]) -> Float[Tensor, "batch places"]:
    """At each place, the value of the place before it."""
    return torch.cat([torch.full_like(best[:, :1], NEVER), best[:, :-1]], dim=1)


def _softmin(values: Tensor, beta: float, dim: int) -> Tensor:
    return -torch.logsumexp(-beta * values, dim=dim) / beta
