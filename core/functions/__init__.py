"""Activations and losses by name, each with its derivative, equal to those of PyTorch."""

from __future__ import annotations

from typing import Literal

from core.functions.activations import ELU, GELU, LeakyReLU, ReLU, Sigmoid, Softplus, Tanh
from core.functions.function import Function
from core.functions.margins import (
    Exponential,
    Hinge,
    Logistic,
    Perceptron,
    Square,
    SquaredHinge,
    ZeroOne,
)

ActivationName = Literal["relu", "leaky_relu", "elu", "gelu", "softplus", "tanh", "sigmoid"]
MarginName = Literal[
    "zero_one", "perceptron", "hinge", "squared_hinge", "logistic", "exponential", "square"
]

ACTIVATIONS: dict[ActivationName, type[Function]] = {
    "relu": ReLU,
    "leaky_relu": LeakyReLU,
    "elu": ELU,
    "gelu": GELU,
    "softplus": Softplus,
    "tanh": Tanh,
    "sigmoid": Sigmoid,
}

MARGIN_LOSSES: dict[MarginName, type[Function]] = {
    "zero_one": ZeroOne,
    "perceptron": Perceptron,
    "hinge": Hinge,
    "squared_hinge": SquaredHinge,
    "logistic": Logistic,
    "exponential": Exponential,
    "square": Square,
}

__all__ = ["ACTIVATIONS", "MARGIN_LOSSES", "ActivationName", "Function", "MarginName"]
