"""Five networks of the regression page as one batch against the same five one after another.

Both start from the same weights and see the same points in the same order, so they end in the same
place: the weights of the loop are compared with those of the batch.
"""

from __future__ import annotations

import time

import torch
from torch.nn.functional import mse_loss

from core.config import generator
from core.experiments.foundations.regression_curve import MEMBERS, RegressionCurve
from core.nets.ensemble import member
from core.nets.mlp import mlp

CONFIG = RegressionCurve.Config()
EPOCHS = 300  # of one update each, all points at once
ROUNDS = 3


def measure() -> float:
    """Time of the runs one after another ÷ time of the batch, the median of three rounds."""
    torch.set_num_threads(1)
    return sorted(_ratio() for _ in range(ROUNDS))[ROUNDS // 2]


def _ratio() -> float:
    together = RegressionCurve(CONFIG)
    began = time.perf_counter()
    for _ in range(EPOCHS):
        together.train()
    batch = time.perf_counter() - began

    began = time.perf_counter()
    nets = [alone(together, k) for k in range(MEMBERS)]
    loop = time.perf_counter() - began

    for k, net in enumerate(nets):
        for a, b in zip(net.parameters(), member(together.net, k).parameters(), strict=True):
            assert torch.allclose(a, b, atol=0.05), "the two went different ways"
    print(f"five networks one after another {loop:.2f} s, as a batch {batch:.2f} s")
    return loop / batch


def alone(together: RegressionCurve, k: int, epochs: int = EPOCHS) -> torch.nn.Sequential:
    """One network, trained as one would write it."""
    source, x, y = generator(CONFIG.seed + 1 + k), together.x, together.y
    net = mlp((1, CONFIG.width, CONFIG.width, 1), source)
    optimiser = torch.optim.AdamW(net.parameters(), CONFIG.learning_rate)
    for _ in range(epochs):
        order = torch.randperm(len(x), generator=source)
        loss = mse_loss(net(x[order]), y[order])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return net


if __name__ == "__main__":
    print(f"{measure():.1f} times faster")
