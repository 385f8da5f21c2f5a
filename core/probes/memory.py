"""How far a recurrent net remembers: the Jacobians of its last state by all states before.

∂h_T/∂h_s is the whole derivative, along all paths from h_s on. For a plain RNN it is the product
of ∂h_t/∂h_{t−1} = diag(1 − h_t²) U over t from T down to s + 1; its norm falls or grows
exponentially with T − s (Hochreiter 1991; Bengio et al. 1994).
"""

from __future__ import annotations

import math

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from core.experiment import finite, to_array
from core.nets.cells import Cell, unroll

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def jacobians(
    cell: Cell, x: Float[Tensor, "batch time inputs"], of: int = 0
) -> Float[Tensor, "time batch width width"]:
    """∂h_T/∂h_s for s = 1, …, T; with of = 1 by the second part of the state, the LSTM's c_s.

    Of one backward pass: each sequence is read `width` times, and of copy j only unit j is asked.
    """
    n, width = len(x), cell.width
    with torch.enable_grad():
        run = unroll(cell, x.repeat_interleave(width, dim=0))
        units = torch.eye(width, device=x.device, dtype=x.dtype).repeat(n, 1)
        asked = (run.states[-1][0] * units).sum()
        rows = torch.autograd.grad(
            asked, [s[of] for s in run.states], allow_unused=True, materialize_grads=True
        )
    stacked: Tensor = torch.stack(rows).unflatten(1, (n, width))
    return stacked.detach()


def reach(cell: Cell, x: Float[Tensor, "batch time inputs"], of: int = 0) -> Float[Tensor, " time"]:
    """‖∂h_T/∂h_s‖ by distance T − s = 0, 1, …: root mean square over sequences of the Frobenius
    norm by √width, which is 1 where each unit is handed on as it is.
    """
    squares: Tensor = jacobians(cell, x, of).square().sum(dim=(2, 3)).mean(dim=1) / cell.width
    return squares.sqrt().flip(0)


def clear(norms: Float[Tensor, " time"]) -> Float[np.ndarray, " time"]:
    """Norms for a log axis: NaN for 0, which has no place there."""
    shown = finite(to_array(norms))
    return np.where(shown > 0, shown, np.float32(np.nan))


def told(norm: float) -> str:
    """A norm in words: powers of ten where they are many."""
    if not math.isfinite(norm):
        return "beyond all numbers"
    if norm == 0 or 1e-3 <= norm < 100:
        return f"{norm:.2g}"
    digit, power = f"{norm:.0e}".split("e")
    return f"{digit}·10{str(int(power)).translate(RAISED)}"
