"""A net in NumPy and the same net in PyTorch, trained side by side."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from jaxtyping import Float
from torch.nn import functional

from core import state
from core.nets.layers import MSE, SGD, Sequential, build_twin


class Twins:
    """Both have the same start and see the same batches, and both compute in float64."""

    def __init__(self, net: Sequential, momentum: float) -> None:
        self.net, self.twin = net, build_twin(net)
        self.criterion = MSE()
        self.sgd = SGD(net, 0.0, momentum)  # the rates are set before every epoch
        self.twin_sgd = torch.optim.SGD(self.twin.parameters(), 0.0, momentum)

    def train(
        self, x: Float[np.ndarray, "batch inputs"], y: Float[np.ndarray, "batch outputs"]
    ) -> float:
        """Forward, loss, backward, update; the loss."""
        loss = self.criterion.forward(self.net.forward(x), y)
        self.net.backward(self.criterion.backward())
        self.sgd.step()
        return loss

    def train_twin(
        self, x: Float[np.ndarray, "batch inputs"], y: Float[np.ndarray, "batch outputs"]
    ) -> None:
        """The same by PyTorch's autograd."""
        self.twin_sgd.zero_grad()
        functional.mse_loss(self.twin(torch.from_numpy(x)), torch.from_numpy(y)).backward()
        self.twin_sgd.step()

    def predict_twin(
        self, x: Float[np.ndarray, "points inputs"]
    ) -> Float[np.ndarray, "points outputs"]:
        """Forward by PyTorch."""
        with torch.no_grad():
            predicted: np.ndarray = self.twin(torch.from_numpy(x)).numpy()
        return predicted

    def set_rates(self, learning_rate: float, weight_decay: float) -> None:
        """Of both optimisers."""
        self.sgd.learning_rate, self.sgd.weight_decay = learning_rate, weight_decay
        for group in self.twin_sgd.param_groups:
            group["lr"], group["weight_decay"] = learning_rate, weight_decay

    def gradient_norms(self) -> Float[np.ndarray, " weights"]:
        """|∂L/∂W| of each layer with weights, from the net's last backward."""
        weights = (grad for name, grad in self.net.gradients.items() if name.endswith("weight"))
        return np.array([np.linalg.norm(gradient) for gradient in weights])

    def parts(self) -> Mapping[str, state.Part]:
        """Both nets and both optimisers."""
        parameters, velocity = self.net.parameters, self.sgd.velocity
        return (
            {f"net.{name}": torch.from_numpy(array) for name, array in parameters.items()}
            | {f"velocity.{name}": torch.from_numpy(array) for name, array in velocity.items()}
            | {"twin": self.twin, "twin_sgd": self.twin_sgd}
        )
