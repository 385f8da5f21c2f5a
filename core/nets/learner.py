"""A NumPy net that learns by Adam from all its data at once."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float

from core import state
from core.nets.layers import MSE, Sequential
from core.optim.adam import Adam

Batch = Float[np.ndarray, "batch _"]


class Learner:
    """A net and what Adam remembers of its gradients."""

    def __init__(self, net: Sequential) -> None:
        self.net, self.loss = net, MSE()
        start = Adam(learning_rate=0.0).start
        self.memory = {k: start(torch.from_numpy(p)) for k, p in net.parameters.items()}

    def learn(self, x: Batch, y: Batch, learning_rate: float) -> None:
        """One step of Adam on all points."""
        self.loss.forward(self.net.forward(x), y)
        self.net.backward(self.loss.backward())
        adam = Adam(learning_rate)
        for key, parameter in self.net.parameters.items():
            gradient = torch.from_numpy(self.net.gradients[key])
            moved, self.memory[key] = adam.step(
                torch.from_numpy(parameter), gradient, self.memory[key]
            )
            parameter[...] = moved.numpy()

    def parts(self) -> dict[str, state.Part]:
        """All that changes."""
        weights: dict[str, state.Part] = {
            key: torch.from_numpy(parameter) for key, parameter in self.net.parameters.items()
        }
        return weights | {
            f"{key}.{slot}": tensor
            for key, memory in self.memory.items()
            for slot, tensor in memory.items()
        }


def mse(net: Sequential, x: Batch, y: Batch) -> float:
    """The mean squared error of a net."""
    return MSE().forward(net.forward(x), y)
