"""Five networks of the regression page as one batch against the same five one after another.

Both start from the same weights and see the same points in the same order, so they end in the same
place: the weights of the loop are compared with those of the batch.
"""

from __future__ import annotations

import time
from typing import Literal

import torch
from torch import nn
from torch.nn.functional import mse_loss

from core.config import generator
from core.experiments.foundations.regression_curve import MEMBERS, POINTS, RegressionCurve
from core.nets.ensemble import member
from core.nets.mlp import mlp

UPDATES = 300
ROUNDS = 5


def measure(batch_size: Literal["64", "full"]) -> float:
    """Time of the runs one after another ÷ time of the batch, each the best of five rounds."""
    torch.set_num_threads(1)
    config = RegressionCurve.Config(batch_size=batch_size)
    epochs = UPDATES * config.batch_of(POINTS) // POINTS
    rounds = [_times(config, epochs) for _ in range(ROUNDS)]
    batch = min(batch for batch, _ in rounds)
    loop = min(loop for _, loop in rounds)
    print(f"batches of {batch_size}: one after another {loop:.2f} s, together {batch:.2f} s")
    return loop / batch


def _times(config: RegressionCurve.Config, epochs: int) -> tuple[float, float]:
    """Seconds that the batch and the loop take."""
    together = RegressionCurve(config)
    began = time.perf_counter()
    for _ in range(epochs):
        together.train()
    batch = time.perf_counter() - began

    began = time.perf_counter()
    nets = [_alone(together, k, epochs) for k in range(MEMBERS)]
    loop = time.perf_counter() - began

    for k, net in enumerate(nets):
        for a, b in zip(net.parameters(), member(together.net, k).parameters(), strict=True):
            assert torch.allclose(a, b, atol=0.05), "the two went different ways"
    return batch, loop


def _alone(together: RegressionCurve, k: int, epochs: int) -> nn.Sequential:
    """One network, trained as one would write it."""
    config, x, y = together.config, together.x, together.y
    source = generator(config.seed + 1 + k)
    net = mlp((1, config.width, config.width, 1), source)
    optimiser = torch.optim.AdamW(net.parameters(), config.learning_rate)
    for _ in range(epochs):
        order = torch.randperm(len(x), generator=source)
        for rows in order.split(config.batch_of(len(x))):
            loss = mse_loss(net(x[rows]), y[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return net


if __name__ == "__main__":
    print(f"{measure('64'):.1f} and {measure('full'):.1f} times faster")
